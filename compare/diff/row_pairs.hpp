#pragma once

#include <optional>
#include <vector>

#include "compare/diff/primary_keys.hpp"
#include "compare/diff/shape.hpp"
#include "core/model/step.hpp"

namespace understudy::compare {

/// The cells of one row as a person reads them; none is NULL.
using RowCells = std::vector<std::optional<Bytes>>;

/// A row that differs. Without a half: that side has no such row.
struct RowChange {
    std::optional<RowCells> baseline;
    std::optional<RowCells> candidate;
};

/// The rows in which two answers differ, by the columns that both have.
struct RowDiff {
    static constexpr std::size_t kMaxRows = 20;          ///< shown
    static constexpr std::size_t kMaxPaired = 200;       ///< rows of one side that partners are looked for among
    static constexpr std::size_t kMaxCellBytes = 400;    ///< longer values are cut
    static constexpr std::size_t kMaxSideBytes = 64U << 10U;

    std::vector<Bytes> columns;
    std::vector<std::uint32_t> types;  ///< OIDs on the baseline; 0 unknown
    bool by_key = false;               ///< rows belong together by a table's key; else by likeness
    std::vector<RowChange> rows;
    std::uint64_t more = 0;  ///< that differ, and are not shown
};

/// From the rows that were kept; empty where a side did not keep all of its rows. A row of one side belongs to that of
/// the other with the same key, where the result has the key of one of its tables (`keys`: the baseline's) and no two
/// differing rows of a side share it. Else to that which is most like it: most equal cells, of equals that with the same
/// first cell, of those the first.
RowDiff differing_rows(const StepResult& a, const StepResult& b, ShapeComparer& shapes, const PrimaryKeys& keys = {});

}  // namespace understudy::compare
