#pragma once

#include <optional>

#include "replay/plan/left_out.hpp"
#include "replay/plan/open_work.hpp"

namespace understudy::replay {

/// Finds where to hold all sessions: of the moments within `wait` after `at`, the first with the fewest sessions inside
/// an exchange or a transaction, as the recording has it.
///
/// Drive it: on_planned() for the events that are to be replayed, in order, until done().
class QuietMoment final : public PlannedSink {
public:
    QuietMoment(Timestamp at, Duration wait) : at_(at), until_(at + wait), best_(at) {}

    void on_planned(Planned&& planned) override;
    [[nodiscard]] bool done() const { return (open_ && *open_ == 0) || passed_; }

    /// What happens at this time or later is after the pause.
    [[nodiscard]] Timestamp moment() const { return best_; }
    /// Sessions inside an exchange or a transaction then; nothing when the recording ends before `at`.
    [[nodiscard]] std::optional<std::uint64_t> open() const { return open_; }

private:
    void consider(Timestamp moment);

    Timestamp at_;
    Timestamp until_;
    Timestamp best_;
    std::optional<std::uint64_t> open_;
    bool passed_ = false;
    OpenWork work_;
};

}  // namespace understudy::replay
