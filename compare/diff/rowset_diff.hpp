#pragma once

#include <vector>

#include "compare/diff/step_diff.hpp"

namespace understudy::compare {

/// Differences in columns, number, values and order of the rows of two answers. Without whole rows in common (a column
/// was added, say) the columns that both sides have are compared one by one.
void diff_rows(const StepResult& a, const StepResult& b, const StepDiffTools& tools, std::vector<Divergence>& out);

}  // namespace understudy::compare
