#pragma once

#include <optional>

#include "compare/analysis/exchange_diff.hpp"
#include "compare/rules/rule.hpp"

namespace understudy::compare {

/// Whether the values of a column differ within a rule's tolerance: both sides' values in ascending order, each pair of
/// them. Numbers, and moments as seconds. nullopt: the rows were not kept, so that it cannot be said.
std::optional<bool> within_tolerance(const Rule& rule, const StepDifference& difference);

/// A value as a number: "12.50"; a date, time or timestamp in ISO style as seconds. Nothing for what is neither.
std::optional<double> number_of(BytesView text);

}  // namespace understudy::compare
