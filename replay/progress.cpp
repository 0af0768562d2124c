#include "replay/progress.hpp"

#include <algorithm>

namespace understudy::replay {
namespace {

constexpr double kLeastShare = 0.005;  // below, what is left is a guess

}  // namespace

ReplayedShare progress_of(const ReplayStats& stats, Timestamp now) {
    ReplayedShare progress;
    const Timestamp start = Timestamp::from_ns(stats.start_ns.load());
    const Timestamp end = Timestamp::from_ns(stats.end_due_ns.load());
    if (!start.known()) return progress;
    if (end > start) {
        const double whole = (end - start).to_seconds();
        progress.share = std::clamp((now - start).to_seconds() / whole, 0.0, 1.0);
        if (!stats.paused.load()) progress.left = std::max(end - now, Duration());
        return progress;
    }
    const auto total = static_cast<double>(stats.capture_chunks.load());
    const auto requests = static_cast<double>(stats.requests_read.load());
    if (total <= 0 || requests <= 0) return progress;
    const auto done = static_cast<double>(stats.requests_sent.load() + stats.requests_not_sent.load());
    const double read = static_cast<double>(stats.capture_chunks_read.load()) / total;
    const double share = std::clamp(read * done / requests, 0.0, 1.0);
    progress.share = share;
    if (share >= kLeastShare && !stats.paused.load()) progress.left = (now - start).scaled((1 - share) / share);
    return progress;
}

}  // namespace understudy::replay
