#pragma once

#include <functional>

#include "compare/diff/step_diff.hpp"

namespace understudy::compare {

/// Whether two answers with the same rows differ in their order only among rows that the statement's ORDER BY holds
/// for equal (ties), which come as the server likes. `nullopt`: the ORDER BY is by something that the result does not
/// show, or the rows were not kept and the result is too large to have its cells in the digest.
std::optional<bool> only_ties(const StepResult& a, const StepResult& b, const std::vector<sql::OrderColumn>& order);

}  // namespace understudy::compare
