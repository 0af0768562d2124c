#include <limits>

#include "core/base/byte_reader.hpp"
#include "core/pgwire/civil_time.hpp"
#include "core/pgwire/value_internal.hpp"

namespace understudy::pgwire::internal {
namespace {

constexpr std::int64_t kMinDate = -2'451'545;     // Julian day 0
constexpr std::int64_t kEndDate = 2'145'031'949;  // DATE_END_JULIAN, before 5874898-06-04
constexpr std::uint64_t kDayMicros = kMicrosPerDay;

bool is_infinity_text(BytesView text) { return text == "infinity" || text == "-infinity"; }

/// The text of the two infinities, which are the integer's limits; whether `value` is one.
template <class Integer>
bool append_infinity(Integer value, Bytes& out) {
    if (value == std::numeric_limits<Integer>::max()) {
        out.append("infinity");
    } else if (value == std::numeric_limits<Integer>::min()) {
        out.append("-infinity");
    } else {
        return false;
    }
    return true;
}

void append_instant(std::int64_t micros, BytesView zone, Bytes& out) {
    std::int64_t days = micros / kMicrosPerDay;
    std::int64_t in_day = micros % kMicrosPerDay;
    if (in_day < 0) {
        in_day += kMicrosPerDay;
        --days;
    }
    const CivilDate date = civil_from_days(days);
    append_civil_date(date, out);
    out.push_back(' ');
    append_clock(static_cast<std::uint64_t>(in_day), out);
    out.append(zone);
    if (date.year <= 0) out.append(" BC");
}

bool append_binary_instant(BytesView binary, BytesView zone, Bytes& out) {
    ByteReader reader(binary);
    const auto micros = static_cast<std::int64_t>(reader.u64());
    if (!reader.ok() || !reader.at_end()) return false;
    if (append_infinity(micros, out)) return true;
    if (micros < kMinTimestamp || micros >= kEndTimestamp) return false;
    append_instant(micros, zone, out);
    return true;
}

bool read_date_and_clock(IsoReader& reader, CivilDate& date, std::uint64_t& in_day) {
    return reader.date(date) && reader.literal(" ") && reader.clock(2, in_day) && in_day < kDayMicros;
}

bool ends_in_utc(IsoReader reader) { return reader.literal("+00") && (reader.at_end() || reader.literal(" BC")); }

}  // namespace

bool append_date(BytesView binary, Bytes& out) {
    ByteReader reader(binary);
    const std::int32_t days = reader.i32();
    if (!reader.ok() || !reader.at_end()) return false;
    if (append_infinity(days, out)) return true;
    if (days < kMinDate || days >= kEndDate) return false;
    const CivilDate date = civil_from_days(days);
    append_civil_date(date, out);
    if (date.year <= 0) out.append(" BC");
    return true;
}

bool append_time(BytesView binary, Bytes& out) {
    ByteReader reader(binary);
    const std::uint64_t micros = reader.u64();
    if (!reader.ok() || !reader.at_end() || micros > kDayMicros) return false;
    append_clock(micros, out);
    return true;
}

bool append_timetz(BytesView binary, Bytes& out) {
    ByteReader reader(binary);
    const std::uint64_t micros = reader.u64();
    const std::int32_t seconds_west = reader.i32();
    if (!reader.ok() || !reader.at_end() || micros > kDayMicros) return false;
    if (seconds_west <= -kMaxZoneSeconds || seconds_west >= kMaxZoneSeconds) return false;
    append_clock(micros, out);
    append_zone(-seconds_west, out);
    return true;
}

bool append_timestamp(BytesView binary, Bytes& out) { return append_binary_instant(binary, "", out); }

bool append_timestamptz(BytesView binary, Bytes& out) { return append_binary_instant(binary, "+00", out); }

bool is_date_text(BytesView text) {
    if (is_infinity_text(text)) return true;
    IsoReader reader(text);
    CivilDate date;
    return reader.date(date) && reader.era(date) && reader.at_end();
}

bool is_time_text(BytesView text) {
    IsoReader reader(text);
    std::uint64_t micros = 0;
    return reader.clock(2, micros) && micros <= kDayMicros && reader.at_end();
}

bool is_timetz_text(BytesView text) {
    IsoReader reader(text);
    std::uint64_t micros = 0;
    std::int32_t zone = 0;
    return reader.clock(2, micros) && micros <= kDayMicros && reader.zone(zone) && reader.at_end();
}

bool is_timestamp_text(BytesView text) {
    if (is_infinity_text(text)) return true;
    IsoReader reader(text);
    CivilDate date;
    std::uint64_t in_day = 0;
    return read_date_and_clock(reader, date, in_day) && reader.era(date) && reader.at_end();
}

bool timestamptz_in_utc(BytesView text, Bytes& scratch, BytesView& in_utc) {
    in_utc = text;
    if (is_infinity_text(text)) return true;
    IsoReader reader(text);
    CivilDate date;
    std::uint64_t in_day = 0;
    std::int32_t seconds_east = 0;
    if (!read_date_and_clock(reader, date, in_day)) return false;
    const bool already = ends_in_utc(reader);
    if (!reader.zone(seconds_east) || !reader.era(date) || !reader.at_end()) return false;
    if (already) return true;
    const std::int64_t days = days_from_civil(date);
    // One day more on either side than there are, for the local time of the first and the last instant.
    if (days < kMinTimestamp / kMicrosPerDay - 1 || days > kEndTimestamp / kMicrosPerDay) return false;
    const std::int64_t micros =
        days * kMicrosPerDay + (static_cast<std::int64_t>(in_day) - seconds_east * kMicrosPerSecond);
    if (micros < kMinTimestamp || micros >= kEndTimestamp) return false;
    scratch.clear();
    append_instant(micros, "+00", scratch);
    in_utc = scratch;
    return true;
}

}  // namespace understudy::pgwire::internal
