#include "compare/rules/tolerance.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/value.hpp"

namespace understudy::compare {
namespace {

constexpr BytesView kColumn = "column ";

std::optional<std::size_t> place_of(const StepResult& result, BytesView name) {
    const auto description = pgwire::decode_row_description(result.row_description);
    if (!description) return std::nullopt;
    for (std::size_t i = 0; i < description->columns.size(); ++i) {
        if (description->columns[i].name == name) return i;
    }
    return std::nullopt;
}

struct ColumnValues {
    std::vector<double> numbers;  // ascending
    std::size_t nulls = 0;
};

/// Nothing: a value is no number.
std::optional<ColumnValues> values_of(const StepResult& result, std::size_t place) {
    const auto description = pgwire::decode_row_description(result.row_description);
    ColumnValues values;
    bool numbers = true;
    for (const Bytes& row : result.kept_rows) {
        pgwire::for_each_cell(row, [&](std::size_t index, std::optional<BytesView> value) {
            if (index != place) return;
            if (!value) {
                ++values.nulls;
                return;
            }
            const auto& column = description->columns[index];
            const auto number = number_of(pgwire::display_value(column.type_oid, column.format, *value));
            numbers = numbers && number.has_value();
            if (number) values.numbers.push_back(*number);
        });
    }
    if (!numbers) return std::nullopt;
    std::sort(values.numbers.begin(), values.numbers.end());
    return values;
}

template <class T>
bool read_part(BytesView text, std::size_t from, std::size_t length, T& out) {
    if (from + length > text.size()) return false;
    const char* const begin = text.data() + from;
    return std::from_chars(begin, begin + length, out).ptr == begin + length;
}

/// "2024-05-01", "2024-05-01 10:00:00.5+02", "10:00:00.5" as seconds.
std::optional<double> seconds_of(BytesView text) {
    double seconds = 0;
    if (text.size() >= 10 && text[4] == '-' && text[7] == '-') {
        int year = 0;
        unsigned month = 0;
        unsigned day = 0;
        if (!read_part(text, 0, 4, year) || !read_part(text, 5, 2, month) || !read_part(text, 8, 2, day)) {
            return std::nullopt;
        }
        const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
        if (!date.ok()) return std::nullopt;
        seconds = static_cast<double>(std::chrono::sys_days(date).time_since_epoch().count()) * 86'400;
        if (text.size() == 10) return seconds;
        text.remove_prefix(11);
    }
    unsigned hours = 0;
    unsigned minutes = 0;
    double rest = 0;
    if (text.size() < 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
    const std::size_t zone = std::min(text.find_first_of("+-", 8), text.size());
    if (!read_part(text, 0, 2, hours) || !read_part(text, 3, 2, minutes) || !read_part(text, 6, zone - 6, rest)) {
        return std::nullopt;
    }
    seconds += hours * 3600.0 + minutes * 60.0 + rest;
    if (zone == text.size()) return seconds;
    int offset_hours = 0;
    int offset_minutes = 0;
    if (!read_part(text, zone + 1, 2, offset_hours)) return std::nullopt;
    if (zone + 6 <= text.size() && !read_part(text, zone + 4, 2, offset_minutes)) return std::nullopt;
    const double offset = offset_hours * 3600.0 + offset_minutes * 60.0;
    return text[zone] == '-' ? seconds + offset : seconds - offset;
}

}  // namespace

std::optional<double> number_of(BytesView text) {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (!text.empty() && parsed.ec == std::errc() && parsed.ptr == end && std::isfinite(value)) return value;
    return seconds_of(text);
}

std::optional<bool> within_tolerance(const Rule& rule, const StepDifference& difference) {
    const StepResult* a = difference.baseline;
    const StepResult* b = difference.other;
    if (a == nullptr || b == nullptr || !BytesView(rule.place).starts_with(kColumn)) return false;
    const BytesView name = BytesView(rule.place).substr(kColumn.size());
    const auto place_a = place_of(*a, name);
    const auto place_b = place_of(*b, name);
    if (!place_a || !place_b) return false;
    if (a->rows != b->rows) return false;
    if (a->kept_rows.size() != a->rows || b->kept_rows.size() != b->rows) return std::nullopt;
    const auto left = values_of(*a, *place_a);
    const auto right = values_of(*b, *place_b);
    if (!left || !right || left->nulls != right->nulls || left->numbers.size() != right->numbers.size()) return false;
    for (std::size_t i = 0; i < left->numbers.size(); ++i) {
        const double x = left->numbers[i];
        const double y = right->numbers[i];
        const double allowed = std::max(rule.absolute, rule.relative * std::max(std::abs(x), std::abs(y)));
        // A last digit of binary floating point is nobody's tolerance.
        if (std::abs(x - y) > allowed * (1 + 1e-12)) return false;
    }
    return true;
}

}  // namespace understudy::compare
