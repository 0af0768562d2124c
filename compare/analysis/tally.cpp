#include "compare/analysis/tally.hpp"

#include <fmt/format.h>

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

void Cell::asked_by(const SessionIdentity* identity) {
    if (identity == nullptr) return;
    users.add(identity->user);
    applications.add(identity->application);
    databases.add(identity->database);
}

CellId Tally::cell(const StatementFacts& facts, const Divergence& divergence) {
    Bytes key = fmt::format("{:016x} {} {} {}", facts.fingerprint.value, static_cast<int>(divergence.kind),
                            divergence.sqlstate, divergence.place);
    if (const auto found = ids_.find(key); found != ids_.end()) return found->second;
    const bool full = cells_.size() >= kMaxCells;
    if (full) {
        ++overflowed_;
        key = fmt::format("other {}", static_cast<int>(divergence.kind));
        if (const auto found = ids_.find(key); found != ids_.end()) return found->second;
    }
    const auto id = static_cast<CellId>(cells_.size());
    ids_.emplace(std::move(key), id);
    Cell& cell = cells_.emplace_back();
    cell.divergence = divergence;
    cell.cause = cause_of(divergence);
    cell.explanation = explain(divergence, facts.traits);
    if (full) {
        cell.statement = "(other statements)";
        return id;
    }
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

}  // namespace understudy::compare
