#pragma once

#include <optional>

#include "capture/edit/session_sketch.hpp"

namespace understudy::capture {

/// One session in two captures, and where the exchanges of one lie in the other.
struct SessionMatch {
    SessionId first;
    SessionId second;
    /// sample i of the first is sample i + shift of the second; none when several shifts would fit, or none is sure
    std::optional<int> shift;
};

/// Finds the sessions that two hosts have both seen: by id; by both ends' address and port, and process id and requests
/// as far as both are known; or, where addresses are translated on the way, by process id, start-up packet and at least
/// four equal requests. Ordered by the first's id.
std::vector<SessionMatch> match_sessions(const SketchBook& first, const SketchBook& second);

/// How far the second host's clock is ahead of the first's.
struct ClockOffset {
    Duration offset;
    Duration uncertainty;
    std::uint64_t sessions = 0;
    std::uint64_t pairs = 0;  ///< of instants
};

/// From the medians of the differences between the same requests and between the same answers on both hosts: what the
/// network takes delays requests on one host and answers on the other, so the truth lies between the two medians (RFC
/// 5905, section 8, does the same with four stamps). The uncertainty is half their distance plus the median absolute
/// deviation. None without answered exchanges in common.
std::optional<ClockOffset> estimate_offset(const SketchBook& first, const SketchBook& second,
                                           const std::vector<SessionMatch>& matches);

}  // namespace understudy::capture
