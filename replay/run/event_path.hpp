#pragma once

#include <memory>
#include <optional>

#include "replay/plan/pause_line.hpp"
#include "replay/plan/selection.hpp"
#include "replay/plan/session_copies.hpp"
#include "replay/run/pause.hpp"

namespace understudy::replay {

/// The way of an event from the capture to its sessions: what is selected, what waits behind a pause, each session's
/// copies.
class EventPath {
public:
    /// The references must outlive the path.
    EventPath(const SelectionOptions& selection, const std::optional<PauseOptions>& pause, unsigned copies,
              PlannedSink& end)
        : pause_(pause), copies_(copies, end) {
        if (pause_) line_.emplace(pause_->moment, pause_->wait, copies_);
        selection_.emplace(selection, line_ ? static_cast<PlannedSink&>(*line_) : copies_);
    }
    EventPath(const EventPath&) = delete;
    EventPath& operator=(const EventPath&) = delete;

    void on_event(Event&& event) { selection_->on_event(std::move(event)); }
    /// Nothing that comes can be wanted.
    [[nodiscard]] bool past_end() const { return selection_->past_end(); }
    [[nodiscard]] const LeftOutCounts& left_out() const { return selection_->counts(); }

    /// All sessions have what comes before the pause.
    [[nodiscard]] bool pause_due() const { return line_ && line_->due(); }
    /// The recording has ended; is there a pause still?
    [[nodiscard]] bool pause_pending() const { return line_ && line_->pending(); }
    /// Hands the sessions what they are to prepare early.
    void warm();
    /// See PauseLine.
    void let_go_on() { line_->let_go_on(); }
    [[nodiscard]] bool somebody_goes_on() const { return line_->somebody_goes_on() && !line_->full(); }
    void resume() { line_->resume(); }

private:
    const std::optional<PauseOptions>& pause_;
    SessionCopies copies_;
    std::optional<PauseLine> line_;
    std::optional<Selection> selection_;
};

}  // namespace understudy::replay
