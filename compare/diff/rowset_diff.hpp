#pragma once

#include <utility>
#include <vector>

#include "compare/diff/step_diff.hpp"

namespace understudy::compare {

/// Differences in columns, number, values and order of the rows of two answers. Without whole rows in common (a column
/// was added, say) the columns that both sides have are compared one by one.
void diff_rows(const StepResult& a, const StepResult& b, const StepDiffTools& tools, std::vector<Divergence>& out);

/// One row as a person reads it, of either side.
using RowPair = std::pair<Bytes, Bytes>;
inline constexpr std::size_t kMaxShownRows = 3;
inline constexpr std::size_t kMaxShownRowBytes = 400;

/// Up to kMaxShownRows rows that only one side has, side by side, from the rows that were kept; empty where either side
/// kept none. An empty half: that side has no such row.
std::vector<RowPair> differing_rows(const StepResult& a, const StepResult& b);

}  // namespace understudy::compare
