#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/service/run_record.hpp"
#include "core/base/error.hpp"
#include "core/base/time.hpp"

namespace understudy::app {

/// A rehearsal's process and files.
struct RunCommand {
    std::vector<std::string> arguments;
    std::string directory;  ///< to run in: relative paths of its configuration are from there
    std::string log;        ///< for standard error; standard output, which shows values, goes nowhere
    std::string scratch;    ///< TMPDIR
};

/// Starts it, in a process group of its own, with no file of ours open. Errors: Errc::io.
Result<service::ProcessIdentity> start_process(const RunCommand& command);

/// How a child of ours ended, as shells have it (128 + the signal's number); nothing while it runs.
std::optional<int> reap(const service::ProcessIdentity& process);

/// Kills whatever has `word` as an argument, children of children too, until none is left or five seconds are over.
void kill_all_with(const std::string& word);

/// `understudy clean --target`, again and again while something is kept: a server notices only after a while that whom it
/// served was killed. Says how many scratch databases were dropped and kept, or why it failed.
Result<std::string> clean_target(const std::string& own_program, const std::string& target);

}  // namespace understudy::app
