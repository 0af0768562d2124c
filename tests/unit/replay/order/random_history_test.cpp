#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "tests/unit/replay/order/history.hpp"

// Whatever a recording holds, what its requests wait for has no cycle: sessions that do one request after the other,
// each once its predecessors are done, all come to their end.

namespace understudy::replay {
namespace {

constexpr int kSessions = 6;
constexpr int kRequests = 25;  // of each session

Bytes statement(std::mt19937& dice) {
    const auto row = std::to_string(dice() % 4);
    switch (dice() % 10) {
        case 0: return "begin";
        case 1: return "commit";
        case 2: return "rollback";
        case 3: return "select balance from accounts where id = " + row;
        case 4: return "select * from accounts where id = " + row + " for update";
        case 5: return "update accounts set balance = balance + 1 where id = " + row;
        case 6: return "select sum(balance) from accounts";
        case 7: return "insert into orders (account_id, note) values (" + row + ", 'x')";
        case 8: return "update counters set v = v + 1 where name = 'c" + row + "' returning v";
        default: return "delete from accounts where id = " + row;
    }
}

Bytes tag(const Bytes& sql) {
    if (sql == "begin") return "BEGIN";
    if (sql == "commit") return "COMMIT";
    if (sql == "rollback") return "ROLLBACK";
    if (sql.starts_with("select")) return "SELECT 1";
    if (sql.starts_with("insert")) return "INSERT 0 1";
    return sql.starts_with("update") ? "UPDATE 1" : "DELETE 1";
}

/// Sessions ask and are answered in any order that each session's own allows.
void fill(History& history, std::uint32_t seed) {
    std::mt19937 dice(seed);
    std::vector<int> left(kSessions, kRequests);
    std::vector<Bytes> asked(kSessions);
    std::int64_t now = 0;
    for (int open = kSessions; open > 0;) {
        const std::size_t session = dice() % kSessions;
        now += static_cast<std::int64_t>(dice() % 3);
        if (!asked[session].empty()) {
            history.answer(session + 1, now, tag(asked[session]));
            asked[session].clear();
            if (--left[session] == 0) --open;
        } else if (left[session] > 0) {
            asked[session] = statement(dice);
            history.ask(session + 1, now, asked[session]);
        }
    }
}

/// How many requests never come to their turn.
std::size_t stuck(History& history) {
    std::map<SessionIndex, std::deque<const PlannedEvent*>> queues;
    const OrderPlanner::Out out = history.planned();
    for (const PlannedEvent& planned : out) {
        if (std::holds_alternative<Request>(planned.event)) queues[planned.index].push_back(&planned);
    }
    std::map<SessionIndex, Progress> done;
    std::size_t left = out.size();
    for (bool moved = true; moved;) {
        moved = false;
        left = 0;
        for (auto& [session, queue] : queues) {
            while (!queue.empty()) {
                const PlannedEvent& next = *queue.front();
                const bool ready = std::all_of(next.after.begin(), next.after.end(), [&](const Predecessor& before) {
                    return done[before.session] >= before.done;
                });
                if (!ready) break;
                done[session] = Progress::past(std::get<Request>(next.event).ordinal);
                queue.pop_front();
                moved = true;
            }
            left += queue.size();
        }
    }
    return left;
}

TEST(RandomHistory, HasNoCycle) {
    std::uint64_t edges = 0;
    for (std::uint32_t seed = 1; seed <= 200; ++seed) {
        History history;
        fill(history, seed);
        ASSERT_EQ(stuck(history), 0U) << "seed " << seed;
        edges += history.stats().hard_edges + history.stats().inferred_edges + history.stats().soft_edges;
    }
    EXPECT_GT(edges, 10'000U) << "histories that hardly conflict prove nothing";
}

TEST(RandomHistory, KeepsEachSessionsOwnOrder) {
    History history;
    fill(history, 7);
    std::map<SessionIndex, std::uint32_t> next;
    for (const PlannedEvent& planned : history.planned()) {
        const auto* request = std::get_if<Request>(&planned.event);
        if (request == nullptr) continue;
        EXPECT_EQ(request->ordinal.value(), next[planned.index]++);
    }
}

}  // namespace
}  // namespace understudy::replay
