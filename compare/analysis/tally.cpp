#include "compare/analysis/tally.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace understudy::compare {

CellEvidence Cell::judged_evidence() const {
    CellEvidence all = evidence;
    all.soft = is_soft(divergence.kind);
    all.needs_confirmation = divergence.kind == DivergenceKind::stall;
    all.concurrency = is_error(divergence.kind) && is_concurrency(divergence.sqlstate);
    all.candidate_only_sessions = candidate_only.size();
    all.control_only_sessions = control_only.size();
    all.confirmation_sessions = confirmation.size();
    return all;
}

NoiseClass Cell::noise_class() const {
    if (count > 0 && other_choices == count) return NoiseClass::choice;
    const NoiseClass noise = noise_class_of(divergence.kind, volatility, type_oid);
    // What no two runs share comes of no meeting of sessions: a default, a trigger or a function draws it.
    const bool never_the_same = divergence.kind == DivergenceKind::value && evidence.both_steps == count &&
                                evidence.both_steps > 0 && evidence.baseline_odd_steps == 0;
    return noise == NoiseClass::concurrency && never_the_same ? NoiseClass::random : noise;
}

void Cell::asked_by(const SessionIdentity* identity) {
    if (identity == nullptr) return;
    users.add(identity->user);
    applications.add(identity->application);
    databases.add(identity->database);
}

void Cell::add(Cell&& other) {
    raised = raised || other.raised;
    count += other.count;
    users.add(other.users);
    applications.add(other.applications);
    databases.add(other.databases);
    frozen.add(other.frozen);
    float_sums += other.float_sums;
    other_choices += other.other_choices;
    if (other.first.known() && (!first.known() || other.first < first)) {
        first = other.first;
        divergence = std::move(other.divergence);
        explanation = std::move(other.explanation);
    }
    last = std::max(last, other.last);
    if (other.first_unexplained && (!first_unexplained || *other.first_unexplained < *first_unexplained)) {
        first_unexplained = other.first_unexplained;
    }
    followed_by += other.followed_by;
    for (const auto& [relation, when] : other.spoiled) {
        const auto [entry, created] = spoiled.try_emplace(relation, when);
        if (!created) entry->second = std::min(entry->second, when);
    }
    // One that the control does not share is the better example.
    const bool same_kind = example_has_control == other.example_has_control;
    const bool better = !example || (other.example && (same_kind ? is_better_example(*other.example, *example)
                                                                 : example_has_control));
    if (other.example && better) {
        example = std::move(other.example);
        example_has_control = other.example_has_control;
    }
    sessions.add(std::move(other.sessions));
    candidate_only.add(std::move(other.candidate_only));
    control_only.add(std::move(other.control_only));
    control.add(std::move(other.control));
    confirmation.add(std::move(other.confirmation));
    evidence.both_steps += other.evidence.both_steps;
    evidence.baseline_odd_steps += other.evidence.baseline_odd_steps;
    evidence.recurring_steps += other.evidence.recurring_steps;
    evidence.volatile_steps += other.evidence.volatile_steps;
}

namespace {

Bytes key_of(const sql::Fingerprint& fingerprint, const Divergence& divergence) {
    return fmt::format("{:016x} {} {} {}", fingerprint.value, static_cast<int>(divergence.kind), divergence.sqlstate,
                       divergence.place);
}

}  // namespace

/// Past the limit the cell that all of a kind share.
Tally::Place Tally::place_for(Bytes key, DivergenceKind kind) {
    if (const auto found = ids_.find(key); found != ids_.end()) return {found->second, false, false};
    const bool shared = cells_.size() >= kMaxCells;
    if (shared) {
        ++overflowed_;
        key = fmt::format("other {}", static_cast<int>(kind));
        if (const auto found = ids_.find(key); found != ids_.end()) return {found->second, false, true};
    }
    const auto id = static_cast<CellId>(cells_.size());
    ids_.emplace(std::move(key), id);
    cells_.emplace_back();
    if (shared) cells_.back().statement = "(other statements)";
    return {id, true, shared};
}

CellId Tally::cell(const StatementFacts& facts, const Divergence& divergence) {
    const auto [id, created, shared] = place_for(key_of(facts.fingerprint, divergence), divergence.kind);
    if (!created) return id;
    Cell& cell = cells_[id];
    cell.divergence = divergence;
    cell.cause = cause_of(divergence);
    cell.explanation = explain(divergence, facts.traits);
    if (shared) return id;
    cell.statement = facts.sql.empty() ? Bytes("(statement not known)") : sql::normalise(facts.sql);
    if (cell.statement.size() > kMaxStatementBytes) cell.statement = cell.statement.substr(0, kMaxStatementBytes) + "…";
    cell.fingerprint = facts.fingerprint;
    cell.relations = facts.traits.relations;
    cell.functions = facts.traits.functions;
    cell.volatility = volatility_of(facts.traits, facts.sql);
    return id;
}

void Tally::add(CellId id, SessionId session, Timestamp asked, Timestamp answered, const Corroboration& seen) {
    Cell& cell = cells_[id];
    ++cell.count;
    cell.sessions.add(session);
    if (asked.known() && (!cell.first.known() || asked < cell.first)) cell.first = asked;
    if (asked > cell.last) cell.last = asked;
    if (seen.in_control) {
        cell.control.add(session);
        ++cell.evidence.both_steps;
        if (seen.baseline_odd) ++cell.evidence.baseline_odd_steps;
        return;
    }
    if (!cell.first_unexplained || answered < *cell.first_unexplained) cell.first_unexplained = answered;
    if (seen.control_known) cell.candidate_only.add(session);
    if (seen.in_confirmation) ++cell.evidence.recurring_steps;
    if (seen.in_confirmation && seen.differs_from_confirmation) ++cell.evidence.volatile_steps;
}

void Tally::add_control_only(CellId id, SessionId session) {
    cells_[id].control_only.add(session);
    cells_[id].control.add(session);
}

void Tally::add_confirmation(CellId id, SessionId session) { cells_[id].confirmation.add(session); }

void Tally::add(Cell&& cell) {
    const auto [id, created, shared] = place_for(key_of(cell.fingerprint, cell.divergence), cell.divergence.kind);
    if (!created) return cells_[id].add(std::move(cell));
    if (shared) cell.statement = cells_[id].statement;
    cells_[id] = std::move(cell);
}

Tally Tally::restored(std::vector<Cell>&& cells, std::size_t overflowed) {
    Tally tally;
    for (Cell& cell : cells) tally.add(std::move(cell));
    tally.overflowed_ = overflowed;
    return tally;
}

void Tally::add(Tally&& other) {
    overflowed_ += other.overflowed_;
    for (Cell& cell : other.cells_) add(std::move(cell));
}

}  // namespace understudy::compare
