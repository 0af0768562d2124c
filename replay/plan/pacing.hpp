#pragma once

#include <atomic>

#include "core/base/time.hpp"

namespace understudy::replay {

/// When recorded instants are due in the replay: from the two starts and the speed alone, never from the last wake-up,
/// so that lateness does not add up.
class Pacing {
public:
    /// `speed` 1: as recorded, 2: in half the time; 0: as fast as the answers come.
    Pacing(double speed, Timestamp recorded_start, Timestamp replay_start)
        : speed_(speed), recorded_start_(recorded_start), replay_start_(replay_start) {}

    [[nodiscard]] bool unpaced() const { return speed_ <= 0; }
    [[nodiscard]] Timestamp due(Timestamp recorded) const {
        if (unpaced()) return replay_start_;
        const Duration delay = Duration::nanoseconds(delay_ns_.load(std::memory_order_relaxed));
        return replay_start_ + (recorded - recorded_start_).scaled(1.0 / speed_) + delay;
    }
    /// Everything is due so much later: all sessions were held meanwhile. From any thread.
    void delay(Duration by) { delay_ns_.fetch_add(by.count_ns(), std::memory_order_relaxed); }
    /// A recorded stretch of time as the replay spends it; unpaced, as it was recorded.
    [[nodiscard]] Duration stretch(Duration recorded) const {
        return unpaced() ? recorded : recorded.scaled(1.0 / speed_);
    }

private:
    double speed_;
    Timestamp recorded_start_;
    Timestamp replay_start_;
    std::atomic<std::int64_t> delay_ns_{0};
};

}  // namespace understudy::replay
