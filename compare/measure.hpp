#pragma once

#include "compare/analysis/reproduction.hpp"
#include "compare/comparison.hpp"

namespace understudy::compare {

/// As compare_part(), and what the candidate makes of each call of the baseline besides.
Result<ComparisonPart> measure_part(const Inputs& inputs, const ComparisonOptions& options, Reproduction& reproduction);

}  // namespace understudy::compare
