#include "compare/diff/row_pairs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/value.hpp"

namespace understudy::compare {
namespace {

/// Which columns of each side belong together, and what they are called.
struct Columns {
    std::vector<std::size_t> baseline;
    std::vector<std::size_t> candidate;
    std::vector<Bytes> names;
};

Columns columns_in_common(const StepResult& a, const StepResult& b, ShapeComparer& shapes) {
    Columns common;
    if (!a.row_description.empty() && !b.row_description.empty()) {
        for (const Alignment::Column& column : shapes.align(a.row_description, b.row_description).columns) {
            common.baseline.push_back(column.baseline);
            common.candidate.push_back(column.candidate);
            common.names.push_back(column.name);
        }
        return common;
    }
    const std::size_t width = std::min(a.comparable().columns.size(), b.comparable().columns.size());
    for (std::size_t i = 0; i < width; ++i) {
        common.baseline.push_back(i);
        common.candidate.push_back(i);
        common.names.push_back(fmt::format("{}", i + 1));
    }
    return common;
}

Bytes shown(const pgwire::ColumnDescription* column, BytesView value) {
    Bytes text = column != nullptr ? pgwire::display_value(column->type_oid, column->format, value)
                                   : pgwire::display_value(0, 0, value);
    if (text.size() > RowDiff::kMaxCellBytes) text = text.substr(0, RowDiff::kMaxCellBytes) + "…";
    return text;
}

std::vector<RowCells> rows_of(const StepResult& result, const std::vector<std::size_t>& wanted) {
    const auto description = pgwire::decode_row_description(result.row_description);
    std::vector<RowCells> rows;
    for (const Bytes& body : result.kept_rows) {
        std::vector<std::optional<Bytes>> all;
        pgwire::for_each_cell(body, [&](std::size_t index, std::optional<BytesView> value) {
            const bool known = description && index < description->columns.size();
            all.push_back(value ? std::optional(shown(known ? &description->columns[index] : nullptr, *value))
                                : std::nullopt);
        });
        RowCells& row = rows.emplace_back();
        for (const std::size_t index : wanted) row.push_back(index < all.size() ? all[index] : std::nullopt);
    }
    return rows;
}

/// Takes the rows that both have out of both; the others keep their order.
void drop_common(std::vector<RowCells>& a, std::vector<RowCells>& b) {
    std::map<RowCells, std::int64_t> in_b;
    for (const RowCells& row : b) ++in_b[row];
    std::map<RowCells, std::int64_t> common;
    std::erase_if(a, [&](const RowCells& row) {
        const auto found = in_b.find(row);
        if (found == in_b.end() || found->second == 0) return false;
        --found->second;
        ++common[row];
        return true;
    });
    std::erase_if(b, [&](const RowCells& row) {
        const auto found = common.find(row);
        if (found == common.end() || found->second == 0) return false;
        --found->second;
        return true;
    });
}

/// How much alike two rows are; 0: in nothing.
std::size_t likeness(const RowCells& a, const RowCells& b) {
    std::size_t equal = 0;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) equal += a[i] == b[i] ? 2U : 0U;
    return equal + (!a.empty() && !b.empty() && a[0] == b[0] ? 1U : 0U);
}

/// The row of `b` that is most like it, of those not yet taken; b.size(): none is like it.
std::size_t most_like(const RowCells& row, const std::vector<RowCells>& b, const std::vector<bool>& taken) {
    // A single column has nothing to be recognised by: its changed values are paired in their order.
    std::size_t best = b.size();
    std::size_t most = row.size() == 1 ? 0 : 1;
    for (std::size_t j = 0; j < b.size() && j < RowDiff::kMaxPaired; ++j) {
        if (taken[j]) continue;
        const std::size_t like = likeness(row, b[j]);
        if (like < most || (best < b.size() && like == most)) continue;
        best = j;
        most = like;
    }
    return best;
}

RowCells key_of(const RowCells& row, const std::vector<std::size_t>& key) {
    RowCells cells;
    for (const std::size_t column : key) cells.push_back(row[column]);
    return cells;
}

/// Rows by their keys; nothing when two have the same (a join repeats rows of one table).
std::optional<std::map<RowCells, std::size_t>> by_key(const std::vector<RowCells>& rows,
                                                      const std::vector<std::size_t>& key) {
    std::map<RowCells, std::size_t> places;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!places.emplace(key_of(rows[i], key), i).second) return std::nullopt;
    }
    return places;
}

/// `key`: columns that tell rows apart; empty, or not unique: by likeness. Says which in `keyed`.
std::vector<RowChange> paired(std::vector<RowCells> a, std::vector<RowCells> b, const std::vector<std::size_t>& key,
                              bool& keyed) {
    const auto places = key.empty() || !by_key(a, key) ? std::nullopt : by_key(b, key);
    keyed = places.has_value();
    std::vector<RowChange> changes;
    std::vector<bool> taken(b.size());
    for (RowCells& row : a) {
        std::size_t best = b.size();
        if (places) {
            const auto found = places->find(key_of(row, key));
            if (found != places->end()) best = found->second;
        } else {
            best = most_like(row, b, taken);
        }
        RowChange& change = changes.emplace_back();
        change.baseline = std::move(row);
        if (best == b.size()) continue;
        taken[best] = true;
        change.candidate = std::move(b[best]);
    }
    for (std::size_t j = 0; j < b.size(); ++j) {
        if (!taken[j]) changes.push_back({std::nullopt, std::move(b[j])});
    }
    return changes;
}

/// The places among the common columns of the key that the baseline's result has.
std::vector<std::size_t> key_in_common(const StepResult& a, const Columns& columns, const PrimaryKeys& keys) {
    const auto description = pgwire::decode_row_description(a.row_description);
    if (!description) return {};
    std::vector<std::size_t> places;
    for (const std::size_t wanted : keys.columns_of(description->columns)) {
        const auto at = std::find(columns.baseline.begin(), columns.baseline.end(), wanted);
        if (at == columns.baseline.end()) return {};
        places.push_back(static_cast<std::size_t>(at - columns.baseline.begin()));
    }
    return places;
}

std::size_t kept_bytes(const StepResult& result) {
    std::size_t bytes = 0;
    for (const Bytes& row : result.kept_rows) bytes += row.size();
    return bytes;
}

}  // namespace

RowDiff differing_rows(const StepResult& a, const StepResult& b, ShapeComparer& shapes, const PrimaryKeys& keys) {
    RowDiff diff;
    if (a.kept_rows.empty() && b.kept_rows.empty()) return diff;
    if (a.kept_rows.size() != a.rows || b.kept_rows.size() != b.rows) return diff;
    constexpr std::size_t kMaxKept = RowDiff::kMaxSideBytes * 16;
    if (kept_bytes(a) > kMaxKept || kept_bytes(b) > kMaxKept) return diff;
    Columns columns = columns_in_common(a, b, shapes);
    auto only_a = rows_of(a, columns.baseline);
    auto only_b = rows_of(b, columns.candidate);
    drop_common(only_a, only_b);
    std::vector<RowChange> changes;
    const std::size_t differing = std::max(only_a.size(), only_b.size());
    if (only_a.size() > RowDiff::kMaxPaired) only_a.resize(RowDiff::kMaxPaired);
    changes = paired(std::move(only_a), std::move(only_b), key_in_common(a, columns, keys), diff.by_key);
    if (changes.size() > RowDiff::kMaxRows) changes.resize(RowDiff::kMaxRows);
    if (changes.empty()) return diff;
    diff.columns = std::move(columns.names);
    const auto description = pgwire::decode_row_description(a.row_description);
    for (const std::size_t index : columns.baseline) {
        diff.types.push_back(description && index < description->columns.size() ? description->columns[index].type_oid
                                                                                : 0);
    }
    diff.more = differing > changes.size() ? differing - changes.size() : 0;
    diff.rows = std::move(changes);
    return diff;
}

}  // namespace understudy::compare
