#include "capture/edit/cutter.hpp"

#include <algorithm>

#include "core/store/capture_codec.hpp"

namespace understudy::capture {
namespace {

template <class Part>
bool take_part(const Event& event, SessionId& session, Ordinal& ordinal) {
    const auto* part = std::get_if<Part>(&event);
    if (part == nullptr) return false;
    session = part->session;
    ordinal = part->ordinal;
    return true;
}

}  // namespace

void Cutter::on_event(Event&& event) {
    const Timestamp time = store::event_time(event);
    if (!reached_ && time.known() && (!plan_.from.known() || time >= plan_.from)) {
        reached_ = true;
        enter_open_sessions();
    }
    if (std::holds_alternative<CatalogRecord>(event)) return sink_.on_event(std::move(event));
    if (const auto* counters = std::get_if<Counters>(&event)) return on_counters(*counters);
    SessionId session = store::event_session(event);
    Ordinal ordinal;
    if (take_part<Request>(event, session, ordinal) || take_part<Response>(event, session, ordinal) ||
        take_part<RowPart>(event, session, ordinal)) {
        return on_part(std::move(event), session, ordinal);
    }
    const bool keeps = plan_.keeps(session);
    if (auto* opened = std::get_if<SessionOpened>(&event)) {
        if (!keeps) return count("sessions_left_out");
        states_.on_event(event);
        return on(std::move(*opened));
    }
    if (!keeps) {
        if (std::holds_alternative<Gap>(event)) count("gaps_left_out");
        if (std::holds_alternative<CancelSent>(event)) count("cancels_left_out");
        if (std::holds_alternative<SessionClosed>(event)) others_.erase(session);
        return;
    }
    if (const auto* state = std::get_if<SessionState>(&event)) {
        states_.on_event(event);
        return on(*state);
    }
    if (auto* closed = std::get_if<SessionClosed>(&event)) {
        states_.on_event(event);
        return on(std::move(*closed));
    }
    if (std::holds_alternative<Gap>(event)) {
        states_.on_event(event);
        return pass_if(kept_[session].entered && plan_.in_window(time), std::move(event), "gaps_left_out");
    }
    if (std::holds_alternative<CancelSent>(event)) {
        return pass_if(kept_[session].ready && plan_.in_window(time), std::move(event), "cancels_left_out");
    }
    sink_.on_event(std::move(event));  // StatementInferred
}

void Cutter::pass_if(bool kept, Event&& event, const char* counter) {
    if (!kept) return count(counter);
    last_ = std::max(last_, store::event_time(event));
    sink_.on_event(std::move(event));
}

void Cutter::on(SessionOpened&& event) {
    Kept& kept = kept_[event.session];
    kept = Kept{};
    if (!plan_.in_window(event.time)) return;
    kept.entered = true;
    last_ = std::max(last_, event.time);
    sink_.on_event(std::move(event));
}

void Cutter::on(const SessionState& event) {
    Kept& kept = kept_[event.session];
    const bool first = !kept.ready;
    if (!plan_.in_window(event.time) || (!first && !event.identity.identified)) return;
    if (auto state = states_.state_of(event.session, event.time)) {
        kept.entered = kept.ready = true;
        if (first) state->next_ordinal = event.next_ordinal;
        last_ = std::max(last_, event.time);
        sink_.on_event(std::move(*state));
    }
}

/// At the window's start: connections that are there then are there in the cut.
void Cutter::enter_open_sessions() {
    if (!plan_.from.known()) return;
    for (SessionState& state : states_.states(plan_.from)) {
        Kept& kept = kept_[state.session];
        if (kept.ready) continue;
        if (state.transaction_status == 'T' || state.transaction_status == 'E')
            count("sessions_entered_in_transaction");
        count("sessions_entered_midway");
        kept.entered = kept.ready = true;
        kept.stale = false;
        sink_.on_event(std::move(state));
    }
}

/// Writes the session's state before its next exchange, where a reader of the cut would not know it.
void Cutter::enter(Kept& kept, SessionId session, Ordinal next, Timestamp time) {
    if (kept.ready && !kept.stale) return;
    if (auto state = states_.state_of(session, time)) {
        count(kept.ready ? "states_repeated" : "sessions_entered_midway");
        state->next_ordinal = next;
        sink_.on_event(std::move(*state));
    }
    kept.entered = kept.ready = true;
    kept.stale = false;
}

void Cutter::on_part(Event&& event, SessionId session, Ordinal ordinal) {
    const std::uint64_t below = std::uint64_t{ordinal.value()} + 1;
    const bool is_request = std::holds_alternative<Request>(event);
    if (!plan_.keeps(session)) {
        std::uint64_t& counted = others_[session];
        if (is_request && counted < below) count("exchanges_left_out");
        counted = std::max(counted, below);
        return;
    }
    Kept& kept = kept_[session];
    const Timestamp time = store::event_time(event);
    if (!plan_.exchanges.contains(session, ordinal)) {
        if (is_request && kept.left_out < below) count("exchanges_left_out");
        kept.left_out = std::max(kept.left_out, below);
        const std::uint64_t before = states_.revision(session);
        states_.on_event(event);
        kept.stale = kept.stale || states_.revision(session) != before;
        return;
    }
    if (is_request && kept.begun < below) {
        enter(kept, session, ordinal, time);
        count("exchanges_kept");
        kept.begun = below;
    }
    states_.on_event(event);
    const auto* response = std::get_if<Response>(&event);
    if (response != nullptr && response->ready.known()) kept.ended = std::max(kept.ended, below);
    last_ = std::max(last_, time);
    sink_.on_event(std::move(event));
}

void Cutter::on(SessionClosed&& event) {
    if (event.end == SessionEnd::still_open) return;  // finish() says so of all
    const auto found = kept_.find(event.session);
    if (found == kept_.end()) return;
    // One that ended in the midst of a kept exchange ended that as well.
    const bool ends_exchange = found->second.begun > found->second.ended;
    if (!found->second.entered || !(plan_.in_window(event.time) || ends_exchange)) {
        if (found->second.entered) return;  // still open when the window ends
        kept_.erase(found);
        return;
    }
    kept_.erase(found);
    last_ = std::max(last_, event.time);
    sink_.on_event(std::move(event));
}

void Cutter::on_counters(const Counters& event) {
    if (event.session == SessionId()) {
        file_counters_ = event.values;
    } else if (plan_.keeps(event.session)) {
        session_counters_[event.session] = event.values;
    }
}

void Cutter::end_of_file() {
    for (const auto& [name, value] : file_counters_) counts_["source." + name] += value;
    file_counters_.clear();
}

void Cutter::finish() {
    std::vector<SessionId> open;
    for (const auto& [session, kept] : kept_) {
        if (kept.entered) open.push_back(session);
    }
    std::sort(open.begin(), open.end());  // so that two cuts are the same
    for (const SessionId session : open) {
        sink_.on_event(SessionClosed{session, last_, SessionEnd::still_open, {}, {}});
    }
    for (const auto& [session, values] : session_counters_) {
        Counters counters;
        counters.session = session;
        for (const auto& [name, value] : values) counters.values["source." + name] = value;
        sink_.on_event(std::move(counters));
    }
    count("states_beyond_limits", states_.left_out());
    Counters counters;
    counters.values = counts_;
    sink_.on_event(std::move(counters));
}

}  // namespace understudy::capture
