#include "app/service/cron.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <vector>

namespace understudy::app::service {
namespace {

namespace chrono = std::chrono;

constexpr int kDaysAhead = 8 * 366;  // a 29th of February can be eight years off
constexpr int kShiftMinutes = 240;   // no clock goes forward by more
constexpr std::int64_t kNsAMinute = 60LL * 1'000'000'000;
constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Field {
    std::string_view name;
    int low;
    int high;
    std::span<const std::string_view> words;
    int first_word;  // the value of words[0]
};

const std::array<Field, 5> kFields = {Field{"minute", 0, 59, {}, 0}, Field{"hour", 0, 23, {}, 0},
                                      Field{"day of the month", 1, 31, {}, 0}, Field{"month", 1, 12, kMonths, 1},
                                      Field{"day of the week", 0, 7, kWeekdays, 0}};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::vector<std::string_view> parts_of(std::string_view text, std::string_view separators) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(separators), text.size());
        parts.push_back(text.substr(0, end));
        if (end < text.size() && end + 1 == text.size()) parts.emplace_back();
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

std::optional<int> number_in(std::string_view text, int low, int high) {
    if (text.empty() || text.size() > 3 || text.find_first_not_of("0123456789") != std::string_view::npos)
        return std::nullopt;
    int value = 0;
    for (const char c : text) value = value * 10 + (c - '0');
    return value >= low && value <= high ? std::optional(value) : std::nullopt;
}

std::optional<int> value_in(std::string_view text, const Field& field) {
    if (const auto number = number_in(text, field.low, field.high)) return number;
    std::string word(text);
    std::transform(word.begin(), word.end(), word.begin(), lower);
    for (std::size_t i = 0; i < field.words.size(); ++i) {
        if (word == field.words[i]) return field.first_word + static_cast<int>(i);
    }
    return std::nullopt;
}

/// "*", "5", "1-5", "*/15", "10-50/20", "5/15": sets what they name.
template <std::size_t N>
bool add_entry(std::string_view entry, const Field& field, std::bitset<N>& set) {
    const std::size_t slash = entry.find('/');
    const std::string_view range = entry.substr(0, slash);
    const auto step = slash == std::string_view::npos ? std::optional(1) : number_in(entry.substr(slash + 1), 1, 999);
    if (!step) return false;
    const std::size_t dash = range.find('-');
    std::optional<int> from = field.low;
    std::optional<int> to = field.name == kFields[4].name ? 6 : field.high;
    if (range != "*") {
        from = value_in(range.substr(0, dash), field);
        if (dash != std::string_view::npos) {
            to = value_in(range.substr(dash + 1), field);
        } else if (slash == std::string_view::npos) {
            to = from;
        }
    }
    if (!from || !to || *from > *to) return false;
    for (int value = *from; value <= *to; value += *step) {
        set.set(static_cast<std::size_t>(N == 7 ? value % 7 : value));
    }
    return true;
}

template <std::size_t N>
Result<void> read_field(std::string_view text, const Field& field, std::bitset<N>& set) {
    const auto entries = parts_of(text, ",");
    const bool fine = !entries.empty() && entries.size() <= kMaxCronList &&
                      std::all_of(entries.begin(), entries.end(),
                                  [&](std::string_view entry) { return add_entry(entry, field, set); });
    if (fine) return {};
    return make_error(
        Errc::malformed,
        fmt::format("'{}' is no {}: {} to {}, lists (1,2), ranges (1-5), steps (*/15){}", text, field.name, field.low,
                    field.high, field.words.empty() ? "" : " and names (" + std::string(field.words[0]) + ")"));
}

std::string_view without_alias(std::string_view text) {
    constexpr std::array<std::array<std::string_view, 2>, 7> kAliases = {{{"@hourly", "0 * * * *"},
                                                                          {"@daily", "0 0 * * *"},
                                                                          {"@midnight", "0 0 * * *"},
                                                                          {"@weekly", "0 0 * * 0"},
                                                                          {"@monthly", "0 0 1 * *"},
                                                                          {"@yearly", "0 0 1 1 *"},
                                                                          {"@annually", "0 0 1 1 *"}}};
    for (const auto& [alias, meaning] : kAliases) {
        if (text == alias) return meaning;
    }
    return text;
}

bool comes_on(const CronExpression& cron, chrono::sys_days day) {
    const chrono::year_month_day date(day);
    if (!cron.months.test(static_cast<unsigned>(date.month()))) return false;
    const bool by_date = cron.days.test(static_cast<unsigned>(date.day()));
    const bool by_weekday = cron.weekdays.test(chrono::weekday(day).c_encoding());
    if (cron.any_day) return by_weekday;
    return cron.any_weekday ? by_date : by_date || by_weekday;
}

/// The instant of a local time, counted in minutes since 1970 as if it were UTC.
Timestamp instant_of(std::int64_t local_minutes, const ZoneOffset& zone) {
    const Timestamp as_utc = Timestamp::from_ns(local_minutes * kNsAMinute);
    const Duration day = Duration::seconds(86'400);
    const Duration before = zone(Timestamp::from_ns((as_utc - Timestamp()).count_ns() - day.count_ns()));
    const Duration after = zone(as_utc + day);
    const auto minus = [&](Duration offset) { return Timestamp::from_ns(as_utc.ns() - offset.count_ns()); };
    // While clocks go back both fit, and the offset of before gives the first of the two; where they go forward neither
    // does.
    if (zone(minus(before)) == before || zone(minus(after)) != after) return minus(before);
    return minus(after);
}

std::optional<Timestamp> first_on(const CronExpression& cron, chrono::sys_days day, Timestamp after,
                                  const ZoneOffset& zone) {
    const std::int64_t midnight = day.time_since_epoch().count() * 1440LL;
    std::optional<Timestamp> best;
    int found_at = 0;
    for (int minute = 0; minute < 1440; ++minute) {
        if (best && minute > found_at + kShiftMinutes) break;
        if (!cron.hours.test(static_cast<std::size_t>(minute / 60)) ||
            !cron.minutes.test(static_cast<std::size_t>(minute % 60)))
            continue;
        const Timestamp due = instant_of(midnight + minute, zone);
        if (due <= after || (best && due >= *best)) continue;
        if (!best) found_at = minute;
        best = due;
    }
    return best;
}

}  // namespace

Duration no_offset(Timestamp) { return {}; }

std::optional<Timestamp> next_due(const CronExpression& cron, Timestamp after, const ZoneOffset& zone) {
    const Timestamp local = after + zone(after);
    const auto today = chrono::sys_days(chrono::days((local - Timestamp()).count_ns() / (1440 * kNsAMinute)));
    for (int ahead = -1; ahead <= kDaysAhead; ++ahead) {
        const auto day = today + chrono::days(ahead);
        if (!comes_on(cron, day)) continue;
        if (const auto due = first_on(cron, day, after, zone)) return due;
    }
    return std::nullopt;
}

Result<CronExpression> parse_cron(std::string_view text) {
    if (text.size() > kMaxCronText) {
        return make_error(Errc::malformed, fmt::format("a schedule has at most {} characters", kMaxCronText));
    }
    auto fields = parts_of(without_alias(text), " \t");
    std::erase_if(fields, [](std::string_view field) { return field.empty(); });
    if (fields.size() != kFields.size()) {
        return make_error(Errc::malformed,
                          "a schedule has five fields, minute, hour, day, month, day of the week, such as 30 2 * * "
                          "1-5, or is @daily");
    }
    CronExpression cron;
    UNDERSTUDY_CHECK(read_field(fields[0], kFields[0], cron.minutes));
    UNDERSTUDY_CHECK(read_field(fields[1], kFields[1], cron.hours));
    UNDERSTUDY_CHECK(read_field(fields[2], kFields[2], cron.days));
    UNDERSTUDY_CHECK(read_field(fields[3], kFields[3], cron.months));
    UNDERSTUDY_CHECK(read_field(fields[4], kFields[4], cron.weekdays));
    cron.any_day = fields[2] == "*";
    cron.any_weekday = fields[4] == "*";
    constexpr std::int64_t kSomeDay = 1'700'000'000;
    if (!next_due(cron, Timestamp() + Duration::seconds(kSomeDay), no_offset)) {
        return make_error(Errc::malformed, "this day never comes");
    }
    return cron;
}

}  // namespace understudy::app::service
