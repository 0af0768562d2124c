#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"

namespace understudy::pgwire::internal {

// PostgreSQL's calendar (proleptic Gregorian, docs appendix B.7) and its numbers: microseconds and days since
// 2000-01-01. For the value_*.cpp files only.

inline constexpr std::int64_t kMicrosPerSecond = 1'000'000;
inline constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
inline constexpr std::int32_t kMaxZoneSeconds = 16 * 3600;  // MAX_TZDISP_HOUR and a part of an hour

// What the server can hold (datatype/timestamp.h): from Julian day 0, 4714-11-24 BC, to before 294277-01-01.
inline constexpr std::int64_t kMinTimestamp = -211'813'488'000'000'000;
inline constexpr std::int64_t kEndTimestamp = 9'223'371'331'200'000'000;

/// A date; year 0 is 1 BC.
struct CivilDate {
    std::int64_t year = 0;
    std::int64_t month = 0;
    std::int64_t day = 0;
};

std::int64_t days_from_civil(const CivilDate& date);
CivilDate civil_from_days(std::int64_t days);

/// "2024-01-15", without the era.
void append_civil_date(const CivilDate& date, Bytes& out);
/// "07:04:56.789"; hours may pass 24.
void append_clock(std::uint64_t micros, Bytes& out);
/// "+05:30", from seconds east of Greenwich.
void append_zone(std::int32_t seconds_east, Bytes& out);

/// Reads the parts of the ISO DateStyle as PostgreSQL writes them. Each function consumes what it
/// understood and returns false otherwise, after which the reader is of no more use.
class IsoReader {
public:
    explicit IsoReader(BytesView text) : rest_(text) {}

    bool date(CivilDate& date);
    /// Hours, minutes and seconds, with at least two digits for the hours and at most `max_hour_digits`.
    bool clock(std::size_t max_hour_digits, std::uint64_t& micros);
    bool zone(std::int32_t& seconds_east);
    /// The era of `date`, " BC" or nothing; false when the year then known has no such day.
    bool era(CivilDate& date);
    bool literal(BytesView text);
    /// Decimal digits, as many as there are, at least `min` and at most `max`.
    bool number(std::size_t min, std::size_t max, std::int64_t& value);
    [[nodiscard]] bool at_end() const { return rest_.empty(); }

private:
    BytesView rest_;
};

}  // namespace understudy::pgwire::internal
