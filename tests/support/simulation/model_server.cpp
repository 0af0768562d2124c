#include "tests/support/simulation/model_server.hpp"

#include <algorithm>
#include <utility>

namespace understudy::replay {

using sql::RowLock;

Bytes Statement::sql() const {
    const Bytes id = std::to_string(row);
    switch (kind) {
        case Kind::begin: return "begin";
        case Kind::commit: return "commit";
        case Kind::rollback: return "rollback";
        case Kind::read: return "select balance from accounts where id = " + id;
        case Kind::read_all: return "select sum(balance) from accounts";
        case Kind::lock: return "select balance from accounts where id = " + id + " for update";
        case Kind::update: return "update accounts set balance = balance + 1 where id = " + id + " returning balance";
        case Kind::child: return "insert into orders (account_id, note) values (" + id + ", 'x')";
    }
    return {};
}

Bytes Statement::tag() const {
    switch (kind) {
        case Kind::begin: return "BEGIN";
        case Kind::commit: return "COMMIT";
        case Kind::rollback: return "ROLLBACK";
        case Kind::update: return "UPDATE 1";
        case Kind::child: return "INSERT 0 1";
        default: return "SELECT 1";
    }
}

void ModelServer::ask(int session, const Statement& statement, std::function<void(const Answer&)> answer) {
    sessions_[static_cast<std::size_t>(session)].answer = std::move(answer);
    time_.after(dice(40, 250), [this, session, statement] { execute(session, statement); });
}

void ModelServer::execute(int session, const Statement& statement) {
    Session& one = sessions_[static_cast<std::size_t>(session)];
    using Kind = Statement::Kind;
    if (one.failed && statement.kind != Kind::rollback && statement.kind != Kind::commit) {
        return reply(session, "ERROR 25P02");
    }
    const int row = statement.row;
    const auto value = [this, &one, row] {
        const auto own = one.added.find(row);
        return committed_[static_cast<std::size_t>(row)] + (own == one.added.end() ? 0 : own->second);
    };
    switch (statement.kind) {
        case Kind::begin: one.in_block = true; return reply(session, "");
        case Kind::commit: {
            const bool commits = !one.failed;
            end_transaction(session, commits);
            one.in_block = one.failed = false;
            return reply(session, commits ? "COMMIT" : "ROLLBACK");
        }
        case Kind::rollback:
            end_transaction(session, false);
            one.in_block = one.failed = false;
            return reply(session, "");
        case Kind::read: return finish(session, std::to_string(value()));
        case Kind::read_all: {
            int sum = 0;
            for (const int balance : committed_) sum += balance;
            for (const auto& [_, added] : one.added) sum += added;
            return finish(session, std::to_string(sum));
        }
        case Kind::lock:
            return acquire(session, row, RowLock::update,
                           [this, session, value] { finish(session, std::to_string(value())); });
        case Kind::update:
            return acquire(session, row, RowLock::no_key_update, [this, session, row, &one, value] {
                ++one.added[row];
                finish(session, std::to_string(value()));
            });
        case Kind::child:
            return acquire(session, row, RowLock::key_share, [this, session] { finish(session, ""); });
    }
}

void ModelServer::acquire(int session, int row, RowLock mode, std::function<void()> granted) {
    Row& there = rows_[static_cast<std::size_t>(row)];
    there.queue.push_back({session, mode, std::move(granted)});
    grant(there);
    const auto still = std::any_of(there.queue.begin(), there.queue.end(),
                                   [session](const Lock& lock) { return lock.session == session; });
    std::vector<bool> seen(sessions_.size());
    if (!still || !waits_for(session, session, seen)) return;
    ++deadlocks_;
    std::erase_if(there.queue, [session](const Lock& lock) { return lock.session == session; });
    Session& one = sessions_[static_cast<std::size_t>(session)];
    end_transaction(session, false);
    one.failed = one.in_block;
    reply(session, "ERROR 40P01");
}

/// In the order of the queue, as long as nothing conflicts; who holds a lock already needs not wait for the queue.
void ModelServer::grant(Row& row) {
    for (bool moved = true; moved;) {
        moved = false;
        for (auto waiter = row.queue.begin(); waiter != row.queue.end(); ++waiter) {
            const auto conflict = [&](const Lock& lock) {
                return lock.session != waiter->session && conflicts(lock.mode, waiter->mode);
            };
            const auto own = [&](const Lock& lock) { return lock.session == waiter->session; };
            const bool holds = std::any_of(row.holders.begin(), row.holders.end(), own);
            if (std::any_of(row.holders.begin(), row.holders.end(), conflict)) continue;
            if (!holds && std::any_of(row.queue.begin(), waiter, conflict)) continue;
            Lock granted = std::move(*waiter);
            row.queue.erase(waiter);
            row.holders.push_back({granted.session, granted.mode, {}});
            time_.after(dice(20, 80), std::move(granted.granted));  // it is woken
            moved = true;
            break;
        }
    }
}

void ModelServer::finish(int session, Bytes value) {
    Session& one = sessions_[static_cast<std::size_t>(session)];
    if (!one.in_block) end_transaction(session, true);
    reply(session, std::move(value));
}

void ModelServer::end_transaction(int session, bool commit) {
    Session& one = sessions_[static_cast<std::size_t>(session)];
    for (const auto& [row, added] : std::exchange(one.added, {})) {
        if (commit) committed_[static_cast<std::size_t>(row)] += added;
    }
    for (Row& row : rows_) {
        std::erase_if(row.holders, [session](const Lock& lock) { return lock.session == session; });
        grant(row);
    }
}

/// The answer leaves: mostly at once, sometimes when the process gets its turn again (within OrderPlanner::kRace).
void ModelServer::reply(int session, Bytes value) {
    const bool preempted = dice(1, 40) == 1;
    Session& one = sessions_[static_cast<std::size_t>(session)];
    const char status = one.failed ? 'E' : one.in_block ? 'T' : 'I';
    time_.after(preempted ? dice(100, 450) : dice(5, 40), [&one, status, value = std::move(value)] {
        const auto answer = std::exchange(one.answer, {});
        answer({value, status});
    });
}

std::vector<std::pair<int, int>> ModelServer::lock_waits() const {
    std::vector<std::pair<int, int>> waits;
    for (const Row& row : rows_) {
        for (std::size_t i = 0; i < row.queue.size(); ++i) {
            const Lock& waiter = row.queue[i];
            const auto add = [&](const Lock& lock) {
                const bool blocks = lock.session != waiter.session && conflicts(lock.mode, waiter.mode);
                if (blocks) waits.emplace_back(waiter.session, lock.session);
            };
            for (const Lock& holder : row.holders) add(holder);
            for (std::size_t before = 0; before < i; ++before) add(row.queue[before]);
        }
    }
    return waits;
}

bool ModelServer::waits_for(int session, int other, std::vector<bool>& seen) const {
    for (const auto& [waiter, holder] : lock_waits()) {
        if (waiter != session) continue;
        if (holder == other) return true;
        if (seen[static_cast<std::size_t>(holder)]) continue;
        seen[static_cast<std::size_t>(holder)] = true;
        if (waits_for(holder, other, seen)) return true;
    }
    return false;
}

}  // namespace understudy::replay
