#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "core/base/histogram.hpp"
#include "core/base/time.hpp"

namespace understudy::app::service {

/// What the service counts of its visitors. Safe from any thread.
struct ServiceCounters {
    std::array<std::atomic<std::uint64_t>, 6> answers{};  ///< by the first digit of the status
    std::atomic<std::uint64_t> malformed{0};              ///< requests that are no HTTP, or too long
    std::atomic<std::uint64_t> tls_failures{0};           ///< handshakes that came to nothing, but for slow ones
    std::atomic<std::uint64_t> timed_out{0};              ///< connections of slow clients
    std::atomic<std::uint64_t> connections{0};            ///< open now
    std::atomic<std::uint64_t> connections_refused{0};
    std::atomic<std::uint64_t> viewers{0};  ///< WebSockets open now
    std::atomic<std::uint64_t> viewers_refused{0};
    std::atomic<std::uint64_t> messages_sent{0};
    std::atomic<std::uint64_t> messages_dropped{0};  ///< that slow viewers did not take
    std::atomic<std::uint64_t> unauthorised{0};
    std::atomic<std::uint64_t> forbidden{0};
    std::atomic<std::uint64_t> rate_limited{0};
    std::atomic<std::uint64_t> audit_failures{0};
    std::atomic<std::uint64_t> audit_suppressed{0};  ///< refusals beyond what is written down

    std::atomic<std::uint64_t> hooks_sent{0};        ///< events that a hook took
    std::atomic<std::uint64_t> hooks_failed{0};      ///< events that were given up
    std::atomic<std::uint64_t> hook_retries{0};      ///< further attempts
    std::atomic<std::uint64_t> hooks_superseded{0};  ///< beginnings not told any more, because the run was over
    std::atomic<std::uint64_t> hooks_dropped{0};     ///< beyond what may wait
    std::atomic<std::uint64_t> hooks_waiting{0};     ///< events that wait, or are under way, now

    void record_time(Duration took) {
        const std::lock_guard lock(mutex_);
        microseconds_.record(took.count_ns() / 1000);
    }
    [[nodiscard]] Histogram microseconds() const {
        const std::lock_guard lock(mutex_);
        return microseconds_;
    }

private:
    mutable std::mutex mutex_;
    Histogram microseconds_;
};

/// What it counts of its runs.
struct RunGauges {
    std::map<std::string, std::uint64_t> ended;
    std::uint64_t started = 0;
    std::uint64_t missed = 0;
    std::uint64_t clean_failures = 0;
    std::uint64_t unreadable_runs = 0;
    std::uint64_t running = 0;
    std::uint64_t schedules = 0;
};

/// Prometheus' text format 0.0.4.
std::string service_metrics(const ServiceCounters& counters, const RunGauges& runs);

}  // namespace understudy::app::service
