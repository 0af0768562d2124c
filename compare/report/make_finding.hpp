#pragma once

#include "compare/analysis/blame.hpp"
#include "compare/report/report.hpp"

namespace understudy::compare {

/// The same in every report and version, since ids are written into rules and tickets: FNV-1a of what makes it one finding.
/// `fingerprint`: 16 hexadecimal digits.
std::string finding_id(BytesView fingerprint, DivergenceKind kind, BytesView place, BytesView sqlstate);

/// What a report says of a cell. `recorded`: how long the baseline's recording took.
Finding make_finding(const Cell& cell, const CellJudgement& judgement, const Blame& blame, Duration recorded);

}  // namespace understudy::compare
