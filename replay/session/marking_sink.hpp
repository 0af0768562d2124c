#pragma once

#include <deque>
#include <utility>

#include "core/model/event.hpp"

namespace understudy::replay {

/// Puts what is known of an exchange's worth into the results that are recorded of it, and hands everything on.
class MarkingSink final : public EventSink {
public:
    /// `sink` must outlive it.
    explicit MarkingSink(EventSink& sink) : sink_(sink) {}

    /// Ordinals come in their order.
    void mark(Ordinal ordinal, StepMark mark) {
        if (marks_.empty() || marks_.back().first != ordinal) marks_.emplace_back(ordinal, 0U);
        marks_.back().second |= static_cast<std::uint32_t>(mark);
    }
    void on_event(Event&& event) override {
        auto* response = marks_.empty() ? nullptr : std::get_if<Response>(&event);
        if (response != nullptr) {
            while (!marks_.empty() && marks_.front().first < response->ordinal) marks_.pop_front();
            const bool marked = !marks_.empty() && marks_.front().first == response->ordinal;
            for (StepResult& result : response->results) result.marks |= marked ? marks_.front().second : 0U;
        }
        sink_.on_event(std::move(event));
    }

private:
    EventSink& sink_;
    std::deque<std::pair<Ordinal, std::uint32_t>> marks_;  // of exchanges that are not over
};

}  // namespace understudy::replay
