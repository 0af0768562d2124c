#pragma once

#include <cstdint>
#include <deque>
#include <utility>

#include "core/model/event.hpp"
#include "replay/order/ambiguous_set.hpp"

namespace understudy::replay {

/// Puts what is known of a step's worth into its result, and hands everything on.
class MarkingSink final : public EventSink {
public:
    /// `sink` must outlive it.
    explicit MarkingSink(EventSink& sink) : sink_(sink) {}

    /// All steps of the exchange from `first` on. Ordinals come in their order.
    void taint(Ordinal ordinal, StepIndex first) {
        std::uint32_t& from = marks_of(ordinal).tainted_from;
        from = std::min(from, first.value());
    }
    /// Those of them whose answers have data.
    void ambiguous(Ordinal ordinal, const StepSet& steps) { marks_of(ordinal).ambiguous = steps; }

    void on_event(Event&& event) override {
        if (auto* response = std::get_if<Response>(&event); response != nullptr) {
            while (!marks_.empty() && marks_.front().ordinal < response->ordinal) marks_.pop_front();
            if (!marks_.empty() && marks_.front().ordinal == response->ordinal) put(marks_.front(), *response);
        }
        sink_.on_event(std::move(event));
    }

private:
    struct Marks {
        Ordinal ordinal;
        std::uint32_t tainted_from = UINT32_MAX;
        StepSet ambiguous;
    };
    Marks& marks_of(Ordinal ordinal) {
        if (marks_.empty() || marks_.back().ordinal != ordinal) marks_.push_back({ordinal, UINT32_MAX, {}});
        return marks_.back();
    }
    static void put(Marks& marks, Response& response) {
        std::uint32_t step = response.first_step.value();
        for (StepResult& result : response.results) {
            if (step >= marks.tainted_from) result.marks |= static_cast<std::uint32_t>(StepMark::tainted);
            if (marks.ambiguous.contains(step) && has_data(result.kind)) {
                result.marks |= static_cast<std::uint32_t>(StepMark::ambiguous);
            }
            ++step;
        }
    }

    EventSink& sink_;
    std::deque<Marks> marks_;  // of exchanges that are not over
};

}  // namespace understudy::replay
