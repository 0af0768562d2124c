#pragma once

#include <string>
#include <vector>

#include "app/compare/judging.hpp"
#include "app/keys.hpp"
#include "app/rehearse/migration_choice.hpp"
#include "core/base/time.hpp"

namespace understudy::app {

/// `understudy rehearse` as the command line and understudy.yaml say it.
struct RehearseOptions {
    std::string config = "understudy.yaml";
    std::string capture;
    std::string target;
    MigrationChoice migration;

    std::string reset = "template";  ///< or "command", "none"
    std::string reset_command;
    bool close_connections = false;

    // Handed on to each replay.
    std::string speed = "max";
    std::string sync = "strict";
    std::string credentials;
    bool impersonate = false;
    std::vector<std::string> user_map;
    std::vector<std::string> database_map;
    std::vector<std::string> identities;
    std::vector<std::string> harmless;
    std::vector<std::string> allow;
    std::string production_id;
    bool ignore_start_state = false;
    Keys keys;

    bool no_control = false;
    bool no_held = false;
    bool no_traffic = false;
    bool no_rollback = false;
    std::string held_at;               ///< empty: the middle of the capture
    std::string traffic_time = "60s";  ///< of the capture, that plays while the migration runs
    std::string traffic_speed = "1";
    std::size_t moments = 1;       ///< at which the migration meets traffic, each on a copy of its own
    std::string max_stall = "1s";  ///< of a user's query, behind the migration
    Duration traffic_window;       ///< these two, as complete() reads them
    Duration allowed_stall;

    std::string keep;  ///< directory for the answers of all runs; empty: they are removed
    bool plan = false;
    bool quiet = false;
    std::string progress_json;  ///< file for programs that watch; empty: none
    Judging judging;
};

}  // namespace understudy::app
