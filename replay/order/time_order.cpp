#include "replay/order/time_order.hpp"

#include <algorithm>

#include "core/store/capture_codec.hpp"

namespace understudy::replay {
namespace {

/// When it was over, for an answer.
Timestamp time_of(const Event& event) {
    const auto* response = std::get_if<Response>(&event);
    if (response == nullptr) return store::event_time(event);
    if (response->ready.known()) return response->ready;
    return response->results.empty() ? Timestamp() : response->results.back().end;
}

}  // namespace

void TimeOrder::push(Event&& event, bool note) {
    const SessionId session = store::event_session(event);
    Timestamp& last = last_[session];
    last = std::max(last, time_of(event));
    const Timestamp time = session.value() == 0 ? std::max(last, latest_) : last;
    latest_ = std::max(latest_, time);
    if (std::holds_alternative<SessionClosed>(event)) last_.erase(session);
    std::size_t slot = slots_.size();
    if (free_.empty()) {
        slots_.push_back({std::move(event), note});
    } else {
        slot = free_.back();
        free_.pop_back();
        slots_[slot] = {std::move(event), note};
    }
    heap_.push_back({time, next_number_++, slot});
    std::push_heap(heap_.begin(), heap_.end(), Later{});
}

std::optional<TimeOrder::Timed> TimeOrder::pop(bool all) {
    if (heap_.empty()) return std::nullopt;
    const bool settled = latest_ - heap_.front().time >= window_ || heap_.size() > kMaxEvents;
    if (!all && !settled) return std::nullopt;
    std::pop_heap(heap_.begin(), heap_.end(), Later{});
    const std::size_t slot = heap_.back().slot;
    heap_.pop_back();
    std::optional<Timed> timed(std::move(slots_[slot]));
    free_.push_back(slot);
    return timed;
}

}  // namespace understudy::replay
