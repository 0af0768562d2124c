#pragma once

#include <memory>
#include <string>

#include "app/history/history.hpp"
#include "compare/history/retention.hpp"

namespace CLI {
class App;
}

namespace understudy::app {

/// --history and what goes with it, for commands that add a run.
struct HistoryOptions {
    std::string where;  ///< empty: no history
    std::string job;    ///< empty: named after the command
    bool in_target = false;
    compare::Retention retention;
};
void add_history_options(CLI::App& command, HistoryOptions& options);

/// Where a command that only asks finds the history.
struct HistoryPlace {
    std::string where;  ///< empty: as understudy.yaml has it
    std::string config = "understudy.yaml";
    bool in_target = false;
};
void add_place_options(CLI::App& command, HistoryPlace& place);
/// Errors: those of the place; Errc::usage when none is named anywhere.
Result<std::unique_ptr<History>> open_place(const HistoryPlace& place);

/// The id of a run that people name: an id, the beginning of one, "last", "last~2" (two before it), "release", or a
/// release's name. `job` (empty: any) is for those that are not ids. Errors: Errc::usage.
Result<std::string> find_run_id(History& history, const std::string& name, const std::string& job);

/// Says on standard error what the last question could not read.
void warn_of_skipped(const History& history);

}  // namespace understudy::app
