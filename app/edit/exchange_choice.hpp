#pragma once

#include <optional>
#include <unordered_map>

#include "app/inspect/step_filter.hpp"
#include "capture/edit/cutter.hpp"

namespace understudy::app::edit {

/// Finds the exchanges of a capture that pass a filter, as the plan of a cut. An exchange belongs to the time at which
/// it began. One whose beginning is not in the capture is never chosen.
///
/// Drive it: on_event() for every event of the files in order, then plan().
class ExchangeChoice final : private inspect::FollowListener {
public:
    explicit ExchangeChoice(inspect::StepFilter& filter)
        : filter_(filter), follower_(*this, filter.options().fingerprint.has_value()) {}

    void on_event(const Event& event);
    /// Errors: Errc::limit when the chosen exchanges are too many and too scattered.
    Result<capture::CutPlan> plan();

    [[nodiscard]] std::uint64_t without_beginning() const { return without_beginning_; }
    /// Events beyond the limits of the follower: what belongs to them may have been misjudged.
    [[nodiscard]] std::uint64_t left_out() const { return follower_.left_out(); }

private:
    void on_step(const inspect::FollowedStep& step) override;
    void on_session_end(const inspect::SessionInfo& session) override;
    void on(const Request& event);
    void choose(capture::ExchangeSet& set, SessionId session, Ordinal ordinal);

    inspect::StepFilter& filter_;
    inspect::Follower follower_;
    bool started_ = false;
    bool too_many_ = false;
    std::unordered_map<SessionId, std::uint64_t> next_ordinals_;  // of open sessions
    capture::ExchangeSet in_window_;  // with a filter of steps: those that began in the window, of open sessions
    capture::CutPlan plan_;
    std::uint64_t without_beginning_ = 0;
};

}  // namespace understudy::app::edit
