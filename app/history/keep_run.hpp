#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/compare/judging.hpp"
#include "app/history/history_options.hpp"
#include "app/keys.hpp"

namespace understudy::app {

/// The two replays that a report compares, as files; where one is not there, the run has no times.
struct ReportedRuns {
    std::string baseline;
    std::string candidate;
};

/// Takes one run into a history, where one is wanted: opened before the work begins, so that a wrong name is said at once.
class HistoryKeeper {
public:
    /// Errors: those of the history. Without options.where it does nothing later.
    static Result<HistoryKeeper> open(const HistoryOptions& options, const std::string& command);

    /// As conclude(), and before it adds what earlier runs say to the report, after it keeps the run and removes what the
    /// retention lets go. A history that fails by then is said in the report, which becomes inconclusive if it was the
    /// same; a run that could not be kept makes exit code 4 of 0.
    Result<int> conclude_run(const Judging& judging, compare::Report& report, const std::optional<DigestKey>& key,
                             const ReportedRuns& runs, const Keys& keys);

private:
    HistoryKeeper(HistoryOptions options, std::string command) : options_(std::move(options)), command_(std::move(command)) {}
    Result<void> relate(const Judging& judging, compare::Report& report, const Digester* digester, const ReportedRuns& runs,
                        const Keys& keys);
    Result<void> keep(const Judging& judging, const compare::Report& report, const Digester* digester);

    HistoryOptions options_;
    std::string command_;
    std::unique_ptr<History> history_;
    compare::RunRecord run_;
};

}  // namespace understudy::app
