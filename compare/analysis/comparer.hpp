#pragma once

#include <unordered_map>

#include "compare/analysis/observations.hpp"
#include "compare/analysis/pairing.hpp"
#include "compare/rules/rule.hpp"

namespace understudy::compare {

/// Judges paired exchanges one after the other: finds what differs from the baseline in the candidate, the control and
/// the confirmation, and gathers it in cells. Memory: the cells, and a little for each open session.
class Comparer final : public PairListener {
public:
    static constexpr std::size_t kMaxTransactionSteps = 256;  ///< remembered of an open transaction

    /// `types`, and `keys`, of the baseline's tables, must outlive the comparer.
    Comparer(const PerSide<TypeNames>& types, const PrimaryKeys& keys, const PerSide<bool>& taking_part,
             AnswerScope scope, std::vector<Rule> rules = {}, Timestamp now = Timestamp());

    void on_pair(PairedExchange&& pair) override;
    void on_session_done(SessionId session) override;
    /// Whose session it is, of the baseline.
    void on_session(SessionId session, const SessionIdentity& identity) {
        seen_.activity.on_session(session, identity);
    }

    /// What was seen so far. The comparer is not to be used after it.
    [[nodiscard]] Observations take();

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
    const PrimaryKeys& keys_;
    AnswerScope scope_;
    ShapeComparer candidate_shapes_;
    ShapeComparer control_shapes_;
    ShapeComparer confirmation_shapes_;
    ShapeComparer control_candidate_shapes_;
    ShapeComparer candidates_shapes_;  // candidate against confirmation
    FactsCache facts_;
    std::unordered_map<SessionId, Session> sessions_;
    Observations seen_;
    std::vector<Rule> rules_;
    Timestamp now_;  // rules expire by it
};

}  // namespace understudy::compare
