#pragma once

#include "core/exchange/transcriber.hpp"
#include "replay/remap/remap_report.hpp"
#include "replay/replay_stats.hpp"

namespace understudy::app {

/// What a replay's file says of the replay as a whole.
Counters replay_counters(const MessageCounts& counts, const replay::ReplayStats& stats,
                         const replay::RemapReport& remap);

}  // namespace understudy::app
