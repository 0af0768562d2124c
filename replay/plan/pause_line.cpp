#include "replay/plan/pause_line.hpp"

#include <utility>

#include "core/store/capture_codec.hpp"

namespace understudy::replay {
namespace {

std::size_t weight(const Event& event) {
    const auto* request = std::get_if<Request>(&event);
    return sizeof(Planned) + (request == nullptr ? 0 : request->frames.size());
}

}  // namespace

void PauseLine::on_planned(Planned&& planned) {
    if (phase_ == Phase::after) return next_.on_planned(std::move(planned));
    const Timestamp time = store::event_time(planned.event);
    latest_ = std::max(latest_, time);
    if (latest_ >= moment_) phase_ = Phase::at;
    const SessionId session = store::event_session(planned.event);
    if (is_before(planned.event, session, time)) {
        if (!planned.left_out.yes()) work_.on_event(planned.event);
        return next_.on_planned(std::move(planned));
    }
    held_.insert(session);
    kept_bytes_ += weight(planned.event);
    kept_.push_back(std::move(planned));
}

bool PauseLine::is_before(const Event& event, SessionId session, Timestamp time) const {
    if (const auto* response = std::get_if<Response>(&event)) return work_.has_begun(session, response->ordinal);
    if (held_.contains(session)) return false;
    if (!time.known() || time < moment_) return true;
    const auto* request = std::get_if<Request>(&event);
    if (request == nullptr) return work_.is_open(session);
    return work_.has_begun(session, request->ordinal) ||
           ((unlimited_ || time < grace_) && work_.in_transaction(session));
}

bool PauseLine::due() const {
    if (phase_ != Phase::at) return false;
    if (full() || latest_ >= until_) return true;
    return work_.open() == 0 && latest_ >= moment_ + kRecordWindow;
}

void PauseLine::let_go_on() {
    if (phase_ == Phase::after) return;
    unlimited_ = true;
    std::deque<Planned> kept = std::exchange(kept_, {});
    held_.clear();
    kept_bytes_ = 0;
    for (Planned& planned : kept) on_planned(std::move(planned));
}

void PauseLine::resume() {
    phase_ = Phase::after;
    held_.clear();
    while (!kept_.empty()) {
        Planned planned = std::move(kept_.front());
        kept_.pop_front();
        next_.on_planned(std::move(planned));
    }
    kept_bytes_ = 0;
}

}  // namespace understudy::replay
