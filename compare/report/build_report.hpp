#pragma once

#include "compare/analysis/blame.hpp"
#include "compare/analysis/observations.hpp"
#include "compare/report/report.hpp"

namespace understudy::compare {

/// Turns what was compared into findings and a verdict: divergent if there is a finding that the change can be blamed
/// for; else inconclusive if a verdict would mislead (too little compared, damage, disturbed runs, widespread
/// differences that could not be told from chance); else same.
Report build_report(const Observations& seen, const Blame& blame, std::vector<InputReport> inputs,
                    const ReportOptions& options);

/// Puts latencies into a report; statements that got slower make it divergent, unless only worse counts.
void add_latency(Report& report, LatencyReport latency, const ReportOptions& options);

}  // namespace understudy::compare
