#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.hpp"

namespace understudy::app {

/// How a command ended.
struct CommandEnd {
    int exit_code = 0;      ///< 128 + the signal's number where a signal ended it, as shells have it
    bool stopped = false;   ///< by us, since stop() said so
    std::string last_line;  ///< the last that it wrote and that was not empty: mostly why it failed
};

/// "COMMAND ended with exit code 7: connection refused", in one line.
std::string failure_text(const std::string& command, const CommandEnd& end);

/// Runs `command` with /bin/sh, in a process group of its own, with nothing on its standard input and `variables` added
/// to its environment; what it writes goes to our standard error, each line after "run: ". While it runs, `stop` is
/// asked several times a second; then its group is ended (SIGTERM, and SIGKILL after two seconds). Errors: Errc::io
/// where it cannot be started.
Result<CommandEnd> run_command(const std::string& command,
                               const std::vector<std::pair<std::string, std::string>>& variables,
                               const std::function<bool()>& stop);

}  // namespace understudy::app
