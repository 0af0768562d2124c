#pragma once

#include "replay/plan/left_out.hpp"

namespace understudy::replay {

/// The id of the nth copy of a session, from 1; the same on each run. Copy 0 is the session itself.
SessionId copy_of(SessionId session, unsigned copy);

/// Replays each session several times: hands on each event once for each copy, under the copy's own session id. Copies
/// say in their identity's `client` which they are ("10.0.0.7:51234 copy 2"). Only for what does not write.
class SessionCopies final : public PlannedSink {
public:
    static constexpr unsigned kMaxCopies = 1'000;

    /// `copies`: how often each session runs, 1 to kMaxCopies. `next` must outlive this.
    SessionCopies(unsigned copies, PlannedSink& next) : copies_(copies), next_(next) {}
    void on_planned(Planned&& planned) override;

private:
    unsigned copies_;
    PlannedSink& next_;
};

}  // namespace understudy::replay
