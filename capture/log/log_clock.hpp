#pragma once

#include <cstdint>
#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"

namespace understudy::capture {

/// Reads the times of a log: "2026-03-01 12:00:00.123 CET" (%m; %t without milliseconds), or seconds since 1970 (%n).
/// Zones are those abbreviations that PostgreSQL's default set gives one meaning, and offsets such as "+03" or
/// "-03:30", as servers write where a zone has no abbreviation.
class LogClock {
public:
    /// `unknown_zone_east`: seconds east of Greenwich for a zone that is not known.
    explicit LogClock(std::int32_t unknown_zone_east = 0) : unknown_zone_east_(unknown_zone_east) {}

    /// Nothing for a text that is no time.
    std::optional<Timestamp> read(BytesView text);
    /// %n: "1772366400.123".
    std::optional<Timestamp> read_epoch(BytesView text);

    [[nodiscard]] std::uint64_t unknown_zones() const { return unknown_zones_; }
    /// How far a time that was read may be off: a millisecond, a second where none has a fraction, 14 hours where a
    /// zone was not known.
    [[nodiscard]] Duration uncertainty() const;

private:
    std::int32_t unknown_zone_east_;
    std::uint64_t unknown_zones_ = 0;
    bool saw_fraction_ = false;
    bool saw_whole_second_ = false;
    // Entries come in bursts of the same second and zone.
    char last_second_[19] = {};
    std::int64_t last_seconds_ = 0;
    Bytes last_zone_;
    std::optional<std::int32_t> last_zone_east_;
    bool zone_read_ = false;
};

/// Length of the "2026-03-01 12:00:00[.123] ZONE" that `text` begins with; 0 when it does not.
std::size_t log_time_length(BytesView text);

}  // namespace understudy::capture
