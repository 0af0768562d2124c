#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "replay/replay_stats.hpp"
#include "replay/run/plan_run.hpp"

namespace understudy::app {

/// How much of the order across sessions a replay keeps, as the command line says it.
struct OrderOptions {
    std::string sync = "strict";
    std::vector<std::string> harmless;
    bool dry_run = false;

    void add_to(CLI::App& command);
    /// Errors: Errc::usage.
    [[nodiscard]] Result<replay::OrderPlanner::Options> planner() const;
};

/// The plan, for people: how many exchanges, how they are ordered, what is ambiguous, what will not be sent and why.
std::string plan_text(const replay::ReplayPlan& plan, replay::SyncMode mode);
/// How far the order was kept.
std::string order_text(const replay::ReplayStats& stats, replay::SyncMode mode);

}  // namespace understudy::app
