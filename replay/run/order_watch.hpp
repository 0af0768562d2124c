#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "replay/order/cycle_breaker.hpp"
#include "replay/replay_stats.hpp"

namespace understudy::replay {

/// Looks for sessions that wait for each other for ever, because a footprint was not complete: some on the board, some
/// in the server for locks. What is broken is counted, and the request tainted.
///
/// A thread of its own. The server is asked (pg_blocking_pids) only while a session has waited longer than
/// CycleBreaker::kOverdue, since that takes every partition of the lock table.
class OrderWatch {
public:
    /// `control`: connection string of the watch's connection; empty: the server's waits are not looked at. The others
    /// must outlive the watch.
    OrderWatch(OrderBoard& board, const std::string& control, ReplayStats& stats);
    ~OrderWatch();
    OrderWatch(const OrderWatch&) = delete;
    OrderWatch& operator=(const OrderWatch&) = delete;

private:
    void run();
    void look(Timestamp now);
    std::vector<LockWait> lock_waits();

    OrderBoard& board_;
    std::string control_;
    ReplayStats& stats_;
    CycleBreaker breaker_;
    std::mutex mutex_;
    std::condition_variable ending_;
    bool end_ = false;
    std::thread thread_;
};

}  // namespace understudy::replay
