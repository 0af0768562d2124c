#include "compare/analysis/comparer.hpp"

#include <algorithm>

#include "compare/analysis/cell_notes.hpp"
#include "compare/analysis/excused.hpp"
#include "compare/analysis/open_choice.hpp"
#include "compare/analysis/rearranged.hpp"
#include "compare/rules/tolerance.hpp"

namespace understudy::compare {
namespace {

constexpr std::size_t kBaseline = index_of(Side::baseline);
constexpr std::size_t kCandidate = index_of(Side::candidate);
constexpr std::size_t kControl = index_of(Side::control);
constexpr std::size_t kConfirmation = index_of(Side::confirmation);

const StepResult* find_step(const std::optional<ObservedExchange>& exchange, std::uint32_t step) {
    if (!exchange) return nullptr;
    const auto at =
        std::lower_bound(exchange->steps.begin(), exchange->steps.end(), step,
                         [](const ObservedStep& observed, std::uint32_t index) { return observed.index < index; });
    return at != exchange->steps.end() && at->index == step ? &at->result : nullptr;
}

bool answered(const StepResult* result) {
    if (result == nullptr) return false;
    return result->outcome == StepOutcome::complete || result->outcome == StepOutcome::error ||
           result->outcome == StepOutcome::suspended || result->outcome == StepOutcome::empty;
}

const StepDifference* find_difference(const ExchangeDifferences& in, const StepDifference& like) {
    for (const StepDifference& other : in.differences) {
        if (other.step == like.step && other.divergence.same_cell(like.divergence)) return &other;
    }
    return nullptr;
}

bool is_folded(const ExchangeDifferences& in, std::uint32_t step) {
    return std::any_of(in.folded.begin(), in.folded.end(), [&](const FoldedStep& f) { return f.step == step; });
}

/// Steps of the baseline's requests that nothing answered: the capture ended, or the program did.
std::uint64_t unanswered_steps(const ObservedExchange& exchange) {
    if (exchange.ended) return 0;
    const std::uint64_t next = exchange.steps.empty() ? 0 : std::uint64_t{exchange.steps.back().index} + 1;
    return static_cast<std::uint64_t>(std::count_if(
        exchange.contexts.begin(), exchange.contexts.end(),
        [&](const StepContext& context) { return context.step >= next && context.kind != StepKind::sync; }));
}

bool has_mark(const StepResult& result, StepMark mark) {
    return (result.marks & static_cast<std::uint32_t>(mark)) != 0;
}

}  // namespace

Comparer::Comparer(const PerSide<TypeNames>& types, const PrimaryKeys& keys, const PerSide<bool>& taking_part,
                   AnswerScope scope, std::vector<Rule> rules, Timestamp now)
    : taking_part_(taking_part),
      keys_(keys),
      scope_(scope),
      candidate_shapes_(types[kBaseline], types[kCandidate]),
      control_shapes_(types[kBaseline], types[kControl]),
      confirmation_shapes_(types[kBaseline], types[kConfirmation]),
      control_candidate_shapes_(types[kControl], types[kCandidate]),
      candidates_shapes_(types[kCandidate], types[kConfirmation]),
      rules_(std::move(rules)),
      now_(now) {
    seen_.tolerated.resize(rules_.size());
}

Observations Comparer::take() {
    seen_.unnamed_types = candidate_shapes_.unnamed_types();
    seen_.unlike_forms = candidate_shapes_.unlike_forms();
    return std::move(seen_);
}

void Comparer::on_pair(PairedExchange&& pair) {
    count_steps(pair);
    if (!pair.sides[kBaseline]) return;
    const ObservedExchange& baseline = *pair.sides[kBaseline];
    Session& session = sessions_[pair.id.session];
    note_parameter_types(baseline, session);
    const auto compare = [&](std::size_t side, ShapeComparer& shapes) {
        if (!pair.sides[side]) return ExchangeDifferences();
        return ExchangeComparer(shapes, facts_, scope_).compare(baseline, *pair.sides[side], session.cascades[side]);
    };
    const ExchangeDifferences control = compare(kControl, control_shapes_);
    const ExchangeDifferences confirmation = compare(kConfirmation, confirmation_shapes_);
    session.cascades[kControl].resolve({});
    session.cascades[kConfirmation].resolve({});
    seen_.coverage.control_compared += control.compared;
    seen_.coverage.confirmation_compared += confirmation.compared;
    const std::uint64_t differing = seen_.coverage.differing;
    if (pair.sides[kCandidate]) compare_candidate(pair, session, control, confirmation);
    seen_.activity.add(pair.id.session, baseline.asked, baseline.steps.size(), seen_.coverage.differing - differing);
    follow_transaction(baseline, session);
}

void Comparer::on_session_done(SessionId session) {
    const auto known = sessions_.find(session);
    if (known != sessions_.end()) {
        // Which rows the rest of the cursor would have had is not known on either side.
        const std::size_t open = known->second.cascades[kCandidate].cursors.pending();
        seen_.coverage.compared -= open;
        seen_.coverage.leave_out("the rows of a cursor that its session left open", open);
        sessions_.erase(known);
    }
    seen_.activity.on_session_done(session);
}

void Comparer::count_steps(const PairedExchange& pair) {
    const auto& baseline = pair.sides[kBaseline];
    const auto& candidate = pair.sides[kCandidate];
    if (!baseline) {
        if (candidate && pair.missing[kBaseline] != "memory limit")
            seen_.coverage.extra_steps += candidate->steps.size();
        return;
    }
    ++seen_.coverage.exchanges;
    const std::uint64_t unanswered = unanswered_steps(*baseline);
    seen_.coverage.steps += baseline->steps.size() + unanswered;
    seen_.coverage.leave_out("baseline: unanswered", unanswered);
    if (candidate) {
        ++seen_.coverage.exchanges_compared;
        for (const ObservedStep& step : candidate->steps) {
            seen_.coverage.with_data += has_data(step.result.kind) ? 1U : 0U;
            seen_.coverage.ambiguous += has_mark(step.result, StepMark::ambiguous) ? 1U : 0U;
            seen_.coverage.tainted += has_mark(step.result, StepMark::tainted) ? 1U : 0U;
        }
    } else {
        seen_.coverage.leave_out("candidate: " + pair.missing[kCandidate], baseline->steps.size());
    }
}

void Comparer::compare_candidate(const PairedExchange& pair, Session& session, const ExchangeDifferences& control,
                                 const ExchangeDifferences& confirmation) {
    const ObservedExchange& baseline = *pair.sides[kBaseline];
    CascadeState& cascade = session.cascades[kCandidate];
    const ExchangeDifferences found =
        ExchangeComparer(candidate_shapes_, facts_, scope_).compare(baseline, *pair.sides[kCandidate], cascade);
    seen_.coverage.compared += found.compared;
    seen_.coverage.extra_steps += found.extra;
    for (const auto& [reason, count] : found.not_compared) seen_.coverage.leave_out(reason, count);

    std::vector<CellId> ids;
    const std::uint32_t none = UINT32_MAX;
    std::uint32_t last_differing = none;
    for (const StepDifference& difference : found.differences) {
        if (tolerate(difference)) {
            ids.push_back(kNoCell);
            continue;
        }
        if (is_excused(difference)) {
            ids.push_back(kNoCell);
            seen_.coverage.excused += difference.step != last_differing ? 1U : 0U;
            seen_.coverage.differing += difference.step != last_differing ? 1U : 0U;
            last_differing = difference.step;
            continue;
        }
        const StatementFacts& facts = facts_.of(difference.context, difference.step);
        const CellId id = seen_.tally.cell(facts, difference.divergence);
        const bool open = chose_other_rows(difference, facts.traits, keys_) || rearranged(difference, facts);
        if (open) ++seen_.tally.at(id).other_choices;
        ids.push_back(id);
        const Corroboration seen = corroborate(pair, difference, control, confirmation);
        const Timestamp when = difference.other != nullptr ? difference.other->end : Timestamp();
        seen_.tally.add(id, pair.id.session, baseline.asked, when, seen);
        note_difference(seen_.tally.at(id), difference, seen);
        seen_.tally.at(id).asked_by(seen_.activity.identity(pair.id.session));
        keep_example(pair, session, difference, id, seen);
        const bool spoils =
            !is_shape(difference.divergence.kind) && difference.divergence.kind != DivergenceKind::stall;
        if (!seen.in_control && spoils) {
            spoil(id, difference.context, difference.step, when);
            if (difference.divergence.kind == DivergenceKind::error_appeared) {
                spoil_transaction(id, pair, session, difference, when);
            }
        }
        if (difference.step != last_differing) ++seen_.coverage.differing;
        last_differing = difference.step;
    }
    for (const FoldedStep& folded : found.folded) {
        ++seen_.coverage.folded;
        ++seen_.coverage.differing;
        const CellId id = folded.root.local < ids.size() ? ids[folded.root.local] : folded.root.cell;
        if (id == kNoCell) continue;
        ++seen_.tally.at(id).followed_by;
        const StepResult* result = find_step(pair.sides[kCandidate], folded.step);
        if (result != nullptr) spoil(id, folded.context, folded.step, result->end);
    }
    cascade.resolve(ids);
    if (!control.differences.empty() || !confirmation.differences.empty()) {
        add_others(pair, found, control, confirmation);
    }
}

/// Whether a rule's tolerance takes the difference away; where it would need rows that were not kept, the step counts
/// as not compared.
bool Comparer::tolerate(const StepDifference& difference) {
    if (difference.divergence.kind != DivergenceKind::value) return false;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
        const Rule& rule = rules_[i];
        if (rule.action != RuleAction::tolerance || rule.place != difference.divergence.place) continue;
        if (rule.expired(now_)) continue;
        const StatementFacts& facts = facts_.of(difference.context, difference.step);
        if (!rule.fingerprint.empty() && rule.fingerprint != facts.fingerprint.hex()) continue;
        const auto within = within_tolerance(rule, difference);
        if (within && !*within) continue;
        ++seen_.tolerated[i];
        if (!within) {
            --seen_.coverage.compared;
            seen_.coverage.leave_out("a tolerance needs the rows, which were not kept (--results full)", 1);
        }
        return true;
    }
    return false;
}

void Comparer::add_others(const PairedExchange& pair, const ExchangeDifferences& candidate,
                          const ExchangeDifferences& control, const ExchangeDifferences& confirmation) {
    for (const StepDifference& difference : control.differences) {
        if (is_error(difference.divergence.kind)) seen_.control_sqlstates.insert(difference.divergence.sqlstate);
        if (find_difference(candidate, difference) != nullptr) continue;
        if (!answered(find_step(pair.sides[kCandidate], difference.step)) || is_folded(candidate, difference.step))
            continue;
        const CellId id = seen_.tally.cell(facts_.of(difference.context, difference.step), difference.divergence);
        seen_.tally.add_control_only(id, pair.id.session);
    }
    for (const StepDifference& difference : confirmation.differences) {
        const CellId id = seen_.tally.cell(facts_.of(difference.context, difference.step), difference.divergence);
        seen_.tally.add_confirmation(id, pair.id.session);
    }
}

Corroboration Comparer::corroborate(const PairedExchange& pair, const StepDifference& difference,
                                    const ExchangeDifferences& control, const ExchangeDifferences& confirmation) {
    Corroboration seen;
    const StepResult* other_control = find_step(pair.sides[kControl], difference.step);
    seen.control_known = !taking_part_[kControl] || (answered(other_control) && !is_folded(control, difference.step));
    seen.in_control = find_difference(control, difference) != nullptr;
    seen.baseline_odd =
        seen.in_control && !still_differs(control_candidate_shapes_, other_control, difference.other, difference);
    seen.in_confirmation = find_difference(confirmation, difference) != nullptr;
    seen.differs_from_confirmation =
        seen.in_confirmation && still_differs(candidates_shapes_, difference.other,
                                              find_step(pair.sides[kConfirmation], difference.step), difference);
    return seen;
}

/// Whether two other answers to the step differ from each other at the difference's place, too.
bool Comparer::still_differs(ShapeComparer& shapes, const StepResult* a, const StepResult* b,
                             const StepDifference& difference) {
    if (!answered(a) || !answered(b)) return true;
    if (surely_same(*a, *b)) return false;
    StepDiffTools tools;
    tools.shapes = &shapes;
    tools.scope = scope_;
    tools.order = [&] { return facts_.order_of(difference.context, difference.step); };
    const auto differences = diff_step(*a, *b, tools);
    return std::any_of(differences.begin(), differences.end(), [&](const Divergence& other) {
        return other.kind == difference.divergence.kind && other.place == difference.divergence.place;
    });
}

void Comparer::keep_example(const PairedExchange& pair, const Session& session, const StepDifference& difference,
                            CellId id, const Corroboration& seen) {
    Cell& cell = seen_.tally.at(id);
    // One that the control does not share is the better one, and one that shows rows.
    const bool better = cell.example && cell.example_has_control && !seen.in_control;
    const bool shows_rows = cell.example && cell.example->rows.rows.empty() && is_soft(difference.divergence.kind) &&
                            cell.example_has_control == seen.in_control && difference.baseline != nullptr &&
                            difference.other != nullptr && !difference.baseline->kept_rows.empty() &&
                            !difference.other->kept_rows.empty() && cell.count < 100;
    if (cell.example && !better && !shows_rows) return;
    BytesView parameters;
    if (difference.context != nullptr && difference.context->text) {
        const auto known = session.parameter_types.find(difference.context->text->name);
        if (known != session.parameter_types.end()) parameters = known->second;
    }
    cell.example = make_example(*pair.sides[kBaseline], difference, parameters, candidate_shapes_, keys_);
    cell.example_has_control = seen.in_control;
}

void Comparer::spoil(CellId id, const StepContext* context, std::uint32_t step, Timestamp when) {
    if (context == nullptr || !when.known()) return;
    const StatementFacts& facts = facts_.of(context, step);
    auto& spoiled = seen_.tally.at(id).spoiled;
    for (const sql::RelationUse& relation : facts.traits.relations) {
        if (!relation.written) continue;
        const auto [entry, created] = spoiled.try_emplace(relation.name, when);
        if (!created) entry->second = std::min(entry->second, when);
    }
}

/// What the failed transaction had written before is undone as well.
void Comparer::spoil_transaction(CellId id, const PairedExchange& pair, const Session& session,
                                 const StepDifference& difference, Timestamp when) {
    for (const AskedStep& asked : session.transaction) spoil(id, &asked.context, asked.step, when);
    const ObservedExchange& baseline = *pair.sides[kBaseline];
    for (const ObservedStep& step : baseline.steps) {
        if (step.index >= difference.step) break;
        const StepKind kind = step.result.kind;
        if (kind != StepKind::execute && kind != StepKind::statement) continue;
        spoil(id, context_of(baseline, step.index, kind), step.index, when);
    }
}

void Comparer::follow_transaction(const ObservedExchange& baseline, Session& session) {
    if (baseline.transaction_status != 'T') {
        session.transaction.clear();
        return;
    }
    for (const ObservedStep& step : baseline.steps) {
        const StepKind kind = step.result.kind;
        if (kind != StepKind::execute && kind != StepKind::statement) continue;
        const StepContext* context = context_of(baseline, step.index, kind);
        if (context == nullptr || session.transaction.size() >= kMaxTransactionSteps) continue;
        session.transaction.push_back({*context, step.index});
    }
}

void Comparer::note_parameter_types(const ObservedExchange& baseline, Session& session) {
    for (const ObservedStep& step : baseline.steps) {
        if (step.result.parameter_description.empty()) continue;
        const StepContext* context = context_of(baseline, step.index, StepKind::describe);
        if (context == nullptr || !context->text || context->text->name.empty()) continue;
        if (session.parameter_types.size() >= StatementContexts::kMaxNames) session.parameter_types.clear();
        session.parameter_types[context->text->name] = step.result.parameter_description;
    }
}

}  // namespace understudy::compare
