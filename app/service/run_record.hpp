#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/time.hpp"

namespace understudy::app::service {

enum class RunState : std::uint8_t {
    starting,  ///< written before its process exists
    running,
    stopping,     ///< asked to end
    finished,     ///< ended by itself, with a verdict
    failed,       ///< ended by itself, without one
    stopped,      ///< ended because somebody asked
    interrupted,  ///< found without a service that minds it; cleaned up
};
std::string_view to_string(RunState state);
constexpr bool is_over(RunState state) { return state >= RunState::finished; }

/// A process, told from later ones with the same number by when it started.
struct ProcessIdentity {
    std::int64_t pid = 0;
    std::uint64_t start = 0;  ///< /proc/PID/stat, field 22: clock ticks since boot
    std::string boot;         ///< /proc/sys/kernel/random/boot_id

    friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

/// What a report says, in a few figures.
struct ReportFigures {
    std::string verdict;  ///< "same", "divergent", "inconclusive"
    std::string title;
    std::vector<std::string> reasons;
    std::map<std::string, std::uint64_t> severities;
    std::uint64_t findings = 0;
    std::uint64_t compared = 0;
    double coverage_percent = 0;
    std::map<std::string, std::string> sections;  ///< id to state

    friend bool operator==(const ReportFigures&, const ReportFigures&) = default;
};

/// One run of a rehearsal, as run.json in its directory has it.
struct RunRecord {
    std::string id;  ///< "20261128T020000-1f3a9c"
    std::string rehearsal;
    std::string target;      ///< what it rehearses at: one at a time
    std::string started_by;  ///< a token's name, or "schedule"
    std::string stopped_by;
    RunState state = RunState::starting;
    Timestamp created;
    Timestamp ended;
    std::string commit;              ///< that it is for (is_commit()); empty: none is known
    std::uint64_t pull_request = 0;  ///< or merge request; 0: none is known
    std::vector<std::string> hooks;  ///< names of those that are to be told of its end
    std::uint64_t missed = 0;        ///< times of its schedule that this run makes up for
    ProcessIdentity process;
    std::optional<int> exit_code;
    std::string failure;  ///< the last words of a run without a verdict
    std::string cleaned;  ///< what `clean` said after it was interrupted or stopped
    std::optional<ReportFigures> report;

    friend bool operator==(const RunRecord&, const RunRecord&) = default;
};

/// For the disk; with the process. Errors of the reverse: Errc::malformed.
std::string run_json(const RunRecord& run);
Result<RunRecord> parse_run(const std::string& json);

/// The figures of a JSON report (docs/report.md). Errors: Errc::malformed.
Result<ReportFigures> figures_of(const std::string& report_json);

/// How a run ended, of its exit code (app/command.hpp) and report. `stopped`: somebody had asked.
RunState end_state(int exit_code, bool has_report, bool stopped);

}  // namespace understudy::app::service
