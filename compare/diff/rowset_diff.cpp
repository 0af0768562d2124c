#include "compare/diff/rowset_diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "compare/diff/order_diff.hpp"
#include "core/exchange/cell_forms.hpp"

namespace understudy::compare {
namespace {

/// The sum of a column's cells; 0 where a side has no such column (its rows are cut short, or there are none).
std::uint64_t column_digest(const StepResult& result, std::size_t column) {
    return column < result.comparable().columns.size() ? result.comparable().columns[column] : 0;
}

/// Whether the columns of these steps are known on both sides, "no columns" included. An Execute has the description
/// that was in force when it was described, if that was ever seen.
bool shapes_known(const StepResult& a, const StepResult& b) {
    if (a.row_description.empty() && b.row_description.empty()) return false;
    const bool both = !a.row_description.empty() && !b.row_description.empty();
    return both || a.kind == StepKind::describe || a.kind == StepKind::statement;
}

/// How many cells of the column differ; nothing when the digests do not tell.
std::optional<std::uint64_t> cells_that_differ(const StepResult& a, const StepResult& b,
                                               const Alignment::Column& column) {
    const auto values = [](const StepResult& result, std::size_t index) {
        std::vector<std::uint64_t> cells;
        const ResultDigest& digest = result.comparable();
        const std::size_t width = digest.columns.size();
        if (index >= width || digest.cells.size() != result.rows * width) return cells;
        for (std::size_t row = 0; row < result.rows; ++row) cells.push_back(digest.cells[row * width + index]);
        std::sort(cells.begin(), cells.end());
        return cells;
    };
    const auto left = values(a, column.baseline);
    const auto right = values(b, column.candidate);
    if (left.empty() || left.size() != right.size()) return std::nullopt;
    std::vector<std::uint64_t> common;
    std::set_intersection(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(common));
    return left.size() - common.size();
}

Bytes other_values(const StepResult& a, const StepResult& b, const Alignment::Column& column) {
    const auto count = cells_that_differ(a, b, column);
    if (!count || a.rows == 1) return "other values";
    return fmt::format("other values in {} of {} rows", *count, a.rows);
}

bool in_one_form(const StepResult& a, const StepResult& b, const Alignment::Column& column) {
    return understudy::in_one_form({a.digest, column.baseline, column.baseline_type, column.baseline_format},
                                   {b.digest, column.candidate, column.candidate_type, column.candidate_format});
}

void diff_values_by_column(const StepResult& a, const StepResult& b, const Alignment& alignment,
                           ShapeComparer& shapes, std::vector<Divergence>& out) {
    bool found = false;
    bool unlike = false;
    for (const Alignment::Column& column : alignment.columns) {
        if (!column.comparable) continue;
        if (column_digest(a, column.baseline) == column_digest(b, column.candidate)) continue;
        if (!column.settled && !in_one_form(a, b, column)) {
            shapes.note_unlike_forms();
            unlike = true;
            continue;
        }
        out.push_back({DivergenceKind::value, "column " + column.name, {}, "", other_values(a, b, column)});
        found = true;
    }
    if (!found && !unlike && alignment.same_rows && a.comparable().multiset != b.comparable().multiset) {
        out.push_back({DivergenceKind::value, "rows", {}, "", "the same values in other rows"});
    }
}

void diff_order(const StepResult& a, const StepResult& b, const StatementOrder& order, std::vector<Divergence>& out) {
    if (!order.ordered) return;
    const auto ties = only_ties(a, b, order.columns);
    if (ties && *ties) return;
    // What the ORDER BY is by may not be in the answer, or the answer not be known row by row.
    out.push_back({DivergenceKind::order, "order", {}, "",
                   ties ? "the same rows in another order" : "the same rows in another order, or other ties"});
}

Alignment unnamed_columns(const StepResult& a, const StepResult& b) {
    Alignment alignment;
    const std::size_t width = std::min(a.comparable().columns.size(), b.comparable().columns.size());
    for (std::size_t i = 0; i < width; ++i) alignment.columns.push_back({i, i, fmt::format("{}", i + 1), true});
    alignment.same_rows = a.comparable().columns.size() == b.comparable().columns.size();
    return alignment;
}

Bytes rows_in_words(const StepResult& result) {
    return fmt::format("{} row{}{}", result.rows, result.rows == 1 ? "" : "s",
                       result.outcome == StepOutcome::suspended ? " and more" : "");
}

}  // namespace

void diff_rows(const StepResult& a, const StepResult& b, const StepDiffTools& tools, std::vector<Divergence>& out) {
    Alignment own;
    const Alignment* alignment = nullptr;
    if (shapes_known(a, b)) {
        alignment = &tools.shapes->align(a.row_description, b.row_description);
        out.insert(out.end(), alignment->differences.begin(), alignment->differences.end());
    } else {
        own = unnamed_columns(a, b);
        alignment = &own;
    }
    const bool more = (a.outcome == StepOutcome::suspended) != (b.outcome == StepOutcome::suspended);
    if (a.rows != b.rows || more) {
        // The same number may stand in the tag of a statement with RETURNING: said once.
        for (const Divergence& said : out) {
            if (said.kind == DivergenceKind::affected_rows) return;
        }
        out.push_back({DivergenceKind::row_count, "rows", {}, rows_in_words(a), rows_in_words(b)});
        return;
    }
    if (a.rows == 0) return;
    if (!alignment->same_rows || a.comparable().multiset != b.comparable().multiset) {
        diff_values_by_column(a, b, *alignment, *tools.shapes, out);
    } else if (a.comparable().ordered != b.comparable().ordered) {
        diff_order(a, b, tools.order(), out);
    }
}

}  // namespace understudy::compare
