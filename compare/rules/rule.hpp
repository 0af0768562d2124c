#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compare/analysis/severity.hpp"
#include "core/base/time.hpp"

namespace understudy::compare {

/// What a rule of the user does with the differences that it matches.
enum class RuleAction : std::uint8_t {
    expected,   ///< they are meant: set apart, and counted
    ignore,     ///< the column is never compared: the same
    tolerance,  ///< values of the column may differ by so much
};
std::string_view to_string(RuleAction action);

/// One rule of understudy.yaml (docs/rules.md). An empty pattern matches everything.
struct Rule {
    RuleAction action = RuleAction::expected;
    std::string finding;      ///< id of a finding
    std::string fingerprint;  ///< of the statement, 16 hexadecimal digits
    std::string kind;         ///< name of a DivergenceKind
    std::string place;        ///< of the answer: "column total", "error" …
    std::string sqlstate;
    double absolute = 0;  ///< tolerance: of the difference; times in seconds
    double relative = 0;  ///< tolerance: of the greater value
    std::string reason;
    std::string owner;
    Timestamp expires;  ///< the end of the last day, UTC; unknown: never
    int line = 0;       ///< in the file, from 1

    [[nodiscard]] bool expired(Timestamp now) const { return expires.known() && now >= expires; }
};

struct RuleSet {
    std::vector<Rule> rules;
    std::optional<double> min_coverage;
    std::optional<Severity> fail_on;
};

/// How a rule was used in a comparison.
struct RuleUse {
    Rule rule;
    bool expired = false;
    std::uint64_t count = 0;  ///< differences that it set apart

    /// "used", "expired", "never matched".
    [[nodiscard]] std::string_view state() const { return expired ? "expired" : count > 0 ? "used" : "never matched"; }
};

}  // namespace understudy::compare
