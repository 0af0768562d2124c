#include <algorithm>

#include "app/inspect/follower.hpp"

// What a capture lacks: the part of the Follower that judges exchanges.
namespace understudy::app::inspect {

void Follower::on(const Gap& event) {
    if (event.session == SessionId()) return;
    Session* hit = session(event.session, event.time);
    if (hit == nullptr) return;
    Quality& quality = hit->info.quality;
    if (event.exchanges_dropped > 0) {
        quality.dropped += event.exchanges_dropped;
        return;
    }
    ++(event.from_client ? quality.client_gaps : quality.server_gaps);
    quality.gap_bytes += event.bytes;
    if (!event.from_client) return;  // the answers that it hit are marked incomplete
    quality.client_gap_bytes += event.bytes;
    if (event.bytes == 0) ++quality.unknown_gaps;
    if (!hit->open.empty()) hit->open.rbegin()->second.broken = true;
}

void Follower::on(const Counters& event) {
    const auto found = sessions_.find(event.session);
    if (found != sessions_.end()) found->second.info.counters = event.values;
}

void Follower::note_results(Exchange& exchange, const Response& event) {
    const auto incomplete = [](const StepResult& result) { return result.outcome == StepOutcome::incomplete; };
    if (std::any_of(event.results.begin(), event.results.end(), incomplete)) exchange.broken = true;
    if (event.ready.known()) exchange.ready = true;
}

void Follower::end_exchange(Session& session, const Exchange& exchange, bool session_ends) {
    Quality& quality = session.info.quality;
    const bool cut_off = !session.info.end || *session.info.end == SessionEnd::still_open;
    if (!exchange.ready && session_ends && cut_off) {
        ++quality.running;
        return;
    }
    ++quality.recorded;
    // Without an end but that of the session, nobody answered; unless the answer was in what was lost.
    const bool never_answered = session_ends && quality.client_gaps + quality.server_gaps == 0;
    if (!exchange.broken && (exchange.ready || never_answered)) ++quality.whole;
}

}  // namespace understudy::app::inspect
