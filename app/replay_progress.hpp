#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "replay/replay_stats.hpp"

namespace understudy::app {

/// A few lines about a replay that is over: what was sent, what was not, and who was late.
std::string replay_summary(const replay::ReplayStats& stats);

/// Shows how a replay gets on, once a second, where standard error is a terminal.
class ProgressLine {
public:
    ProgressLine(const replay::ReplayStats& stats, bool quiet);
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

private:
    void show() const;

    const replay::ReplayStats& stats_;
    Timestamp start_;
    std::atomic<bool> ending_{false};
    std::thread thread_;
};

}  // namespace understudy::app
