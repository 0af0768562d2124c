#include "app/time_option.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>

#include "app/options.hpp"

namespace understudy::app {
namespace {

constexpr int kMinYear = 1970;
constexpr int kMaxYear = 2261;  // what nanoseconds since 1970 can hold

/// Takes what it understands from the front; remembers a failure.
class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    int number(std::size_t digits) {
        int value = 0;
        const auto* end = rest_.data() + std::min(digits, rest_.size());
        const auto result = std::from_chars(rest_.data(), end, value);
        if (result.ec != std::errc() || result.ptr != rest_.data() + digits || value < 0) ok_ = false;
        rest_.remove_prefix(std::min(digits, rest_.size()));
        return value;
    }
    bool accept(std::string_view any_of) {
        if (rest_.empty() || any_of.find(rest_[0]) == std::string_view::npos) return false;
        last_ = rest_[0];
        rest_.remove_prefix(1);
        return true;
    }
    void expect(std::string_view any_of) { ok_ = accept(any_of) && ok_; }
    [[nodiscard]] char last() const { return last_; }
    [[nodiscard]] bool digit_next() const { return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; }
    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] bool ok() const { return ok_; }

private:
    std::string_view rest_;
    char last_ = 0;
    bool ok_ = true;
};

std::int64_t fraction_ns(Scanner& scanner) {
    std::int64_t ns = 0;
    std::int64_t unit = 100'000'000;
    while (scanner.digit_next()) {
        ns += unit * scanner.number(1);
        unit /= 10;
    }
    return ns;
}

std::optional<Timestamp> parse_iso(std::string_view text) {
    using namespace std::chrono;
    Scanner scanner(text);
    const int year_number = scanner.number(4);
    scanner.expect("-");
    const int month_number = scanner.number(2);
    scanner.expect("-");
    const int day_number = scanner.number(2);
    const year_month_day date(year(year_number), month(static_cast<unsigned>(month_number)),
                              day(static_cast<unsigned>(day_number)));
    int hours_part = 0;
    int minutes_part = 0;
    int seconds_part = 0;
    std::int64_t ns = 0;
    std::int64_t east = 0;
    if (scanner.accept("T ")) {
        hours_part = scanner.number(2);
        scanner.expect(":");
        minutes_part = scanner.number(2);
        if (scanner.accept(":")) seconds_part = scanner.number(2);
        if (scanner.accept(".")) ns = fraction_ns(scanner);
        if (!scanner.accept("Zz") && scanner.accept("+-")) {
            const bool west = scanner.last() == '-';
            const int offset_hours = scanner.number(2);
            (void)scanner.accept(":");
            const int offset_minutes = scanner.at_end() ? 0 : scanner.number(2);
            east = (west ? -1 : 1) * (offset_hours * 3600 + offset_minutes * 60);
            if (offset_hours > 15 || offset_minutes > 59) return std::nullopt;
        }
    }
    const bool in_range =
        year_number >= kMinYear && year_number <= kMaxYear && hours_part < 24 && minutes_part < 60 && seconds_part < 61;
    if (!scanner.ok() || !scanner.at_end() || !date.ok() || !in_range) return std::nullopt;
    const std::int64_t days = sys_days(date).time_since_epoch().count();
    const std::int64_t seconds_of_day = hours_part * 3600 + minutes_part * 60 + seconds_part - east;
    return Timestamp::from_ns((days * 86'400 + seconds_of_day) * 1'000'000'000 + ns);
}

}  // namespace

Result<TimeOption> TimeOption::parse(const std::string& text) {
    TimeOption option;
    option.given_ = true;
    if (const auto absolute = parse_iso(text); absolute && absolute->known()) {
        option.absolute_ = *absolute;
        return option;
    }
    const auto relative = parse_duration(text.substr(text.starts_with('+') ? 1 : 0));
    if (!relative) {
        return make_error(Errc::usage,
                          fmt::format("'{}' is not a time; write for example 2024-02-29T12:34:56Z, or +90s "
                                      "from the capture's start",
                                      text));
    }
    option.relative_ = *relative;
    return option;
}

Timestamp TimeOption::resolve(Timestamp start) const {
    if (!given_) return {};
    if (absolute_.known()) return absolute_;
    const auto ns = static_cast<std::uint64_t>(start.ns()) + static_cast<std::uint64_t>(relative_.count_ns());
    return Timestamp::from_ns(static_cast<std::int64_t>(ns));  // wraps: a damaged file may begin at any time
}

}  // namespace understudy::app
