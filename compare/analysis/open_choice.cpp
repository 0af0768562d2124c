#include "compare/analysis/open_choice.hpp"

#include <map>

#include "core/pgwire/backend_messages.hpp"

namespace understudy::compare {
namespace {

using Cells = std::vector<std::uint64_t>;

bool same_names(const pgwire::RowDescription& a, const pgwire::RowDescription& b) {
    if (a.columns.size() != b.columns.size()) return false;
    for (std::size_t i = 0; i < a.columns.size(); ++i) {
        if (a.columns[i].name != b.columns[i].name) return false;
    }
    return true;
}

/// Rows by their key; empty where the cells are not known or two rows share a key.
std::map<Cells, Cells> by_key(const StepResult& result, const std::vector<std::size_t>& key, std::size_t width) {
    std::map<Cells, Cells> rows;
    const Cells& cells = result.comparable().cells;
    if (width == 0 || cells.size() != result.rows * width) return rows;
    for (auto row = cells.begin(); row != cells.end(); row += static_cast<std::ptrdiff_t>(width)) {
        Cells of_key;
        for (const std::size_t place : key) of_key.push_back(row[static_cast<std::ptrdiff_t>(place)]);
        if (!rows.emplace(std::move(of_key), Cells(row, row + static_cast<std::ptrdiff_t>(width))).second) return {};
    }
    return rows;
}

}  // namespace

bool chose_other_rows(const StepDifference& difference, const sql::StatementTraits& traits, const PrimaryKeys& keys) {
    if (!traits.limited || traits.ordered || difference.divergence.kind != DivergenceKind::value) return false;
    const StepResult* a = difference.baseline;
    const StepResult* b = difference.other;
    if (a == nullptr || b == nullptr || a->rows != b->rows) return false;
    const auto columns_a = pgwire::decode_row_description(a->row_description);
    const auto columns_b = pgwire::decode_row_description(b->row_description);
    if (!columns_a || !columns_b || !same_names(*columns_a, *columns_b)) return false;
    const auto key = keys.columns_of(columns_a->columns);
    if (key.empty()) return false;
    const auto rows_a = by_key(*a, key, columns_a->columns.size());
    const auto rows_b = by_key(*b, key, columns_b->columns.size());
    if (rows_a.empty() || rows_b.empty()) return false;
    bool others = false;
    for (const auto& [of_key, row] : rows_a) {
        const auto same = rows_b.find(of_key);
        if (same == rows_b.end()) others = true;
        else if (same->second != row) return false;
    }
    return others;
}

}  // namespace understudy::compare
