#include "replay/plan/open_work.hpp"

#include <algorithm>

namespace understudy::replay {

void OpenWork::on_event(const Event& event) {
    if (const auto* closed = std::get_if<SessionClosed>(&event)) {
        const auto found = sessions_.find(closed->session);
        if (found == sessions_.end()) return;
        if (found->second.open()) --open_;
        if (found->second.in_transaction) --transactions_;
        sessions_.erase(found);
        return;
    }
    const auto* request = std::get_if<Request>(&event);
    const auto* response = std::get_if<Response>(&event);
    const auto* state = std::get_if<SessionState>(&event);
    if (request == nullptr && state == nullptr && (response == nullptr || !response->ready.known())) return;
    const SessionId id = request != nullptr ? request->session : state != nullptr ? state->session : response->session;
    Session& session = sessions_[id];
    const bool was_open = session.open();
    const bool was_in_transaction = session.in_transaction;
    if (request != nullptr) {
        session.begun = std::max<std::uint64_t>(session.begun, std::uint64_t{request->ordinal.value()} + 1);
    } else if (state != nullptr) {
        session.in_transaction = state->transaction_status == 'T' || state->transaction_status == 'E';
    } else {
        session.ended = std::max<std::uint64_t>(session.ended, std::uint64_t{response->ordinal.value()} + 1);
        session.in_transaction = response->transaction_status == 'T' || response->transaction_status == 'E';
    }
    if (was_open && !session.open()) --open_;
    if (!was_open && session.open()) ++open_;
    if (was_in_transaction && !session.in_transaction) --transactions_;
    if (!was_in_transaction && session.in_transaction) ++transactions_;
}

bool OpenWork::is_open(SessionId session) const {
    const auto found = sessions_.find(session);
    return found != sessions_.end() && found->second.open();
}

bool OpenWork::in_transaction(SessionId session) const {
    const auto found = sessions_.find(session);
    return found != sessions_.end() && found->second.in_transaction;
}

bool OpenWork::has_begun(SessionId session, Ordinal ordinal) const {
    const auto found = sessions_.find(session);
    return found != sessions_.end() && ordinal.value() < found->second.begun;
}

}  // namespace understudy::replay
