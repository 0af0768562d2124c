#pragma once

#include <string>

#include "app/history/history_options.hpp"

namespace understudy::app {

/// `understudy show RUN`: the report that was kept, as text or as JSON. Gives the exit code. Errors: those of the history.
Result<int> show_run(const HistoryPlace& place, const std::string& run, const std::string& job, bool json);

/// Whether a text looks like the id of a finding (f1a2b3c4) rather than a run's name.
bool looks_like_finding(const std::string& text);

}  // namespace understudy::app
