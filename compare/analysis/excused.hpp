#pragma once

#include "compare/analysis/exchange_diff.hpp"

namespace understudy::compare {

/// Whether order across sessions explains the difference: the recording does not say what the step was to see, or what
/// came before it went otherwise. Facts about schema and statement are never excused.
bool is_excused(const StepDifference& difference);

}  // namespace understudy::compare
