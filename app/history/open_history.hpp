#pragma once

#include <memory>
#include <string>

#include "app/history/history.hpp"

namespace understudy::app {

struct HistoryAccess {
    bool only_existing = false;     ///< a history that is not there is an error, and is not made
    bool in_replay_target = false;  ///< also in a database that is marked as one that is replayed into
};

/// The history in a directory, or in the database that a connection string or URL names. Errors: those of the place.
Result<std::unique_ptr<History>> open_history(const std::string& where, const HistoryAccess& access);

}  // namespace understudy::app
