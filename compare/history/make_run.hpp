#pragma once

#include "compare/history/asked_statements.hpp"
#include "compare/history/run_record.hpp"
#include "compare/history/trends.hpp"
#include "compare/latency/run_latencies.hpp"
#include "compare/report/report.hpp"
#include "core/exchange/result_digest.hpp"

namespace understudy::compare {

/// Which run it is.
struct RunName {
    Timestamp at;
    std::uint32_t chance = 0;  ///< see make_run_id()
    std::string job;
    std::string command;
};

/// What a history keeps of a report, apart from times, text and JSON. Findings are those of the report, each part of a
/// rehearsal that failed (kind "section"), and each statement that pairs of runs show to be slower (kind "latency").
RunRecord make_run(const Report& report, const RunName& name);

/// The times of both sides. `digester`: constants of statements become placeholders; nullptr: they stay.
void add_times(RunRecord& run, const RunLatencies& baseline, const RunLatencies& candidate, const Digester* digester);
void add_asked(RunRecord& run, const AskedStatements& asked);

/// What the nights show to be slower, as findings of kind "trend".
void add_trends(RunRecord& run, const TrendReport& trends);

inline constexpr const char* kTrendKind = "trend";
/// The section of a report that history_section() makes: it tells of other runs, so it is no finding of this one.
inline constexpr const char* kHistorySection = "history";

}  // namespace understudy::compare
