#pragma once

#include <vector>

#include "compare/analysis/lost_names.hpp"
#include "compare/analysis/open_cursors.hpp"
#include "compare/analysis/statement_facts.hpp"
#include "compare/diff/step_diff.hpp"

namespace understudy::compare {

/// One difference that stands for itself.
struct StepDifference {
    std::uint32_t step = 0;
    const StepContext* context =
        nullptr;  ///< borrowed from the baseline's exchange, as the results are, or from the state
    const StepResult* baseline = nullptr;  ///< nullptr: that side has no such step
    const StepResult* other = nullptr;
    Divergence divergence;
};

/// A step that differs only because of an error before it.
struct FoldedStep {
    std::uint32_t step = 0;
    const StepContext* context = nullptr;
    Root root;
};

/// What earlier errors of a session do to its later steps; one for each session and side.
struct CascadeState {
    bool other_aborted = false;     ///< its transaction failed where the baseline's did not
    bool baseline_aborted = false;  ///< the other way around
    bool status_differs = false;    ///< said already
    Timestamp baseline_end;         ///< of the last answer: a pipelined exchange begins after it
    Timestamp other_end;
    Root root;
    LostNames lost;
    OpenCursors cursors;
    /// Cursors that the exchange just compared ended: its differences borrow them.
    std::vector<std::unique_ptr<OpenCursors::PutOff>> ended;

    /// Turns differences of the exchange just compared into their cells.
    void resolve(const std::vector<CellId>& cells);
};

struct ExchangeDifferences {
    std::vector<StepDifference> differences;
    std::vector<FoldedStep> folded;
    std::uint64_t compared = 0;  ///< steps of the baseline that were judged, folded ones too
    std::vector<std::pair<Bytes, std::uint64_t>> not_compared;  ///< steps of the baseline, by reason
    std::uint64_t extra = 0;                                    ///< steps that only the other side has

    void leave_out(Bytes reason);
};

/// Compares one exchange of the baseline with the same of another side, step by step, and folds what an error drags
/// along into that error: steps skipped up to Sync, statements of the Query that never ran, 25P02 and the ROLLBACK at
/// the end of the transaction, and 26000 or 34000 for names whose Parse or Bind failed.
class ExchangeComparer {
public:
    ExchangeComparer(ShapeComparer& shapes, FactsCache& facts, AnswerScope scope)
        : shapes_(shapes), facts_(facts), scope_(scope) {}

    /// The result borrows from `baseline`, `other` and `state`, until the next call.
    ExchangeDifferences compare(const ObservedExchange& baseline, const ObservedExchange& other, CascadeState& state);

private:
    class Run;
    ShapeComparer& shapes_;
    FactsCache& facts_;
    AnswerScope scope_;
};

}  // namespace understudy::compare
