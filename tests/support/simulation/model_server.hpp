#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/sql/access.hpp"
#include "replay/order/row_access.hpp"

namespace understudy::replay {

/// What happens when, in microseconds of virtual time. Things of one instant happen in the order in which they were
/// planned.
class VirtualTime {
public:
    [[nodiscard]] std::int64_t now() const { return now_; }
    void after(std::int64_t delay, std::function<void()> what) { queue_.emplace(now_ + delay, std::move(what)); }
    /// Until nothing is planned, or `limit` is reached: then false.
    bool run(std::int64_t limit) {
        while (!queue_.empty()) {
            auto next = queue_.extract(queue_.begin());
            now_ = next.key();
            if (now_ > limit) return false;
            next.mapped()();
        }
        return true;
    }

private:
    std::int64_t now_ = 0;
    std::multimap<std::int64_t, std::function<void()>> queue_;
};

/// One statement of the model's SQL.
struct Statement {
    enum class Kind : std::uint8_t { begin, commit, rollback, read, read_all, lock, update, child };
    Kind kind = Kind::read;
    int row = 0;

    /// As PostgreSQL would be asked, of shop_catalog()'s tables.
    [[nodiscard]] Bytes sql() const;
    [[nodiscard]] Bytes tag() const;
};

struct Answer {
    Bytes value;  ///< what the statement returned, or "ERROR 40P01"
    char status = 'I';
};

/// A server with row locks, READ COMMITTED visibility and deadlock detection, as PostgreSQL's documentation has them
/// ("Row-Level Locks", "Read Committed Isolation Level"): locks are granted in the order of their queue, held to the
/// end of the transaction; a commit is seen, and wakes who waits, before it is answered.
class ModelServer {
public:
    static constexpr int kRows = 4;

    /// `seed` decides how long things take.
    ModelServer(VirtualTime& time, int sessions, std::uint32_t seed)
        : time_(time), dice_(seed), sessions_(static_cast<std::size_t>(sessions)) {}

    /// The statement arrived now; answer() is called when its answer leaves.
    void ask(int session, const Statement& statement, std::function<void(const Answer&)> answer);
    /// Who waits for a lock of whom.
    [[nodiscard]] std::vector<std::pair<int, int>> lock_waits() const;
    [[nodiscard]] const std::array<int, kRows>& committed() const { return committed_; }
    [[nodiscard]] int deadlocks() const { return deadlocks_; }

private:
    struct Session {
        bool in_block = false;
        bool failed = false;
        std::map<int, int> added;  // to rows, not committed
        std::function<void(const Answer&)> answer;
    };
    struct Lock {
        int session = 0;
        sql::RowLock mode = sql::RowLock::none;
        std::function<void()> granted;  // of who waits
    };
    struct Row {
        std::vector<Lock> holders;
        std::deque<Lock> queue;
    };

    void execute(int session, const Statement& statement);
    void acquire(int session, int row, sql::RowLock mode, std::function<void()> granted);
    void grant(Row& row);
    void finish(int session, Bytes value);
    void end_transaction(int session, bool commit);
    void reply(int session, Bytes value);
    [[nodiscard]] bool waits_for(int session, int other, std::vector<bool>& seen) const;
    std::int64_t dice(std::int64_t from, std::int64_t to) {
        return from + static_cast<std::int64_t>(dice_() % static_cast<std::uint32_t>(to - from + 1));
    }

    VirtualTime& time_;
    std::mt19937 dice_;
    std::vector<Session> sessions_;
    std::array<Row, kRows> rows_;
    std::array<int, kRows> committed_{};
    int deadlocks_ = 0;
};

}  // namespace understudy::replay
