#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compare/history/nights.hpp"
#include "compare/history/trends.hpp"
#include "compare/report/section.hpp"

namespace understudy::compare {

// What compare/history found, for people. No text has values that its runs do not have.

/// "2026-11-28 03:12": of a run's id.
std::string night_text(const std::string& id);

/// "takes 2.10 → 3.02 ms (+44 %) since 2026-11-20 03:00 (5 nights) …"
std::string trend_text(const Trend& trend);

/// The section of a report: against last night, against the last release, and what got slower. It fails where something
/// became slower tonight; what is new among the findings speaks for itself.
Section history_section(const NightsComparison& last_night, const std::optional<NightsComparison>& release,
                        const TrendReport& trends);

/// Two runs, one below the other; ends with a newline.
std::string to_text(const NightsComparison& comparison);
/// A table of runs, newest first; ends with a newline.
std::string to_text(const std::vector<RunSummary>& runs);
/// One statement's nights with what is judged of them; ends with a newline.
std::string series_text(const std::vector<LatencyPoint>& series, const std::optional<Trend>& trend);

}  // namespace understudy::compare
