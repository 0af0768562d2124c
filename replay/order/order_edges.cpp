#include <algorithm>
#include <utility>

#include "core/base/error.hpp"

#include "replay/order/order_planner.hpp"

// What has to wait for what, and what later steps have to wait for.

namespace understudy::replay {
namespace {

using sql::Isolation;
using sql::RowLock;
using sql::TransactionAct;

bool keeps_snapshot(Isolation isolation) {
    return isolation == Isolation::repeatable_read || isolation == Isolation::serializable;
}

/// How many rows a command tag says ("UPDATE 0"); 1 where it says none.
bool none_affected(BytesView tag) { return tag.ends_with(" 0"); }

}  // namespace

void OrderPlanner::add_edge(Session& session, Session::Waiting* waiting, const Unit& before, EdgeKind kind) {
    if (waiting == nullptr || before.session == session.index) return;
    if (kind != EdgeKind::hard && session.place.known()) {
        const auto end = answers_.end_of(before);
        if (!end || *end >= session.place) return;  // that came after this one took effect
    }
    if (kind != EdgeKind::hard && waiting->first_answer.known()) {
        // Others wait for the first answer of this request: it must not wait, for a later one, for what came after
        // that.
        const auto end = answers_.end_of(before);
        if (!end || *end > waiting->first_answer) {
            ++stats_.dropped_edges;
            return;
        }
    }
    put_edge(session, *waiting, before, kind);
}

void OrderPlanner::put_edge(Session& session, Session::Waiting& waiting, const Unit& before, EdgeKind kind) {
    const auto waited = session.waited.find(before.session);
    if (waited != session.waited.end() && waited->second >= before.done) return;
    for (Predecessor& known : waiting.planned.after) {
        if (known.session != before.session) continue;
        if (known.done >= before.done && known.kind <= kind) return;
        if (known.kind != kind) continue;
        known.done = std::max(known.done, before.done);
        return;
    }
    waiting.planned.after.push_back({before.session, before.done, kind});
}

/// Of each session only the last units are known that did something. Where they overlap, there may have been earlier
/// ones, which did not.
void OrderPlanner::wait_for_earlier(Session& session, Session::Waiting* waiting, const Unit& last, Timestamp asked) {
    const Progress done = answers_.done_before(last.session, asked);
    if (done != Progress() && done < last.done) add_edge(session, waiting, {last.session, done}, EdgeKind::hard);
}

/// Of the transaction, or of a part of it: locks are given up.
bool OrderPlanner::asks_to_end(TransactionAct act) {
    return act == TransactionAct::commit || act == TransactionAct::rollback || act == TransactionAct::prepare ||
           act == TransactionAct::rollback_to;
}

void OrderPlanner::mark_ambiguous(const Unit& unit) {
    const auto steps = static_cast<std::uint32_t>(unit.done.value & UINT32_MAX);
    UNDERSTUDY_ASSERT(steps > 0);
    if (on_ambiguous_) on_ambiguous_(ids_[unit.session], unit.done.ordinal(), StepIndex(steps - 1));
    if (const auto found = sessions_.find(unit.session); found != sessions_.end()) {
        found->second->views.ambiguous(unit.done, [&](Progress shown) { mark_ambiguous({unit.session, shown}); });
    }
}

void OrderPlanner::wait_for_barriers(Session& session, Timestamp asked, Session::Waiting& waiting) {
    for (const Unit& barrier : barriers_) {
        const auto end = answers_.end_of(barrier);
        if (end && *end < asked) add_edge(session, &waiting, barrier, EdgeKind::hard);
    }
}

/// The first statement of a transaction that keeps its snapshot reads everything, as it were; the later ones nothing
/// new. Whether the transaction is such a one.
bool OrderPlanner::take_snapshot(Session& session, const Unit& unit, Session::Waiting* waiting) {
    const Isolation isolation =
        session.transaction.isolation != Isolation::unsaid ? session.transaction.isolation : session.default_isolation;
    if (!keeps_snapshot(isolation)) return false;
    if (session.transaction.snapshot) return true;
    session.transaction.snapshot = true;
    session.views.take({}, unit.done);
    for (const Unit& commit : commits_) add_edge(session, waiting, commit, EdgeKind::hard);
    snapshots_.add(unit);
    return true;
}

void OrderPlanner::plan_read(Session& session, const PlannedStep& step, Session::Waiting& waiting) {
    if (step.footprint.rows.empty()) return;
    const Unit unit = unit_of(session, step);
    if (session.transaction.ambiguous) mark_ambiguous(unit);
    if (take_snapshot(session, unit, &waiting)) return show(session, {}, unit.done);
    for (const RowAccess& access : step.footprint.rows) {
        table_.commits_seen_by(access,
                               [&](const Unit& commit) { add_edge(session, &waiting, commit, EdgeKind::hard); });
        table_.add_reader(access, unit, true);
    }
}

/// The step's answer shows what a snapshot saw that was taken before.
void OrderPlanner::show(Session& session, const Bytes& portal, Progress step) {
    if (session.views.show(portal, step)) mark_ambiguous({session.index, step});
}

/// The step was answered (without `result`: by an error before it, or by nothing).
void OrderPlanner::resolve(Session& session, PlannedStep& step, const StepResult* result) {
    const bool late = std::exchange(step.late, false);
    const bool answered = result != nullptr && result->outcome != StepOutcome::skipped;
    if (answered && step.footprint.effect) take_effect(session, step, *result);
    leave_flight(session, step);
    settle_held(unit_of(session, step), step, std::nullopt, session);
    if (asks_to_end(step.act)) --session.ends_asked;
    const bool complete = answered && result->outcome == StepOutcome::complete;
    if (complete) {
        const Progress done(step.ordinal, step.step + 1);
        const Timestamp asked = std::max(step.asked, session.last_ready);
        Session::Waiting* waiting = find_waiting(session, step.request);
        switch (step.act) {
            case TransactionAct::begin:
                session.transaction.open = true;
                session.transaction.isolation = step.isolation;
                session.transaction.snapshot = false;
                session.transaction.since = done;
                break;
            case TransactionAct::rollback_to: session.transaction.since = done; break;
            case TransactionAct::commit:
            case TransactionAct::prepare:
                end_transaction(session, result->command_tag != "ROLLBACK", done, asked, result->end, waiting);
                break;
            case TransactionAct::rollback: end_transaction(session, false, done, asked, result->end, waiting); break;
            default:
                if (step.isolation == Isolation::unsaid) break;
                (step.session_isolation ? session.default_isolation : session.transaction.isolation) = step.isolation;
        }
    }
    if (late) done_waiting(session, step.request);
}

/// Edges to a step that takes locks or writes, at its answer.
void OrderPlanner::plan_effects(Session& session, const PlannedStep& step, Timestamp asked, Session::Waiting* waiting,
                                std::optional<Timestamp> answered) {
    const bool in_block = session.transaction.open;
    const Unit own = unit_of(session, step);
    const auto answered_before = [&](const Unit& unit) {
        const auto end = answers_.end_of(unit);
        return end && *end < asked;
    };
    if (step.footprint.opaque) {
        for (const Unit& any : answered_) {
            if (answered_before(any)) add_edge(session, waiting, any, EdgeKind::hard);
        }
    }
    for (const RowAccess& access : step.footprint.rows) {
        if (access.fresh && access.keys.empty()) continue;  // nobody knows that row
        if (access.lock != RowLock::none && !access.releases) {
            table_.locks_before(access, [&](const Unit& unit, bool released, bool certain) {
                if (certain && answered && !released) note_given_up(unit, *answered);
                if (answered_before(unit)) return add_edge(session, waiting, unit, EdgeKind::hard);
                // Where it has it still, this one had it before, or it is another row.
                if (released || (answered && still_holds(unit, *answered) && !access.tries)) return;
                add_edge(session, waiting, unit, in_block ? EdgeKind::inferred : EdgeKind::soft);
                if (certain && !in_block && answered) mark_if_close(unit, own, *answered);
            });
        }
        table_.commits_seen_by(access, [&](const Unit& commit) {
            if (answered_before(commit)) return add_edge(session, waiting, commit, EdgeKind::hard);
            wait_for_earlier(session, waiting, commit, asked);
        });
    }
}

void OrderPlanner::take_effect(Session& session, PlannedStep& step, const StepResult& result) {
    const Progress done(step.ordinal, step.step + 1);
    const Unit unit{session.index, done};
    const Timestamp asked = std::max(step.asked, session.last_ready);  // in a pipeline the exchange before comes first
    Session::Waiting* waiting = find_waiting(session, step.request);
    if (waiting != nullptr && !waiting->first_answer.known()) waiting->first_answer = result.end;
    const bool failed = result.outcome == StepOutcome::error;
    const bool found_none = none_affected(result.command_tag);
    if (session.transaction.ambiguous) mark_ambiguous(unit);
    settle_held(unit, step, failed || found_none ? std::nullopt : std::optional(result.end), session);
    take_snapshot(session, unit, waiting);
    plan_effects(session, step, asked, waiting, result.end);
    if (!failed) footprints_.add_returned_keys(step.footprint, result);
    Session::Transaction& transaction = session.transaction;
    if (step.footprint.opaque) {
        barriers_.add(unit);
        transaction.wrote_anything = true;
    }
    if (!failed && !found_none) hold_for_flights(session, step, result.end, waiting);
    for (RowAccess& access : step.footprint.rows) {
        if (access.releases) {
            if (!failed) table_.release_lock(access, unit);
            continue;
        }
        if (access.reads && !access.refers) table_.add_reader(access, unit, false);
        if (failed || (found_none && access.lock != RowLock::key_share)) continue;
        if (access.lock != RowLock::none) {
            table_.add_lock(access, unit, [&](const Unit& earlier) { return may_matter(earlier, result.end); });
            if (transaction.locks.size() < Session::kMaxListed) transaction.locks.push_back(access);
        }
        if (!access.writes) continue;
        if (transaction.writes.size() >= Session::kMaxListed) access.keys.clear();
        const bool again = !transaction.writes.empty() && transaction.writes.back() == access;
        if (!again) transaction.writes.push_back(std::move(access));
    }
}

/// What the transaction changed is there, or never was; its locks are free.
void OrderPlanner::end_transaction(Session& session, bool committed, Progress done, Timestamp asked, Timestamp answered,
                                   Session::Waiting* waiting) {
    Session::Transaction& transaction = session.transaction;
    const Unit unit{session.index, done};
    const auto wait_for_reader = [&](const Unit& reader, bool more) {
        const auto end = answers_.end_of(reader);
        if (end && *end < asked) return add_edge(session, waiting, reader, EdgeKind::hard);
        if (more) wait_for_earlier(session, waiting, reader, asked);
        // Both were under way: a snapshot is taken when a statement begins, a commit is seen when it ends.
        if (reader.session != session.index) mark_ambiguous(reader);
        if (end) add_edge(session, waiting, reader, EdgeKind::soft);
    };
    const bool changed = committed && (!transaction.writes.empty() || transaction.wrote_anything);
    if (changed) {
        for (const Unit& snapshot : snapshots_) wait_for_reader(snapshot, true);
        for (const RowAccess& access : transaction.writes) {
            table_.readers_before(access, true, [&](const auto& reader) { wait_for_reader(reader.unit, reader.more); });
            table_.readers_before(access, false, [&](const auto& reader) {
                const auto end = answers_.end_of(reader.unit);
                if (end && *end < asked) return add_edge(session, waiting, reader.unit, EdgeKind::hard);
                if (reader.more) wait_for_earlier(session, waiting, reader.unit, asked);
            });
            table_.add_commit(
                access, {unit, asked, answered},
                [&](const Unit& reader, const ConflictTable::Commit& last) {
                    const auto end = answers_.end_of(reader);
                    return last.answered < oldest_asked_ && end && *end < last.asked;
                },
                [&](const ConflictTable::Commit& last) {
                    return session.place.known() && last.answered >= session.place;
                });
        }
        commits_.add(unit);
    }
    for (const RowAccess& access : transaction.locks) table_.release_lock(access, unit);
    session.views.close_all();
    transaction = {};
    transaction.since = done;
}

}  // namespace understudy::replay
