#pragma once

#include <set>
#include <unordered_map>

#include "compare/analysis/activity.hpp"
#include "compare/analysis/coverage.hpp"
#include "compare/analysis/pairing.hpp"
#include "compare/analysis/tally.hpp"
#include "compare/rules/rule.hpp"

namespace understudy::compare {

/// Judges paired exchanges one after the other: finds what differs from the baseline in the candidate, the control and
/// the confirmation, and gathers it in cells. Memory: the cells, and a little for each open session.
class Comparer final : public PairListener {
public:
    static constexpr std::size_t kMaxTransactionSteps = 256;  ///< remembered of an open transaction

    /// `types` and everything in it must outlive the comparer.
    Comparer(const PerSide<TypeNames>& types, const PerSide<bool>& taking_part, AnswerScope scope,
             std::vector<Rule> rules = {}, Timestamp now = Timestamp());

    void on_pair(PairedExchange&& pair) override;
    void on_session_done(SessionId session) override {
        sessions_.erase(session);
        activity_.on_session_done(session);
    }
    /// Whose session it is, of the baseline.
    void on_session(SessionId session, const SessionIdentity& identity) { activity_.on_session(session, identity); }

    [[nodiscard]] const Tally& tally() const { return tally_; }
    [[nodiscard]] const Coverage& coverage() const { return coverage_; }
    /// Differences that each rule's tolerance took away, by its index.
    [[nodiscard]] const std::vector<std::uint64_t>& tolerated() const { return tolerated_; }
    [[nodiscard]] const Activity& activity() const { return activity_; }
    /// SQLSTATEs that differ between baseline and control, in either direction.
    [[nodiscard]] const std::set<Bytes>& control_sqlstates() const { return control_sqlstates_; }
    [[nodiscard]] std::size_t unnamed_types() const { return candidate_shapes_.unnamed_types(); }

private:
    struct AskedStep {
        StepContext context;
        std::uint32_t step = 0;
    };
    struct Session {
        PerSide<CascadeState> cascades;
        std::unordered_map<Bytes, Bytes> parameter_types;  // of named statements: ParameterDescription
        std::vector<AskedStep> transaction;                // what was executed in the open one
    };
    void count_steps(const PairedExchange& pair);
    void compare_candidate(const PairedExchange& pair, Session& session, const ExchangeDifferences& control,
                           const ExchangeDifferences& confirmation);
    void add_others(const PairedExchange& pair, const ExchangeDifferences& candidate,
                    const ExchangeDifferences& control, const ExchangeDifferences& confirmation);
    [[nodiscard]] Corroboration corroborate(const PairedExchange& pair, const StepDifference& difference,
                                            const ExchangeDifferences& control,
                                            const ExchangeDifferences& confirmation);
    bool still_differs(ShapeComparer& shapes, const StepResult* a, const StepResult* b,
                       const StepDifference& difference);
    void keep_example(const PairedExchange& pair, const Session& session, const StepDifference& difference, CellId id,
                      const Corroboration& seen);
    void spoil(CellId id, const StepContext* context, std::uint32_t step, Timestamp when);
    void spoil_transaction(CellId id, const PairedExchange& pair, const Session& session,
                           const StepDifference& difference, Timestamp when);
    bool tolerate(const StepDifference& difference);
    static void follow_transaction(const ObservedExchange& baseline, Session& session);
    static void note_parameter_types(const ObservedExchange& baseline, Session& session);

    PerSide<bool> taking_part_;
    AnswerScope scope_;
    ShapeComparer candidate_shapes_;
    ShapeComparer control_shapes_;
    ShapeComparer confirmation_shapes_;
    ShapeComparer control_candidate_shapes_;
    ShapeComparer candidates_shapes_;  // candidate against confirmation
    FactsCache facts_;
    std::unordered_map<SessionId, Session> sessions_;
    Tally tally_;
    Coverage coverage_;
    Activity activity_;
    std::vector<Rule> rules_;
    Timestamp now_;  // rules expire by it
    std::vector<std::uint64_t> tolerated_;
    std::set<Bytes> control_sqlstates_;
};

}  // namespace understudy::compare
