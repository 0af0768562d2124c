#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/process/programs.hpp"
#include "app/rehearse/rehearse_options.hpp"

namespace understudy::app {

/// One replay of the capture, done by this program as a process of its own: what happens to it happens to it alone.
struct ReplayJob {
    std::string target;  ///< connection string
    std::string output;
    std::string speed;
    std::vector<std::string> more;  ///< further arguments
};

/// Its command line, so that a person can run it as well.
std::vector<std::string> replay_arguments(const RehearseOptions& options, const ReplayJob& job);

/// What a replay that went through has to say all the same.
struct ReplaySaid {
    std::vector<std::string> login_failures;  ///< why sessions could not log in, one line each, with what to do
};

/// Runs it. Errors: Errc::inconclusive where the start state is another one, else Errc::io, with what the replay said.
Result<ReplaySaid> run_replay_job(const RehearseOptions& options, const ReplayJob& job,
                                  const std::function<bool()>& stop);

/// The path of this program.
std::string own_path();
/// For /bin/sh: in single quotes.
std::string shell_word(const std::string& text);

}  // namespace understudy::app
