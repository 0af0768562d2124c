#include "replay/plan/resume_points.hpp"

#include <algorithm>

namespace understudy::replay {

void ResumePoints::on_event(const Event& event) {
    if (const auto* opened = std::get_if<SessionOpened>(&event)) {
        sessions_.try_emplace(opened->session);
    } else if (const auto* response = std::get_if<Response>(&event)) {
        if (!response->ready.known() || response->transaction_status != 'I') return;
        Session& session = sessions_[response->session];
        session.done = std::max<std::uint64_t>(session.done, std::uint64_t{response->ordinal.value()} + 1);
    } else if (const auto* closed = std::get_if<SessionClosed>(&event)) {
        sessions_[closed->session].finished = closed->end != SessionEnd::failed;
    }
}

std::uint64_t ResumePoints::done(SessionId session) const {
    const auto found = sessions_.find(session);
    return found == sessions_.end() ? 0 : found->second.done;
}

bool ResumePoints::is_finished(SessionId session) const {
    const auto found = sessions_.find(session);
    return found != sessions_.end() && found->second.finished;
}

bool ResumePoints::keeps(const Event& event) const {
    const auto kept = [this](SessionId session, Ordinal ordinal) {
        return is_finished(session) || ordinal.value() < done(session);
    };
    if (const auto* request = std::get_if<Request>(&event)) return kept(request->session, request->ordinal);
    if (const auto* response = std::get_if<Response>(&event)) return kept(response->session, response->ordinal);
    if (const auto* part = std::get_if<RowPart>(&event)) return kept(part->session, part->ordinal);
    if (const auto* closed = std::get_if<SessionClosed>(&event)) return is_finished(closed->session);
    if (const auto* opened = std::get_if<SessionOpened>(&event)) return kept(opened->session, Ordinal());
    if (const auto* state = std::get_if<SessionState>(&event)) return kept(state->session, state->next_ordinal);
    return false;  // counters and the catalogue are written anew
}

std::uint64_t ResumePoints::exchanges() const {
    std::uint64_t sum = 0;
    for (const auto& [id, session] : sessions_) sum += session.done;
    return sum;
}

}  // namespace understudy::replay
