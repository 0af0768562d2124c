#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "compare/history/run_record.hpp"

namespace understudy::compare {

/// What of a history stays. Releases stay, and so does the newest run of each job.
struct Retention {
    std::size_t runs = 400;  ///< of each job, the newest; 0: any number
    int days = 400;          ///< 0: however old
};

/// Which of these runs go, as of `now`; in the order given.
std::vector<std::string> runs_to_remove(const std::vector<RunSummary>& runs, const Retention& retention, Timestamp now);

}  // namespace understudy::compare
