#pragma once

#include <string>
#include <vector>

#include "app/history/history.hpp"
#include "compare/history/retention.hpp"

namespace understudy::app {

/// The runs of a job (empty: of all) that the retention lets go.
Result<std::vector<std::string>> going_runs(History& history, const std::string& job, const compare::Retention& retention,
                                            Timestamp now);
/// Removes one; another program may have been quicker.
Result<void> remove_run(History& history, const std::string& id);

}  // namespace understudy::app
