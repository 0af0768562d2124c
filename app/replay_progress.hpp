#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "replay/replay_stats.hpp"

namespace understudy::app {

/// A few lines about a replay that is over: what was sent, what was not, and who was late.
std::string replay_summary(const replay::ReplayStats& stats);

/// How it gets on, in one line: "1m 05s  42 %, 1m 30s left  16 sessions open …".
std::string progress_line(const replay::ReplayStats& stats, Timestamp start, Timestamp now);

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
