#pragma once

#include <string>

#include "compare/rules/rule.hpp"
#include "core/base/error.hpp"

namespace understudy::compare {

inline constexpr std::size_t kMaxRulesBytes = 1U << 20U;
inline constexpr std::size_t kMaxRules = 10'000;

/// The section `compare` of an understudy.yaml (docs/rules.md); no section, no rules. Other sections are passed over.
/// `name` is the file's, for messages. Errors: Errc::malformed, with the line and what is allowed there.
Result<RuleSet> read_rules(const std::string& yaml, const std::string& name);

/// The file's text with one more expected divergence, everything else as it was, comments too. Errors: Errc::malformed
/// when the text is no such file, or its `expected` is not a list of a line each.
Result<std::string> with_rule(const std::string& yaml, const std::string& name, const Rule& rule);

/// "2027-01-31" as the end of that day, UTC. Errors: Errc::malformed.
Result<Timestamp> parse_day(const std::string& text);

}  // namespace understudy::compare
