#include "compare/diff/rowset_diff.hpp"

#include <fmt/format.h>

#include <map>

#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/value.hpp"

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

void diff_values_by_column(const StepResult& a, const StepResult& b, const Alignment& alignment,
                           std::vector<Divergence>& out) {
    bool found = false;
    for (const Alignment::Column& column : alignment.columns) {
        if (!column.comparable) continue;
        if (column_digest(a, column.baseline) == column_digest(b, column.candidate)) continue;
        out.push_back({DivergenceKind::value, "column " + column.name, {}, "", "other values"});
        found = true;
    }
    if (!found && alignment.same_rows && a.comparable().multiset != b.comparable().multiset) {
        out.push_back({DivergenceKind::value, "rows", {}, "", "the same values in other rows"});
    }
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

std::vector<pgwire::ColumnDescription> columns_of(const StepResult& result) {
    auto description = pgwire::decode_row_description(result.row_description);
    return description ? std::move(description->columns) : std::vector<pgwire::ColumnDescription>();
}

/// How often each row comes, in text form.
std::map<Bytes, std::int64_t> rows_in_text(const StepResult& result) {
    std::map<Bytes, std::int64_t> rows;
    const auto columns = columns_of(result);
    for (const Bytes& body : result.kept_rows) {
        Bytes text = "(";
        pgwire::for_each_cell(body, [&](std::size_t index, std::optional<BytesView> value) {
            if (index > 0) text += ", ";
            const bool known = index < columns.size();
            text += value ? pgwire::display_value(known ? columns[index].type_oid : 0,
                                                  known ? columns[index].format : std::int16_t{0}, *value)
                          : Bytes("NULL");
        });
        if (text.size() > kMaxShownRowBytes) text = text.substr(0, kMaxShownRowBytes) + "…";
        ++rows[text + ")"];
    }
    return rows;
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
        diff_values_by_column(a, b, *alignment, out);
    } else if (a.comparable().ordered != b.comparable().ordered && tools.ordered()) {
        out.push_back({DivergenceKind::order, "order", {}, "", "the same rows in another order"});
    }
}

std::vector<RowPair> differing_rows(const StepResult& a, const StepResult& b) {
    if (a.kept_rows.empty() || b.kept_rows.empty()) return {};
    if (a.kept_rows.size() != a.rows || b.kept_rows.size() != b.rows) return {};
    auto only_a = rows_in_text(a);
    auto only_b = rows_in_text(b);
    for (auto& [row, count] : only_a) {
        const auto other = only_b.find(row);
        if (other == only_b.end()) continue;
        const std::int64_t common = std::min(count, other->second);
        count -= common;
        other->second -= common;
    }
    std::vector<RowPair> pairs;
    auto left = only_a.begin();
    auto right = only_b.begin();
    const auto skip_common = [](auto& at, auto& rows) {
        while (at != rows.end() && at->second == 0) ++at;
    };
    while (pairs.size() < kMaxShownRows) {
        skip_common(left, only_a);
        skip_common(right, only_b);
        if (left == only_a.end() && right == only_b.end()) break;
        RowPair pair;
        if (left != only_a.end()) pair.first = (left++)->first;
        if (right != only_b.end()) pair.second = (right++)->first;
        pairs.push_back(std::move(pair));
    }
    return pairs;
}

}  // namespace understudy::compare
