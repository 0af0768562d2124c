#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "core/base/histogram.hpp"
#include "core/base/time.hpp"

namespace understudy::replay {

/// What a replay has done so far; written by its threads, read by whoever shows it.
struct ReplayStats {
    std::atomic<std::uint64_t> sessions_opened{0};
    std::atomic<std::uint64_t> sessions_open{0};    ///< now
    std::atomic<std::uint64_t> sessions_closed{0};  ///< those that never opened included
    std::atomic<std::uint64_t> sessions_failed{0};  ///< could not connect, or lost the connection
    std::atomic<std::uint64_t> requests_read{0};    ///< from the capture
    std::atomic<std::uint64_t> requests_sent{0};
    std::atomic<std::uint64_t> requests_not_sent{0};
    /// Statements that a session entered midway had prepared before, and that could not be prepared here.
    std::atomic<std::uint64_t> statements_not_entered{0};
    std::atomic<std::uint64_t> sessions_impersonated{0};  ///< logged in as another role than theirs
    std::atomic<std::uint64_t> roles_set_again{0};        ///< after a recorded reset of the session authorization
    std::atomic<std::uint64_t> impersonations_failed{0};  ///< sessions ended because they were somebody else
    std::atomic<std::uint64_t> exchanges_answered{0};
    std::atomic<std::uint64_t> errors{0};  ///< steps that the target answered with an error
    std::atomic<std::uint64_t> bytes_sent{0};
    std::atomic<std::uint64_t> bytes_received{0};
    std::atomic<std::uint64_t> queued_bytes{0};      ///< read from the capture and not sent yet
    std::atomic<std::uint64_t> over_limit_bytes{0};  ///< let in past the memory limit, because nothing moved
    std::atomic<std::uint64_t> late_requests{0};     ///< sent more than 10 ms after they were due
    std::atomic<std::uint64_t> progress{0};          ///< grows whenever anything happens

    /// Lateness of requests against their due time, by whose fault it was: the target had not answered an earlier
    /// request yet, or this program was late.
    void record_lag(Duration lag, bool waited_for_target) {
        if (lag > Duration::milliseconds(10)) late_requests.fetch_add(1, std::memory_order_relaxed);
        const std::lock_guard lock(lag_mutex_);
        (waited_for_target ? lag_of_target_ : lag_of_tool_).record(lag.count_ns() / 1000);
    }
    /// In microseconds.
    [[nodiscard]] Histogram lag_of_target() const {
        const std::lock_guard lock(lag_mutex_);
        return lag_of_target_;
    }
    [[nodiscard]] Histogram lag_of_tool() const {
        const std::lock_guard lock(lag_mutex_);
        return lag_of_tool_;
    }

private:
    mutable std::mutex lag_mutex_;
    Histogram lag_of_target_;
    Histogram lag_of_tool_;
};

}  // namespace understudy::replay
