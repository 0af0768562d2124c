#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/service/run_record.hpp"

namespace understudy::app {

/// A process by its number, as /proc has it now; nothing when there is none, or when it has ended and waits to be
/// reaped.
std::optional<service::ProcessIdentity> find_process(std::int64_t pid);

/// Processes that have `word` as an argument of their command line, whoever started them; never this one.
std::vector<service::ProcessIdentity> processes_with(const std::string& word);

/// Sends a signal to exactly this process, not to a later one with its number. False when it is not there any more.
bool signal_process(const service::ProcessIdentity& process, int signal);

}  // namespace understudy::app
