#include "capture/log/log_clock.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace understudy::capture {
namespace {

constexpr std::size_t kSecondLength = 19;  // "2026-03-01 12:00:00"
constexpr std::int64_t kNanos = 1'000'000'000;
constexpr int kLastYear = 2200;  // nanoseconds since 1970 fit into 64 bits until 2262
constexpr Duration kUnknownZone = Duration::seconds(14 * 3600);

constexpr std::int32_t hours(double count) { return static_cast<std::int32_t>(count * 3600); }

// IST is not here: it means other zones in India, Israel and Ireland. BST, CST, EST … as in PostgreSQL's "Default".
constexpr std::array<std::pair<BytesView, std::int32_t>, 44> kZones{{
    {"UTC", 0},           {"GMT", 0},           {"Z", 0},
    {"UCT", 0},           {"WET", 0},           {"WEST", hours(1)},
    {"BST", hours(1)},    {"CET", hours(1)},    {"CEST", hours(2)},
    {"MEZ", hours(1)},    {"MESZ", hours(2)},   {"EET", hours(2)},
    {"EEST", hours(3)},   {"SAST", hours(2)},   {"CAT", hours(2)},
    {"EAT", hours(3)},    {"WAT", hours(1)},    {"MSK", hours(3)},
    {"NST", hours(-3.5)}, {"NDT", hours(-2.5)}, {"AST", hours(-4)},
    {"ADT", hours(-3)},   {"EST", hours(-5)},   {"EDT", hours(-4)},
    {"CST", hours(-6)},   {"CDT", hours(-5)},   {"MST", hours(-7)},
    {"MDT", hours(-6)},   {"PST", hours(-8)},   {"PDT", hours(-7)},
    {"AKST", hours(-9)},  {"AKDT", hours(-8)},  {"HST", hours(-10)},
    {"PKT", hours(5)},    {"WIB", hours(7)},    {"HKT", hours(8)},
    {"AWST", hours(8)},   {"KST", hours(9)},    {"JST", hours(9)},
    {"ACST", hours(9.5)}, {"AEST", hours(10)},  {"AEDT", hours(11)},
    {"NZST", hours(12)},  {"NZDT", hours(13)},
}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The number in `count` digits of `text` from `at` on, or -1.
int number(BytesView text, std::size_t at, std::size_t count) {
    int value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (!is_digit(text[i])) return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

/// Days since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
std::int64_t days_since_epoch(int year, int month, int day) {
    const int y = month <= 2 ? year - 1 : year;
    const int era = y / 400;
    const int year_of_era = y - era * 400;
    const int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * std::int64_t{146'097} + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719'468;
}

/// Seconds since 1970 of "2026-03-01 12:00:00", without its zone.
std::optional<std::int64_t> read_second(BytesView text) {
    if (text.size() < kSecondLength || text[4] != '-' || text[7] != '-' || (text[10] != ' ' && text[10] != 'T') ||
        text[13] != ':' || text[16] != ':') {
        return std::nullopt;
    }
    const int year = number(text, 0, 4);
    const int month = number(text, 5, 2);
    const int day = number(text, 8, 2);
    const int hour = number(text, 11, 2);
    const int minute = number(text, 14, 2);
    const int second = number(text, 17, 2);
    if (year < 1970 || year > kLastYear || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 24 ||
        minute < 0 || minute > 59 || second < 0 || second > 60) {
        return std::nullopt;
    }
    return days_since_epoch(year, month, day) * 86'400 + hour * 3600 + minute * 60 + second;
}

/// Nanoseconds of the ".123" at `at`, which is moved behind it; nothing when there is no fraction.
std::optional<std::int64_t> read_fraction(BytesView text, std::size_t& at) {
    if (at + 1 >= text.size() || text[at] != '.' || !is_digit(text[at + 1])) return std::nullopt;
    std::int64_t value = 0;
    std::int64_t unit = kNanos;
    for (++at; at < text.size() && is_digit(text[at]); ++at) {
        if (unit == 1) continue;
        unit /= 10;
        value += (text[at] - '0') * unit;
    }
    return value;
}

/// "+03", "-0330", "+05:30".
std::optional<std::int32_t> read_offset(BytesView zone) {
    if (zone.size() < 3 || (zone[0] != '+' && zone[0] != '-')) return std::nullopt;
    const int whole = number(zone, 1, 2);
    int minutes = 0;
    if (zone.size() == 5) minutes = number(zone, 3, 2);
    if (zone.size() == 6 && zone[3] == ':') minutes = number(zone, 4, 2);
    if ((zone.size() != 3 && zone.size() != 5 && zone.size() != 6) || whole < 0 || whole > 15 || minutes < 0 ||
        minutes > 59 || (zone.size() == 6 && zone[3] != ':')) {
        return std::nullopt;
    }
    const int east = whole * 3600 + minutes * 60;
    return zone[0] == '-' ? -east : east;
}

std::optional<std::int32_t> zone_east(BytesView zone) {
    if (const auto offset = read_offset(zone)) return offset;
    const auto* known =
        std::find_if(kZones.begin(), kZones.end(), [&](const auto& each) { return each.first == zone; });
    if (known == kZones.end()) return std::nullopt;
    return known->second;
}

bool is_zone_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || is_digit(c) || c == '+' || c == '-' || c == ':';
}

}  // namespace

std::size_t log_time_length(BytesView text) {
    if (!read_second(text)) return 0;
    std::size_t at = kSecondLength;
    read_fraction(text, at);
    if (at + 1 >= text.size() || text[at] != ' ') return 0;
    const std::size_t zone = ++at;
    const bool offset = text[at] == '+' || text[at] == '-';
    if (offset) ++at;
    // A letter's zone ends where the letters do: "-" and ":" may belong to what follows ("%t-%c-", "%t:%r").
    while (at < text.size() && is_zone_letter(text[at]) && (offset ? is_digit(text[at]) : text[at] >= 'A')) ++at;
    if (offset && at + 2 < text.size() && at - zone == 3 && text[at] == ':' && is_digit(text[at + 1]) &&
        is_digit(text[at + 2]) && (at + 3 >= text.size() || !is_digit(text[at + 3]))) {
        at += 3;
    }
    return at - zone < (offset ? 3U : 1U) ? 0 : at;
}

std::optional<Timestamp> LogClock::read(BytesView text) {
    if (text.size() <= kSecondLength) return std::nullopt;
    if (std::memcmp(text.data(), last_second_, kSecondLength) != 0) {
        const auto seconds = read_second(text);
        if (!seconds) return std::nullopt;
        std::memcpy(last_second_, text.data(), kSecondLength);
        last_seconds_ = *seconds;
    }
    std::size_t at = kSecondLength;
    const auto fraction = read_fraction(text, at);
    if (at >= text.size() || text[at] != ' ') return std::nullopt;
    const BytesView zone = text.substr(at + 1);
    if (!zone_read_ || zone != last_zone_) {
        if (zone.empty() || zone.size() > 10 || !std::all_of(zone.begin(), zone.end(), is_zone_letter)) {
            return std::nullopt;
        }
        last_zone_ = Bytes(zone);
        last_zone_east_ = zone_east(zone);
        zone_read_ = true;
    }
    if (!last_zone_east_) ++unknown_zones_;
    (fraction ? saw_fraction_ : saw_whole_second_) = true;
    const std::int64_t seconds = last_seconds_ - last_zone_east_.value_or(unknown_zone_east_);
    return Timestamp::from_ns(seconds * kNanos + fraction.value_or(0));
}

std::optional<Timestamp> LogClock::read_epoch(BytesView text) {
    std::size_t at = 0;
    std::int64_t seconds = 0;
    while (at < text.size() && at < 10 && is_digit(text[at])) seconds = seconds * 10 + (text[at++] - '0');
    if (at < 9 || seconds > INT64_MAX / kNanos - 1) return std::nullopt;
    const auto fraction = read_fraction(text, at);
    if (at != text.size()) return std::nullopt;
    (fraction ? saw_fraction_ : saw_whole_second_) = true;
    return Timestamp::from_ns(seconds * kNanos + fraction.value_or(0));
}

Duration LogClock::uncertainty() const {
    if (unknown_zones_ > 0) return kUnknownZone;
    return saw_whole_second_ && !saw_fraction_ ? Duration::seconds(1) : Duration::milliseconds(1);
}

}  // namespace understudy::capture
