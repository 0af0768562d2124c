#pragma once

#include <functional>
#include <optional>
#include <string>

#include "app/process/command_run.hpp"
#include "schema/rollback/rehearse_rollback.hpp"

namespace understudy::app {

/// Where a team's own command is to be stopped, and how.
struct CommandCut {
    schema::CommandPlace place;
    schema::Interruption kind = schema::Interruption::terminate;  ///< or drop: the command is killed
};

/// One watched run of a command.
struct SteppedRun {
    CommandEnd end;
    bool cut = false;              ///< it came to the place, and was stopped there
    schema::CommandPlaces places;  ///< it passed, in their order
};

/// Runs a team's own command (by /bin/sh, as run_command() does) against a scratch database of ours, and watches what
/// its sessions do there: it is held before each statement of DDL where the target's role is a superuser, and
/// statements of any sort that take longer than some 20 ms are seen in their midst. With `cut`, it is stopped there.
/// When it returns, nobody is connected and the database's schema has nothing of ours. Errors: those of the connection;
/// Errc::io where the command cannot be started.
Result<SteppedRun> run_stepped(const std::string& conninfo, const std::string& command,
                               const std::optional<CommandCut>& cut, const std::function<bool()>& stop);

}  // namespace understudy::app
