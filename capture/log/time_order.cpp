#include "capture/log/time_order.hpp"

#include <algorithm>

namespace understudy::capture {

void TimeOrder::push(Timestamp key, Event&& event) {
    if (heap_.size() >= kMaxHeld) release();
    std::uint32_t slot = 0;
    if (free_.empty()) {
        slot = static_cast<std::uint32_t>(slots_.size());
        slots_.push_back(std::move(event));
    } else {
        slot = free_.back();
        free_.pop_back();
        slots_[slot] = std::move(event);
    }
    heap_.push_back({key, number_++, slot});
    std::push_heap(heap_.begin(), heap_.end());
}

void TimeOrder::advance(Timestamp now) {
    while (!heap_.empty() && heap_.front().key + kHold < now) release();
}

void TimeOrder::flush() {
    while (!heap_.empty()) release();
}

void TimeOrder::release() {
    std::pop_heap(heap_.begin(), heap_.end());
    const Held first = heap_.back();
    heap_.pop_back();
    if (first.key + kWindow < released_) ++late_;
    released_ = std::max(released_, first.key);
    free_.push_back(first.slot);
    sink_.on_event(std::move(slots_[first.slot]));
}

}  // namespace understudy::capture
