#include "compare/analysis/rearranged.hpp"

#include <algorithm>
#include <array>

#include "compare/analysis/called_function.hpp"
#include "core/sql/lexer.hpp"

namespace understudy::compare {
namespace {

constexpr std::array<BytesView, 10> kCollecting{"array_agg", "string_agg",      "json_agg",         "jsonb_agg",
                                                "xmlagg",    "json_object_agg", "jsonb_object_agg", "json_agg_strict",
                                                "range_agg", "jsonb_agg_strict"};
constexpr std::array<BytesView, 8> kCounting{"row_number", "ntile",      "lag",        "lead",
                                             "rank",       "first_value", "last_value", "nth_value"};

bool says_an_order(BytesView sql) {
    for (const sql::Token& token : sql::Tokens(sql)) {
        if (sql::is_word(token, "order")) return true;
    }
    return false;
}

/// The rows with the bytes of each in ascending order, in ascending order: what no rearrangement changes.
std::vector<Bytes> bytes_of_rows(const StepResult& result) {
    std::vector<Bytes> rows = result.kept_rows;
    for (Bytes& row : rows) std::sort(row.begin(), row.end());
    std::sort(rows.begin(), rows.end());
    return rows;
}

bool keeps_all(const StepResult& result) { return result.rows > 0 && result.kept_rows.size() == result.rows; }

/// The cells of each column in ascending order; empty where they are not known.
std::vector<std::vector<std::uint64_t>> by_column(const StepResult& result) {
    const std::vector<std::uint64_t>& cells = result.comparable().cells;
    if (result.rows == 0 || cells.empty() || cells.size() % result.rows != 0) return {};
    std::vector<std::vector<std::uint64_t>> columns(cells.size() / result.rows);
    for (std::size_t i = 0; i < cells.size(); ++i) columns[i % columns.size()].push_back(cells[i]);
    for (auto& column : columns) std::sort(column.begin(), column.end());
    return columns;
}

}  // namespace

bool rearranged(const StepDifference& difference, const StatementFacts& facts) {
    const StepResult* a = difference.baseline;
    const StepResult* b = difference.other;
    if (difference.divergence.kind != DivergenceKind::value || a == nullptr || b == nullptr || a->rows != b->rows) return false;
    const bool collects = calls_one_of(facts.traits.functions, kCollecting);
    const bool counts = calls_one_of(facts.traits.functions, kCounting);
    if ((!collects && !counts) || says_an_order(facts.sql)) return false;
    if (collects && keeps_all(*a) && keeps_all(*b) && bytes_of_rows(*a) == bytes_of_rows(*b)) return true;
    const auto columns = by_column(*a);
    return counts && !columns.empty() && columns == by_column(*b);
}

}  // namespace understudy::compare
