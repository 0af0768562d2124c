#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>

#include "core/base/histogram.hpp"
#include "core/base/time.hpp"
#include "replay/login_failures.hpp"

namespace understudy::replay {

/// Why a request went out after it was due.
enum class LagCause : std::uint8_t {
    tool,    ///< nothing was awaited: this program was late
    target,  ///< the target had not answered an earlier request of the session
    order,   ///< another session had to come first
};

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
    std::atomic<std::uint64_t> statements_warmed{0};      ///< prepared before a pause
    std::atomic<std::uint64_t> statements_not_warmed{0};  ///< that the target refused then, or that came too late
    std::atomic<std::uint64_t> parses_elided{0};          ///< of statements that were prepared before a pause
    std::atomic<std::uint64_t> read_only_refused{0};      ///< steps refused with SQLSTATE 25006
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
    std::atomic<std::uint64_t> capture_chunks{0};    ///< of all files; 0 unknown
    std::atomic<std::uint64_t> capture_chunks_read{0};
    std::atomic<std::int64_t> start_ns{0};    ///< when the first event is due, since 1970; 0: not yet known
    std::atomic<std::int64_t> end_due_ns{0};  ///< when the last one is, where the replay is paced
    std::atomic<bool> paused{false};          ///< all sessions are held
    LoginFailures login_failures;             ///< of sessions that could not log in

    // The order across sessions.
    std::atomic<std::uint64_t> ordered_requests{0};  ///< sent that had to come after others
    std::atomic<std::uint64_t> order_waits{0};       ///< of those: had to wait when they were due
    std::atomic<std::uint64_t> order_wait_us{0};     ///< how long, in all
    std::atomic<std::uint64_t> tainted_requests{0};  ///< what they come after did not happen as it was recorded
    std::atomic<std::uint64_t> ambiguous_requests{0};
    std::array<std::atomic<std::uint64_t>, 3> broken_waits{};  ///< let go to end a cycle, by EdgeKind
    std::atomic<std::uint64_t> deadlocks{0};                   ///< statements that the target ended with 40P01

    /// Lateness of a request against its due time, by whose fault it was.
    void record_lag(Duration lag, LagCause cause) {
        if (lag > Duration::milliseconds(10)) late_requests.fetch_add(1, std::memory_order_relaxed);
        const std::lock_guard lock(lag_mutex_);
        lag_[static_cast<std::size_t>(cause)].record(lag.count_ns() / 1000);
    }
    /// In microseconds.
    [[nodiscard]] Histogram lag(LagCause cause) const {
        const std::lock_guard lock(lag_mutex_);
        return lag_[static_cast<std::size_t>(cause)];
    }

private:
    mutable std::mutex lag_mutex_;
    std::array<Histogram, 3> lag_;
};

}  // namespace understudy::replay
