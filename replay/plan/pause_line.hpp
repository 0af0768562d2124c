#pragma once

#include <algorithm>
#include <deque>
#include <unordered_set>

#include "replay/plan/left_out.hpp"
#include "replay/plan/open_work.hpp"

namespace understudy::replay {

/// Draws a line through a recording at which all sessions can be held: no exchange is on both sides of it. What began
/// before the moment goes on; so do the sessions that are inside a transaction then, until it ends. All else is kept
/// until resume().
///
/// Drive it: on_planned() in order; when due(), hold the sessions; let_go_on() those who are inside a transaction even
/// then, for as long as the pause lasts; and then resume().
class PauseLine final : public PlannedSink {
public:
    static constexpr std::size_t kMaxKeptBytes = std::size_t{256} << 20U;  ///< then due() at once

    /// `moment`: the line. `wait`: for how much recorded time exchanges and transactions that are open then may go on.
    /// `next` must outlive this.
    PauseLine(Timestamp moment, Duration wait, PlannedSink& next)
        : moment_(moment), grace_(moment + wait), until_(moment + std::max(wait, kRecordWindow)), next_(next) {}

    void on_planned(Planned&& planned) override;
    [[nodiscard]] bool due() const;
    /// At the recording's end: whether there is still a pause to be made.
    [[nodiscard]] bool pending() const { return phase_ != Phase::after; }
    /// Whoever is inside a transaction goes on until its end, however late that comes, and is held there.
    void let_go_on();
    /// After let_go_on(): whether somebody is on the way to the end of a transaction.
    [[nodiscard]] bool somebody_goes_on() const {
        return unlimited_ && phase_ == Phase::at && work_.transactions() > 0;
    }
    /// No more is to be kept: on with resume().
    [[nodiscard]] bool full() const { return kept_bytes_ >= kMaxKeptBytes; }
    void resume();
    [[nodiscard]] Timestamp moment() const { return moment_; }

private:
    enum class Phase { before, at, after };
    [[nodiscard]] bool is_before(const Event& event, SessionId session, Timestamp time) const;

    Timestamp moment_;
    Timestamp grace_;         // until then transactions may go on
    bool unlimited_ = false;  // they may without end
    Timestamp until_;
    PlannedSink& next_;
    Phase phase_ = Phase::before;
    OpenWork work_;  // of what was handed on
    std::unordered_set<SessionId> held_;
    std::deque<Planned> kept_;
    std::size_t kept_bytes_ = 0;
    Timestamp latest_;
};

}  // namespace understudy::replay
