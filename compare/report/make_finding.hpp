#pragma once

#include "compare/analysis/blame.hpp"
#include "compare/report/report.hpp"

namespace understudy::compare {

/// What a report says of a cell. `recorded`: how long the baseline's recording took.
Finding make_finding(const Cell& cell, const CellJudgement& judgement, const Blame& blame, Duration recorded);

}  // namespace understudy::compare
