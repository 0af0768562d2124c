#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.hpp"

namespace understudy::app {

/// A program to be run: no shell in between.
struct Program {
    std::vector<std::string> arguments;  ///< the first is the program's path, or a name to be looked up in PATH
    std::vector<std::pair<std::string, std::string>> environment;  ///< added to ours
    int end_signal = 15;                                           ///< what ends it when it is to stop: SIGTERM
};

struct ProgramEnd {
    int exit_code = 0;     ///< 128 + the signal's number where a signal ended it, as shells have it
    std::string output;    ///< what it wrote to standard error and, the last one, to standard output: the first 64 KiB
    bool stopped = false;  ///< by us, since stop() said so
};

/// Told each line that a program writes to what we read, without its end; longer ones in pieces of 4 KiB.
using OutputLine = std::function<void(std::string_view)>;

/// Runs programs as a pipeline, each one's standard output being the next one's input; the first reads nothing. Each is
/// in a process group of its own, so that a Ctrl-C of the terminal reaches only us; while they run, `stop` is asked
/// several times a second, and then they are ended (SIGTERM, and SIGKILL after two seconds). All have ended when it
/// returns, in the order given. Errors: Errc::io where one cannot be started.
Result<std::vector<ProgramEnd>> run_pipeline(const std::vector<Program>& programs, const std::function<bool()>& stop,
                                             const OutputLine& on_line = {});

}  // namespace understudy::app
