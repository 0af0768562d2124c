#include <algorithm>
#include <utility>

#include "replay/order/order_planner.hpp"

// Who had a lock first, where two requests for it were under way at once.
//
// A lock is held to the end of its transaction. So if x got it and its transaction had not asked to end when y was
// answered, then y had the lock before x, and gave it up, although it was answered later: a transaction of one
// statement ends, and wakes who waits, before its answer leaves. x waits in the planner until that is known. Where it is
// not known whether both want the same row, it is taken so if x had to wait and y's answer came right after x's.

namespace understudy::replay {
namespace {

using sql::RowLock;

bool locks(const RowAccess& access) { return access.lock != RowLock::none && !access.releases; }

}  // namespace

/// Whether the transaction that took a lock with that unit has it still: it is open, and idle; what is under way may
/// fail, and give the lock up, unless it was asked only just before `now`.
bool OrderPlanner::still_holds(const Unit& unit, Timestamp now) const {
    const auto found = sessions_.find(unit.session);
    if (found == sessions_.end()) return false;
    const Session& session = *found->second;
    const bool idle = session.answered >= session.asked || session.asked.ordinal() == unit.done.ordinal() ||
                      now - session.last_asked < kFastest;
    if (!idle) return false;
    if (session.transaction.open) return session.ends_asked == 0 && unit.done > session.transaction.since;
    return unit.done.ordinal() == session.scanning && !session.sync_asked;  // of a pipeline
}

/// Whether who had a lock before is to be known still, although another got it.
bool OrderPlanner::may_matter(const Unit& earlier, Timestamp now) const {
    const auto end = answers_.end_of(earlier);
    return (end && now - *end < kRightAfter) || still_holds(earlier, now);
}

/// A step that will commit by itself, once it has its locks, or whose COMMIT was asked along with it (`ends`).
void OrderPlanner::note_in_flight(const Session& session, const PlannedStep& step, bool ends) {
    if (step.act != sql::TransactionAct::none) return;
    const auto begins = [](const PlannedStep& before) { return before.act == sql::TransactionAct::begin; };
    const bool in_block = session.transaction.open || std::any_of(session.steps.begin(), session.steps.end(), begins);
    if (in_block && !ends) return;
    for (const RowAccess& access : step.footprint.rows) {
        if (locks(access)) flights_.add(unit_of(session, step), access);
    }
}

void OrderPlanner::leave_flight(const Session& session, const PlannedStep& step) {
    for (const RowAccess& access : step.footprint.rows) {
        if (locks(access)) flights_.remove(unit_of(session, step), access.relation);
    }
}

/// The step got its locks, and keeps them. Others may have had them before, and not be answered yet.
void OrderPlanner::hold_for_flights(Session& session, const PlannedStep& step, Timestamp answered,
                                    Session::Waiting* waiting) {
    if (waiting == nullptr || waiting->first_answer != answered) return;
    const Unit unit = unit_of(session, step);
    if (!still_holds(unit, answered)) return;
    for (const RowAccess& access : step.footprint.rows) {
        if (!locks(access)) continue;
        flights_.conflicting(access, [&](const Unit& flight, SameRow same) {
            if (flight.session == session.index) return;
            const bool certain = same == SameRow::yes;
            if (!certain && answered - step.asked < kRightAfter) return;
            std::deque<PlannedStep>& steps = sessions_.at(flight.session)->steps;
            const auto other = std::find_if(steps.begin(), steps.end(), [&](const PlannedStep& one) {
                return Progress(one.ordinal, one.step + 1) == flight.done;
            });
            if (other == steps.end()) return;
            if (!other->held.empty() && other->held.back().request == step.request) {
                other->held.back().certain = other->held.back().certain || certain;
                return;
            }
            other->held.push_back({unit, step.request, certain});
            session.held.push_back(step.request);
            ++waiting->late;
        });
    }
}

/// `step` of `session` was answered, and got its locks or did not: those that were held because of it go on.
void OrderPlanner::settle_held(const Unit& unit, PlannedStep& step, std::optional<Timestamp> granted,
                               Session& session) {
    for (const HeldStep& held : std::exchange(step.held, {})) {
        const auto found = sessions_.find(held.unit.session);
        if (found == sessions_.end()) continue;
        Session& other = *found->second;
        const auto at = std::find(other.held.begin(), other.held.end(), held.request);
        Session::Waiting* waiting = find_waiting(other, held.request);
        if (at == other.held.end() || waiting == nullptr) continue;
        const Timestamp place = waiting->first_answer;
        const bool in_time = granted && std::max(step.asked, session.last_ready) < place;  // else: later, in a pipeline
        const bool follows = in_time && (held.certain || *granted - place < kRightAfter);
        if (follows && still_holds(held.unit, *granted)) {
            put_edge(other, *waiting, unit, held.certain ? EdgeKind::inferred : EdgeKind::soft);
            if (!session.place.known() || place < session.place) session.place = place;
        }
        other.held.erase(at);
        done_waiting(other, held.request);
        settled_.push_back(other.index);
    }
}

/// Another got the lock that was taken with `unit` by then: what asked to end its transaction took effect before, though
/// it is not answered yet.
void OrderPlanner::note_given_up(const Unit& unit, Timestamp by) {
    const auto found = sessions_.find(unit.session);
    if (found == sessions_.end()) return;
    Session& session = *found->second;
    const bool ending = session.transaction.open && session.ends_asked > 0 && unit.done > session.transaction.since;
    if (ending && (!session.place.known() || by < session.place)) session.place = by;
}

/// `later` commits by itself, and was answered after `earlier`, which wanted the same lock. If right after, it may have
/// been the first.
void OrderPlanner::mark_if_close(const Unit& earlier, const Unit& later, Timestamp answered) {
    const auto end = answers_.end_of(earlier);
    if (!end || answered - *end >= kRace) return;
    mark_ambiguous(later);
    mark_ambiguous(earlier);
    const auto found = sessions_.find(earlier.session);
    if (found != sessions_.end() && found->second->transaction.open && earlier.done > found->second->transaction.since) {
        found->second->transaction.ambiguous = true;
    }
}

/// The session's transaction asks to end: who is answered from now on may have got its locks after it.
void OrderPlanner::end_holds(Session& session) {
    for (const std::uint64_t request : std::exchange(session.held, {})) done_waiting(session, request);
}

}  // namespace understudy::replay
