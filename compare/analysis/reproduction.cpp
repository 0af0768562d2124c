#include "compare/analysis/reproduction.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "compare/analysis/excused.hpp"
#include "core/sql/lexer.hpp"

namespace understudy::compare {
namespace {

constexpr std::size_t kMaxStatementText = 4096;

bool was_answered(StepOutcome outcome) {
    return outcome != StepOutcome::not_sent && outcome != StepOutcome::unanswered && outcome != StepOutcome::incomplete;
}

const StepResult* result_of(const std::optional<ObservedExchange>& exchange, std::uint32_t step) {
    if (!exchange) return nullptr;
    for (const ObservedStep& one : exchange->steps) {
        if (one.index == step) return &one.result;
    }
    return nullptr;
}

/// What is no query can hold constants even when it is normalised: passwords, values of settings, bodies of DO.
Bytes without_constants(const StatementFacts& facts) {
    constexpr std::array<BytesView, 7> kQueries{"select", "insert", "update", "delete", "with", "values", "merge"};
    const Bytes word = sql::first_word(facts.sql);
    const bool query = std::find(kQueries.begin(), kQueries.end(), word) != kQueries.end();
    if (!query || facts.fingerprint.lexical) return word.empty() ? Bytes("(not known)") : word + " …";
    return sql::normalise(facts.sql).substr(0, kMaxStatementText);
}

/// What the comparison says of the steps of an exchange.
struct Verdicts {
    std::map<std::uint32_t, Bytes> differing;  // step: in a few words
    std::set<std::uint32_t> open;
};

Verdicts verdicts_of(const ExchangeDifferences& found) {
    Verdicts verdicts;
    for (const StepDifference& difference : found.differences) {
        if (difference.divergence.kind == DivergenceKind::stall) continue;
        if (is_excused(difference)) {
            verdicts.open.insert(difference.step);
            continue;
        }
        Bytes words(to_string(difference.divergence.kind));
        if (!difference.divergence.sqlstate.empty()) words += " " + difference.divergence.sqlstate;
        verdicts.differing.try_emplace(difference.step, std::move(words));
    }
    for (const FoldedStep& folded : found.folded) verdicts.differing.try_emplace(folded.step, "an error before it");
    return verdicts;
}

bool is_call(const ObservedStep& step) {
    return has_data(step.result.kind) && was_answered(step.result.outcome) &&
           step.result.outcome != StepOutcome::skipped;
}

/// A difference at a Parse, Bind or Describe is one of the call that it prepares, one at a Sync of the call that it
/// commits. Gives those that no call of the exchange can bear.
std::uint64_t move_to_calls(const ObservedExchange& baseline, Verdicts& verdicts) {
    std::uint64_t homeless = 0;
    std::map<std::uint32_t, Bytes> moved;
    for (auto& [at, words] : verdicts.differing) {
        const ObservedStep* before = nullptr;
        const ObservedStep* after = nullptr;
        bool commits = false;
        for (const ObservedStep& step : baseline.steps) {
            if (step.index == at) commits = step.result.kind == StepKind::sync;
            if (!is_call(step)) continue;
            if (step.index < at) before = &step;
            if (step.index >= at && after == nullptr) after = &step;
        }
        const ObservedStep* bearer = commits || after == nullptr ? before : after;
        if (bearer == nullptr) {
            ++homeless;
        } else {
            moved.try_emplace(bearer->index, std::move(words));
        }
    }
    verdicts.differing = std::move(moved);
    return homeless;
}

}  // namespace

void CallCounts::add(const CallCounts& other) {
    calls += other.calls;
    same += other.same;
    differing += other.differing;
    open += other.open;
}

CallCounts Reproduction::total() const {
    CallCounts sum = others;
    for (const auto& [fingerprint, statement] : statements) sum.add(statement.counts);
    return sum;
}

ReproducedStatement* ReproductionMeter::statement_of_call(const StepContext* context, std::uint32_t step) {
    const StatementFacts& facts = facts_.of(context, step);
    const Bytes fingerprint = facts.sql.empty() ? Bytes() : facts.fingerprint.hex();
    const auto known = found_.statements.find(fingerprint);
    if (known != found_.statements.end()) return &known->second;
    if (found_.statements.size() >= Reproduction::kMaxStatements) return nullptr;
    ReproducedStatement& made = found_.statements[fingerprint];
    made.fingerprint = fingerprint;
    made.statement = facts.sql.empty() ? Bytes("(prepared before the recording began)") : without_constants(facts);
    made.names_table = !facts.traits.relations.empty();
    return &made;
}

void ReproductionMeter::count(const PairedExchange& pair) {
    const auto& baseline = pair.sides[index_of(Side::baseline)];
    const auto& candidate = pair.sides[index_of(Side::candidate)];
    if (!baseline) return;
    Session& session = sessions_[pair.id.session];
    Verdicts verdicts;
    if (candidate) {
        verdicts =
            verdicts_of(ExchangeComparer(shapes_, facts_, scope_).compare(*baseline, *candidate, session.cascade));
        session.cascade.resolve({});
        found_.prepared_otherwise += move_to_calls(*baseline, verdicts);
    }
    for (const ObservedStep& step : baseline->steps) {
        if (!is_call(step)) continue;
        CallCounts counts;
        counts.calls = 1;
        const StepResult* answer = result_of(candidate, step.index);
        const auto differing = verdicts.differing.find(step.index);
        const bool differs = differing != verdicts.differing.end();
        const bool judged = answer != nullptr && was_answered(answer->outcome) && answer->kind == step.result.kind &&
                            answer->outcome != StepOutcome::skipped;
        if (differs) {
            counts.differing = 1;
        } else if (judged) {
            (verdicts.open.count(step.index) > 0 ? counts.open : counts.same) = 1;
        }
        session.calls.calls += counts.calls;
        session.calls.same += counts.same;
        ReproducedStatement* statement =
            statement_of_call(context_of(*baseline, step.index, step.result.kind), step.index);
        (statement == nullptr ? found_.others : statement->counts).add(counts);
        if (differs && statement != nullptr && statement->first_difference.empty()) {
            statement->first_difference = differing->second;
        }
    }
}

void ReproductionMeter::keep(const SessionCalls& calls) {
    if (calls.calls == 0) return;
    if (found_.sessions.size() < Reproduction::kMaxSessions) {
        found_.sessions.push_back(calls);
        return;
    }
    found_.sessions.back().calls += calls.calls;
    found_.sessions.back().same += calls.same;
}

void ReproductionMeter::on_session_done(SessionId session) {
    const auto known = sessions_.find(session);
    if (known == sessions_.end()) return;
    keep(known->second.calls);
    sessions_.erase(known);
}

Reproduction ReproductionMeter::take() {
    for (const auto& [id, session] : sessions_) keep(session.calls);
    sessions_.clear();
    return std::move(found_);
}

}  // namespace understudy::compare
