#pragma once

#include "compare/report/report.hpp"
#include "compare/rules/rule.hpp"

namespace understudy::compare {

/// Whether an `expected` or `ignore` rule is about the finding. Expiry is not looked at.
bool matches(const Rule& rule, const Finding& finding);

/// Moves the findings and unconfirmed differences that a rule is about to expected_places, and notes in `rules` how
/// each was used. `tolerated`: differences that each rule's tolerance took away already, by index.
void apply_rules(const std::vector<Rule>& rules, const std::vector<std::uint64_t>& tolerated, Timestamp now,
                 Report& report);

}  // namespace understudy::compare
