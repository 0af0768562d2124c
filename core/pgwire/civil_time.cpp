#include "core/pgwire/civil_time.hpp"

#include <array>
#include <charconv>

namespace understudy::pgwire::internal {
namespace {

constexpr std::int64_t kEpochDays = 730'425;       // from 0000-03-01 to 2000-01-01
constexpr std::int64_t kDaysPerEra = 146'097;      // 400 years
constexpr std::int64_t kMaxHours = 2'562'047'788;  // of an interval, whose microseconds have 64 bits

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

void append_padded(std::uint64_t value, std::size_t width, Bytes& out) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    const auto size = static_cast<std::size_t>(end - digits.data());
    if (size < width) out.append(width - size, '0');
    out.append(digits.data(), size);
}

std::int64_t days_in_month(const CivilDate& date) {
    if (date.month == 2) {
        const bool leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);
        return leap ? 29 : 28;
    }
    return date.month == 4 || date.month == 6 || date.month == 9 || date.month == 11 ? 30 : 31;
}

}  // namespace

// Both after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March.
std::int64_t days_from_civil(const CivilDate& date) {
    const std::int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    const std::int64_t era = floor_div(year, 400);
    const std::int64_t year_of_era = year - era * 400;
    const std::int64_t month = (date.month + 9) % 12;
    const std::int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * kDaysPerEra + day_of_era - kEpochDays;
}

CivilDate civil_from_days(std::int64_t days) {
    const std::int64_t shifted = days + kEpochDays;
    const std::int64_t era = floor_div(shifted, kDaysPerEra);
    const std::int64_t day = shifted - era * kDaysPerEra;
    const std::int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    const std::int64_t day_of_year = day - (365 * year + year / 4 - year / 100);
    const std::int64_t month = (5 * day_of_year + 2) / 153;
    CivilDate date;
    date.day = day_of_year - (153 * month + 2) / 5 + 1;
    date.month = month < 10 ? month + 3 : month - 9;
    date.year = year + era * 400 + (date.month <= 2 ? 1 : 0);
    return date;
}

void append_civil_date(const CivilDate& date, Bytes& out) {
    append_padded(static_cast<std::uint64_t>(date.year > 0 ? date.year : 1 - date.year), 4, out);
    out.push_back('-');
    append_padded(static_cast<std::uint64_t>(date.month), 2, out);
    out.push_back('-');
    append_padded(static_cast<std::uint64_t>(date.day), 2, out);
}

void append_clock(std::uint64_t micros, Bytes& out) {
    const std::uint64_t seconds = micros / kMicrosPerSecond;
    append_padded(seconds / 3600, 2, out);
    out.push_back(':');
    append_padded(seconds / 60 % 60, 2, out);
    out.push_back(':');
    append_padded(seconds % 60, 2, out);
    const std::uint64_t fraction = micros % kMicrosPerSecond;
    if (fraction == 0) return;
    out.push_back('.');
    append_padded(fraction, 6, out);
    while (out.back() == '0') out.pop_back();
}

void append_zone(std::int32_t seconds_east, Bytes& out) {
    const std::uint64_t size = static_cast<std::uint64_t>(seconds_east < 0 ? -seconds_east : seconds_east);
    out.push_back(seconds_east < 0 ? '-' : '+');
    append_padded(size / 3600, 2, out);
    if (size % 3600 == 0) return;
    out.push_back(':');
    append_padded(size / 60 % 60, 2, out);
    if (size % 60 == 0) return;
    out.push_back(':');
    append_padded(size % 60, 2, out);
}

bool IsoReader::literal(BytesView text) {
    if (rest_.substr(0, text.size()) != text) return false;
    rest_.remove_prefix(text.size());
    return true;
}

bool IsoReader::number(std::size_t min, std::size_t max, std::int64_t& value) {
    value = 0;
    std::size_t size = 0;
    for (; size < rest_.size() && size <= max && rest_[size] >= '0' && rest_[size] <= '9'; ++size) {
        value = value * 10 + (rest_[size] - '0');
    }
    if (size < min || size > max) return false;
    rest_.remove_prefix(size);
    return true;
}

bool IsoReader::date(CivilDate& date) {
    const BytesView start = rest_;
    if (!number(4, 7, date.year) || !literal("-") || !number(2, 2, date.month) || !literal("-")) return false;
    if (start.find('-') > 4 && start[0] == '0') return false;
    if (!number(2, 2, date.day) || date.year == 0 || date.month < 1 || date.month > 12) return false;
    return date.day >= 1 && date.day <= 31;
}

bool IsoReader::era(CivilDate& date) {
    if (literal(" BC")) date.year = 1 - date.year;
    return date.day <= days_in_month(date);
}

bool IsoReader::clock(std::size_t max_hour_digits, std::uint64_t& micros) {
    std::int64_t hours = 0;
    std::int64_t minutes = 0;
    std::int64_t seconds = 0;
    std::int64_t fraction = 0;
    if (!number(2, max_hour_digits, hours) || !literal(":") || !number(2, 2, minutes) || !literal(":")) return false;
    if (!number(2, 2, seconds) || minutes > 59 || seconds > 59 || hours > kMaxHours) return false;
    if (literal(".")) {
        const std::size_t before = rest_.size();
        if (!number(1, 6, fraction) || fraction % 10 == 0) return false;  // trailing zeros are never written
        for (std::size_t digits = before - rest_.size(); digits < 6; ++digits) fraction *= 10;
    }
    const std::int64_t in_seconds = (hours * 60 + minutes) * 60 + seconds;
    micros = static_cast<std::uint64_t>(in_seconds) * kMicrosPerSecond + static_cast<std::uint64_t>(fraction);
    return true;
}

bool IsoReader::zone(std::int32_t& seconds_east) {
    const bool west = literal("-");
    if (!west && !literal("+")) return false;
    std::int64_t hours = 0;
    std::int64_t minutes = 0;
    std::int64_t seconds = 0;
    if (!number(2, 2, hours)) return false;
    if (literal(":") && (!number(2, 2, minutes) || (literal(":") && !number(2, 2, seconds)))) return false;
    const std::int64_t size = hours * 3600 + minutes * 60 + seconds;
    if (minutes > 59 || seconds > 59 || size >= kMaxZoneSeconds) return false;
    seconds_east = static_cast<std::int32_t>(west ? -size : size);
    return true;
}

}  // namespace understudy::pgwire::internal
