#include "app/replay/replay_counters.hpp"

#include "core/pgwire/message_tag.hpp"

namespace understudy::app {

Counters replay_counters(const MessageCounts& counts, const replay::ReplayStats& stats,
                         const replay::RemapReport& remap) {
    Counters counters;
    for (std::size_t tag = 0; tag < counts.frontend.size(); ++tag) {
        const char letter = static_cast<char>(tag);
        if (counts.frontend[tag] > 0) {
            counters.values["messages.frontend." + std::string(pgwire::frontend_message_name(letter))] =
                counts.frontend[tag];
        }
        if (counts.backend[tag] > 0) {
            counters.values["messages.backend." + std::string(pgwire::backend_message_name(letter))] =
                counts.backend[tag];
        }
    }
    counters.values["replay.sessions_failed"] = stats.sessions_failed;
    counters.values["replay.requests_read"] = stats.requests_read;
    counters.values["replay.requests_sent"] = stats.requests_sent;
    counters.values["replay.requests_not_sent"] = stats.requests_not_sent;
    counters.values["replay.statements_not_entered"] = stats.statements_not_entered;
    if (stats.sessions_impersonated > 0) {
        counters.values["replay.impersonated"] = stats.sessions_impersonated;
        counters.values["replay.impersonated_roles_set_again"] = stats.roles_set_again;
        counters.values["replay.impersonated_sessions_ended"] = stats.impersonations_failed;
    }
    counters.values["replay.late_requests"] = stats.late_requests;
    counters.values["replay.ambiguous_requests"] = stats.ambiguous_requests;
    counters.values["replay.tainted_requests"] = stats.tainted_requests;
    for (const auto& broken : stats.broken_waits) counters.values["replay.broken_waits"] += broken;
    counters.values.merge(remap.counters());
    return counters;
}

}  // namespace understudy::app
