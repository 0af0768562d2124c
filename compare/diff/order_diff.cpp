#include "compare/diff/order_diff.hpp"

#include <algorithm>

#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/value.hpp"

namespace understudy::compare {
namespace {

using Columns = std::vector<pgwire::ColumnDescription>;

/// Where in the result the terms are; nothing when one is not there, or its name is there twice.
std::optional<std::vector<std::size_t>> places_of(const std::vector<sql::OrderColumn>& order, const Columns& columns) {
    std::vector<std::size_t> places;
    for (const sql::OrderColumn& term : order) {
        if (term.position > 0) {
            if (term.position > columns.size()) return std::nullopt;
            places.push_back(term.position - 1);
            continue;
        }
        const auto named = [&](const pgwire::ColumnDescription& column) { return column.name == term.name; };
        if (term.name.empty() || std::count_if(columns.begin(), columns.end(), named) != 1) return std::nullopt;
        places.push_back(
            static_cast<std::size_t>(std::find_if(columns.begin(), columns.end(), named) - columns.begin()));
    }
    return places;
}

bool has_cells(const StepResult& result, std::size_t width) {
    return width > 0 && result.comparable().cells.size() == result.rows * width;
}

bool same_keys_by_cells(const StepResult& a, const StepResult& b, std::size_t width,
                        const std::vector<std::size_t>& keys) {
    const auto& left = a.comparable().cells;
    const auto& right = b.comparable().cells;
    for (std::size_t row = 0; row < a.rows; ++row) {
        for (const std::size_t key : keys) {
            if (left[row * width + key] != right[row * width + key]) return false;
        }
    }
    return true;
}

/// The cells of a kept row in text form.
std::vector<std::optional<Bytes>> cells_of(BytesView body, const Columns& columns) {
    std::vector<std::optional<Bytes>> cells;
    pgwire::for_each_cell(body, [&](std::size_t index, std::optional<BytesView> value) {
        const bool known = index < columns.size();
        cells.push_back(value ? std::optional(pgwire::display_value(known ? columns[index].type_oid : 0,
                                                                    known ? columns[index].format : std::int16_t{0},
                                                                    *value))
                              : std::nullopt);
    });
    return cells;
}

bool same_keys_by_rows(const StepResult& a, const StepResult& b, const Columns& columns_a, const Columns& columns_b,
                       const std::vector<std::size_t>& keys) {
    for (std::size_t row = 0; row < a.kept_rows.size(); ++row) {
        const auto left = cells_of(a.kept_rows[row], columns_a);
        const auto right = cells_of(b.kept_rows[row], columns_b);
        for (const std::size_t key : keys) {
            if (key >= left.size() || key >= right.size() || left[key] != right[key]) return false;
        }
    }
    return true;
}

}  // namespace

std::optional<bool> only_ties(const StepResult& a, const StepResult& b, const std::vector<sql::OrderColumn>& order) {
    const auto columns_a = pgwire::decode_row_description(a.row_description);
    const auto columns_b = pgwire::decode_row_description(b.row_description);
    if (order.empty() || !columns_a || !columns_b || a.rows != b.rows) return std::nullopt;
    const auto keys = places_of(order, columns_a->columns);
    if (!keys) return std::nullopt;
    const std::size_t width = columns_a->columns.size();
    if (has_cells(a, width) && has_cells(b, width)) return same_keys_by_cells(a, b, width, *keys);
    if (a.kept_rows.size() != a.rows || b.kept_rows.size() != b.rows) return std::nullopt;
    return same_keys_by_rows(a, b, columns_a->columns, columns_b->columns, *keys);
}

}  // namespace understudy::compare
