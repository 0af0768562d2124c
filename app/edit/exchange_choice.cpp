#include "app/edit/exchange_choice.hpp"

#include <algorithm>

#include "core/store/capture_codec.hpp"

namespace understudy::app::edit {

void ExchangeChoice::on_event(const Event& event) {
    if (const Timestamp time = store::event_time(event); !started_ && time.known()) {
        started_ = true;
        filter_.set_start(time);
    }
    if (const auto* request = std::get_if<Request>(&event)) {
        on(*request);
    } else if (const auto* state = std::get_if<SessionState>(&event)) {
        next_ordinals_.try_emplace(state->session, state->next_ordinal.value());
    }
    follower_.on_event(event);
}

void ExchangeChoice::on(const Request& event) {
    std::uint64_t& next = next_ordinals_[event.session];
    const std::uint64_t ordinal = event.ordinal.value();
    if (ordinal < next) return;  // goes on
    next = ordinal + 1;
    if (event.step.value() != 0) {
        ++without_beginning_;
    } else if (filter_.in_window(event.time)) {
        choose(filter_.options().of_steps() ? in_window_ : plan_.exchanges, event.session, event.ordinal);
    }
}

void ExchangeChoice::choose(capture::ExchangeSet& set, SessionId session, Ordinal ordinal) {
    if (!set.add(session, ordinal)) too_many_ = true;
}

void ExchangeChoice::on_step(const inspect::FollowedStep& step) {
    if (!filter_.options().of_steps()) return;
    const SessionId session = step.session.id;
    if (in_window_.contains(session, step.ordinal) && filter_.passes(step)) {
        choose(plan_.exchanges, session, step.ordinal);
    }
}

void ExchangeChoice::on_session_end(const inspect::SessionInfo& session) {
    next_ordinals_.erase(session.id);
    in_window_.erase(session.id);
    if (!filter_.passes(session)) return plan_.exchanges.erase(session.id);
    const bool idle = !session.joined && filter_.in_window(session.first) && !plan_.exchanges.has(session.id);
    if (idle && !filter_.options().of_steps()) plan_.idle.insert(session.id);
}

Result<capture::CutPlan> ExchangeChoice::plan() {
    follower_.finish();
    if (too_many_) {
        return make_error(Errc::limit, "too many scattered exchanges pass the filter; choose a shorter time");
    }
    plan_.from = filter_.from();
    plan_.to = filter_.to();
    return std::move(plan_);
}

}  // namespace understudy::app::edit
