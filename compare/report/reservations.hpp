#pragma once

#include "compare/analysis/observations.hpp"
#include "compare/analysis/judgement.hpp"
#include "compare/report/report.hpp"

namespace understudy::compare {

/// The input of a side; nullptr when it takes no part.
const InputReport* input_of(const Report& report, Side side);

/// Whether the change can be blamed: a server that failed, or an error that replaying makes, says nothing of the
/// schema.
bool speaks_against_the_change(const Finding& finding);

/// More answers, in percent of those with data, that have a column which could not be compared are no small matter.
inline constexpr double kMaxUnlikeForms = 1;

/// Reasons for which a verdict would mislead, a sentence each.
std::vector<std::string> doubts(const Observations& seen, const Report& report);

/// What a reader should know besides.
void add_remarks(const Observations& seen, Report& report);

}  // namespace understudy::compare
