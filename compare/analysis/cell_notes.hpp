#pragma once

#include "compare/analysis/tally.hpp"

namespace understudy::compare {

/// Keeps in the cell what later judgements need of a difference: the type of its column, the table and the constraint
/// that its error names, whether it is a sum of floating-point numbers that differs in its last digits, whether the candidate
/// has one value where other runs draw. Call it once for each difference that is counted, with how it looks in other runs.
void note_difference(Cell& cell, const StepDifference& difference, const Corroboration& seen);

}  // namespace understudy::compare
