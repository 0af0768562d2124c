#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compare/analysis/observations.hpp"
#include "compare/part/session_part.hpp"
#include "compare/report/report.hpp"
#include "core/catalog/catalog.hpp"

namespace understudy::compare {

/// What the comparison of some sessions showed, before it is judged: parts of one comparison add up to the whole.
struct ComparisonPart {
    std::vector<SessionPart> parts;  ///< that are in it, ascending
    std::vector<InputReport> inputs;
    Observations seen;
    /// Of the baseline and the candidate; nothing where a capture has none, or several databases'.
    std::optional<catalog::Catalog> before;
    std::optional<catalog::Catalog> after;
    std::string tolerances;  ///< the rules that were at work while comparing, as tolerances_of() has them

    /// Adds another part. Errors: Errc::usage when it is not one of the same comparison, or is there already.
    Result<void> add(ComparisonPart&& other);
    /// The parts that are still missing, as "2/4, 3/4"; empty: none is.
    [[nodiscard]] std::string missing() const;
};

/// What parts have to have in common: the tolerances among the rules, in a few words each.
std::string tolerances_of(const std::vector<Rule>& rules);

/// Judges a whole comparison.
Report report_of(const ComparisonPart& whole, const ReportOptions& options);

}  // namespace understudy::compare
