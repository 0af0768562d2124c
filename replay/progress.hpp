#pragma once

#include <optional>

#include "replay/replay_stats.hpp"

namespace understudy::replay {

/// How far a replay has got.
struct ReplayedShare {
    std::optional<double> share;   ///< 0 to 1; nothing where it cannot be told
    std::optional<Duration> left;  ///< as far as can be told
};

/// Paced, the share is of time, which the capture gives. As fast as possible, it is of the capture's chunks that were
/// read, times the requests read that are done. While a pause lasts, nothing is said of what is left.
ReplayedShare progress_of(const ReplayStats& stats, Timestamp now);

}  // namespace understudy::replay
