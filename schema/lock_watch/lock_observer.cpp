#include "schema/lock_watch/lock_observer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace understudy::schema::lock_watch {
namespace {

constexpr std::size_t kRememberedQueries = 10'000;

/// The middle: it ended between the two samples.
Timestamp between(Timestamp a, Timestamp b) { return a + (b - a).scaled(0.5); }

std::string seconds_text(Duration duration) { return fmt::format("{:.2f} s", duration.to_seconds()); }

std::string session_text(const Blocker& blocker) {
    std::string text = fmt::format("process {} ({}{}, {}", blocker.pid, blocker.user,
                                   blocker.application.empty() ? "" : ", " + blocker.application, blocker.state);
    if (blocker.transaction_age > Duration()) text += ", transaction open for " + seconds_text(blocker.transaction_age);
    return text + ")";
}

}  // namespace

void LockObserver::take(const LockSample& sample) {
    if (!found_.begin.known()) found_.begin = sample.time;
    if (previous_.known()) found_.longest_gap = std::max(found_.longest_gap, sample.time - previous_);
    ++found_.samples;
    found_.end = sample.time;
    sessions_.clear();
    for (const Activity& session : sample.sessions) {
        sessions_[session.pid] = &session;
        if (is_migration(session)) pids_.insert(session.pid);
    }
    follow_statement(sample);
    follow_held(sample);
    follow_own_waits(sample);
    follow_stalls(sample);
    follow_circles(sample);
    sessions_.clear();
    previous_ = sample.time;
}

bool LockObserver::is_migration(const Activity& session) const {
    const auto& pids = selector_.pids;
    return std::find(pids.begin(), pids.end(), session.pid) != pids.end() ||
           (!selector_.application_name.empty() && session.application == selector_.application_name);
}

void LockObserver::note(Timestamp time, std::string what) {
    if (found_.timeline.size() >= limits_.timeline) {
        ++found_.beyond_limit;
        return;
    }
    found_.timeline.push_back({time, std::move(what)});
}

const Bytes& LockObserver::normalised(const Bytes& query) {
    if (normalised_.size() > kRememberedQueries) normalised_.clear();
    const auto [found, added] = normalised_.try_emplace(query);
    if (added) found->second = sql::normalise(query);
    return found->second;
}

Blocker LockObserver::blocker_of(const Activity& session, Timestamp now) const {
    Blocker blocker{session.pid, session.application, session.user, session.state, {}, {}, {}};
    if (session.transaction_start.known() && now > session.transaction_start) {
        blocker.transaction_age = now - session.transaction_start;
    }
    blocker.fingerprint = sql::fingerprint(session.query);
    blocker.query = sql::normalise(session.query);
    return blocker;
}

void LockObserver::follow_statement(const LockSample& sample) {
    for (const int pid : pids_) {
        const auto session = sessions_.find(pid);
        if (session == sessions_.end() || session->second->state != "active") {
            if (statements_.erase(pid) > 0) {
                note(between(previous_, sample.time),
                     session == sessions_.end() ? "the migration's session ends" : "the migration's statement ends");
            }
            statement_starts_.erase(pid);
            continue;
        }
        found_.migration_seen = true;
        const Activity& activity = *session->second;
        const auto start = statement_starts_.find(pid);
        if (start != statement_starts_.end() && start->second == activity.query_start) continue;
        statement_starts_[pid] = activity.query_start;
        statements_[pid] = normalised(activity.query);
        note(activity.query_start.known() ? activity.query_start : sample.time,
             "the migration runs: " + statements_[pid]);
    }
}

void LockObserver::follow_held(const LockSample& sample) {
    for (const RelationLock& lock : sample.locks) {
        if (!lock.granted || pids_.count(lock.pid) == 0) continue;
        const auto key = std::pair(lock.pid, std::pair(lock.oid, lock.mode));
        const auto known = held_.find(key);
        if (known != held_.end() && found_.held[known->second].last == previous_) {
            found_.held[known->second].last = sample.time;
            continue;
        }
        if (found_.held.size() >= limits_.locks) {
            ++found_.beyond_limit;
            continue;
        }
        const auto session = sessions_.find(lock.pid);
        held_[key] = found_.held.size();
        found_.held.push_back({lock.relation, lock.oid, lock.mode,
                               session == sessions_.end() ? Bytes() : normalised(session->second->query), sample.time,
                               sample.time});
        if (sql::stops_writes(lock.mode) && !lock.relation.empty()) {
            note(sample.time, fmt::format("the migration holds {} on {}", to_string(lock.mode), lock.relation));
        }
    }
}

const RelationLock* LockObserver::waiting_lock(const LockSample& sample, int pid) const {
    const auto found = std::find_if(sample.locks.begin(), sample.locks.end(),
                                    [&](const RelationLock& lock) { return lock.pid == pid && !lock.granted; });
    return found == sample.locks.end() ? nullptr : &*found;
}

void LockObserver::follow_own_waits(const LockSample& sample) {
    waiting_ = false;
    for (const int pid : pids_) {
        const auto session = sessions_.find(pid);
        const bool waits = session != sessions_.end() && session->second->waits_for_lock;
        auto open = own_waits_.find(pid);
        if (!waits) {
            if (open == own_waits_.end()) continue;
            WaitedLock& wait = found_.waited[open->second.index];
            wait.last = between(previous_, sample.time);
            note(wait.last, fmt::format("the migration's wait is over after {}", seconds_text(wait.last - wait.first)));
            own_waits_.erase(open);
            continue;
        }
        waiting_ = true;
        const RelationLock* lock = waiting_lock(sample, pid);
        if (open == own_waits_.end()) {
            if (found_.waited.size() >= limits_.locks) {
                ++found_.beyond_limit;
                continue;
            }
            WaitedLock& wait = found_.waited.emplace_back();
            wait.statement = normalised(session->second->query);
            wait.first = lock != nullptr && lock->wait_start.known() ? lock->wait_start : sample.time;
            open = own_waits_.emplace(pid, OpenWait{wait.first, sample.time, found_.waited.size() - 1, {}, false, {}})
                       .first;
        }
        WaitedLock& wait = found_.waited[open->second.index];
        wait.last = sample.time;
        if (wait.relation.empty() && lock != nullptr) {
            wait.relation = lock->relation;
            wait.mode = lock->mode;
        }
        for (const int blocking : session->second->blockers) {
            const auto other = sessions_.find(blocking);
            const bool known = std::any_of(wait.blockers.begin(), wait.blockers.end(),
                                           [&](const Blocker& blocker) { return blocker.pid == blocking; });
            if (known || other == sessions_.end()) continue;
            if (wait.blockers.size() >= limits_.blockers) {
                ++found_.beyond_limit;
                continue;
            }
            wait.blockers.push_back(blocker_of(*other->second, sample.time));
            note(sample.time, fmt::format("the migration waits for {} on {} behind {}: {}", to_string(wait.mode),
                                          wait.relation.empty() ? Bytes("what is no table") : wait.relation,
                                          session_text(wait.blockers.back()), wait.blockers.back().query));
        }
    }
}

/// Whether the migration is among those that the session waits for, also through others.
bool LockObserver::behind_migration(const Activity& session) const {
    std::vector<int> open = session.blockers;
    std::set<int> seen;
    while (!open.empty()) {
        const int pid = open.back();
        open.pop_back();
        if (pids_.count(pid) != 0) return true;
        if (!seen.insert(pid).second) continue;
        const auto next = sessions_.find(pid);
        if (next != sessions_.end())
            open.insert(open.end(), next->second->blockers.begin(), next->second->blockers.end());
    }
    return false;
}

void LockObserver::end_stall(int pid, const OpenWait& wait, Timestamp end) {
    Stall& stall = found_.stalls[wait.index];
    const Duration length = end > wait.since ? end - wait.since : Duration();
    ++stall.waits;
    stall.total = stall.total + length;
    if (length <= stall.longest && stall.waits > 1) return;
    stall.longest = length;
    stall.fingerprint = sql::fingerprint(wait.query);
    stall.query = sql::normalise(wait.query);
    stall.relation = wait.relation;
    stall.while_waiting = wait.while_waiting;
    if (length > found_.longest_stall) {
        found_.longest_stall = length;
        note(end, fmt::format("process {} ({}) had waited {} behind the migration, the longest so far: {}", pid,
                              stall.user, seconds_text(length), stall.query));
    }
}

void LockObserver::follow_stalls(const LockSample& sample) {
    std::set<int> waiting;
    for (const Activity& session : sample.sessions) {
        if (!session.waits_for_lock || pids_.count(session.pid) != 0 || !behind_migration(session)) continue;
        const auto open = stalls_.find(session.pid);
        // Another query of the same session is another wait.
        if (open != stalls_.end() && open->second.query == session.query && open->second.since >= session.query_start) {
            open->second.last = sample.time;
            waiting.insert(session.pid);
            continue;
        }
        auto entry = stall_entries_.find(session.pid);
        if (entry == stall_entries_.end()) {
            if (found_.stalls.size() >= limits_.stalls) {
                ++found_.beyond_limit;
                continue;
            }
            entry = stall_entries_.emplace(session.pid, found_.stalls.size()).first;
            Stall& stall = found_.stalls.emplace_back();
            stall.pid = session.pid;
            stall.application = session.application;
            stall.user = session.user;
        }
        if (open != stalls_.end()) end_stall(session.pid, open->second, between(open->second.last, sample.time));
        const RelationLock* lock = waiting_lock(sample, session.pid);
        OpenWait wait;
        // A query that came since the last sample has waited from its beginning, but for what it did before.
        wait.since = lock != nullptr && lock->wait_start.known() ? lock->wait_start
                     : session.query_start > previous_           ? session.query_start
                                                                 : between(previous_, sample.time);
        if (!previous_.known() && wait.since < session.query_start) wait.since = sample.time;
        wait.last = sample.time;
        wait.index = entry->second;
        wait.query = session.query;
        wait.while_waiting = waiting_;
        wait.relation = lock == nullptr ? Bytes() : lock->relation;
        if (!found_.stalls[entry->second].first.known()) found_.stalls[entry->second].first = wait.since;
        stalls_[session.pid] = std::move(wait);
        waiting.insert(session.pid);
    }
    for (auto open = stalls_.begin(); open != stalls_.end();) {
        if (waiting.count(open->first) != 0) {
            ++open;
            continue;
        }
        end_stall(open->first, open->second, between(open->second.last, sample.time));
        open = stalls_.erase(open);
    }
}

void LockObserver::follow_circles(const LockSample& sample) {
    std::set<std::set<int>> now;
    for (const Activity& session : sample.sessions) {
        if (!session.waits_for_lock) continue;
        // The sessions that this one can be reached from, among those that it reaches: its circle.
        std::set<int> reached;
        std::vector<int> open = session.blockers;
        while (!open.empty()) {
            const int pid = open.back();
            open.pop_back();
            if (!reached.insert(pid).second) continue;
            const auto next = sessions_.find(pid);
            if (next != sessions_.end())
                open.insert(open.end(), next->second->blockers.begin(), next->second->blockers.end());
        }
        if (reached.count(session.pid) != 0) now.insert(std::move(reached));
    }
    // The server's answer is no snapshot: only a circle that is still there a sample later is one.
    std::map<std::set<int>, int> counted;
    for (const std::set<int>& circle : now) {
        const auto before = circles_.find(circle);
        const int samples = before == circles_.end() ? 1 : before->second + 1;
        counted[circle] = samples;
        if (samples == 2) see_circle(circle, sample.time);
    }
    circles_ = std::move(counted);
}

void LockObserver::see_circle(const std::set<int>& circle, Timestamp time) {
    if (found_.deadlocks_seen.size() >= limits_.deadlocks) {
        ++found_.beyond_limit;
        return;
    }
    DeadlockSeen& seen = found_.deadlocks_seen.emplace_back();
    seen.time = time;
    std::string who;
    for (const int pid : circle) {
        const auto member = sessions_.find(pid);
        if (member == sessions_.end()) continue;
        seen.members.push_back(blocker_of(*member->second, time));
        seen.with_migration = seen.with_migration || pids_.count(pid) != 0;
        who += (who.empty() ? "" : ", ") + session_text(seen.members.back());
    }
    note(time, "sessions wait for each other in a circle: " + who);
}

MigrationObservation LockObserver::finish(const ServerTotals& before, const ServerTotals& after) {
    for (const auto& [pid, wait] : stalls_) end_stall(pid, wait, wait.last);
    stalls_.clear();
    if (before.wal_bytes >= 0 && after.wal_bytes >= 0) found_.wal_bytes = after.wal_bytes - before.wal_bytes;
    found_.deadlocks = after.deadlocks - before.deadlocks;
    found_.temp_bytes = after.temp_bytes - before.temp_bytes;
    found_.disk_bytes = after.database_bytes - before.database_bytes;
    found_.tables_cut = before.tables_cut || after.tables_cut;
    std::unordered_map<std::uint32_t, const TableFile*> old;
    for (const TableFile& table : before.tables) old[table.oid] = &table;
    for (const TableFile& table : after.tables) {
        const auto known = old.find(table.oid);
        if (known == old.end() || known->second->file == table.file) continue;
        found_.rewrites.push_back({table.relation, known->second->bytes, table.bytes});
    }
    std::stable_sort(found_.stalls.begin(), found_.stalls.end(),
                     [](const Stall& a, const Stall& b) { return a.longest > b.longest; });
    std::stable_sort(found_.timeline.begin(), found_.timeline.end(),
                     [](const TimelineEntry& a, const TimelineEntry& b) { return a.time < b.time; });
    return std::move(found_);
}

}  // namespace understudy::schema::lock_watch
