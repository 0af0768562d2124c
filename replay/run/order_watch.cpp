#include "replay/run/order_watch.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "core/catalog/control_connection.hpp"

namespace understudy::replay {
namespace {

constexpr const char* kLockWaits =
    "select pid, unnest(pg_catalog.pg_blocking_pids(pid)) from pg_catalog.pg_stat_activity where wait_event_type = "
    "'Lock'";

std::uint32_t number(const std::optional<Bytes>& text) {
    std::uint32_t value = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), value);
    return value;
}

using Cycle = std::vector<OrderBoard::Waiting>;

bool same(const Cycle& a, const Cycle& b) {
    return std::is_permutation(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return x.session == y.session && x.number == y.number;
    });
}

/// Cycles that have no session in common.
std::vector<Cycle> find_cycles(std::vector<OrderBoard::Waiting> board, const std::vector<LockWait>& locks) {
    std::vector<Cycle> found;
    while (true) {
        Cycle cycle = find_cycle(board, locks);
        if (cycle.empty()) return found;
        std::erase_if(board, [&](const auto& wait) {
            return std::any_of(cycle.begin(), cycle.end(), [&](const auto& one) { return one.session == wait.session; });
        });
        found.push_back(std::move(cycle));
    }
}

}  // namespace

OrderWatch::OrderWatch(OrderBoard& board, const std::string& control, ReplayStats& stats)
    : board_(board), control_(control), stats_(stats), thread_([this] { run(); }) {}

OrderWatch::~OrderWatch() {
    {
        const std::lock_guard lock(mutex_);
        end_ = true;
    }
    ending_.notify_all();
    thread_.join();
}

void OrderWatch::run() {
    std::unique_lock lock(mutex_);
    while (!ending_.wait_for(lock, std::chrono::nanoseconds(kEvery.count_ns()), [this] { return end_; })) {
        lock.unlock();
        look(system_clock().now());
        lock.lock();
    }
}

void OrderWatch::look(Timestamp now) {
    std::vector<OrderBoard::Waiting> waiting = board_.waiting();
    const bool overdue =
        std::any_of(waiting.begin(), waiting.end(), [&](const auto& wait) { return now - wait.since > kOverdue; });
    if (!overdue) return suspected_.clear();
    std::vector<Cycle> found = find_cycles(waiting, {});
    if (found.empty()) found = find_cycles(waiting, lock_waits());
    std::erase_if(found, [&](const Cycle& cycle) {
        if (std::none_of(suspected_.begin(), suspected_.end(), [&](const Cycle& one) { return same(one, cycle); })) {
            return false;
        }
        const OrderBoard::Waiting& broken = weakest(cycle);
        stats_.broken_waits[static_cast<std::size_t>(broken.for_what.kind)].fetch_add(1, std::memory_order_relaxed);
        board_.release(broken);
        return true;
    });
    suspected_ = std::move(found);
}

/// Fails silently: without it only cycles on the board are found, and the replay's drain time ends the others.
std::vector<LockWait> OrderWatch::lock_waits() {
    std::vector<LockWait> waits;
    if (control_.empty()) return waits;
    auto connection = catalog::ControlConnection::open(control_);
    if (!connection || !connection->begin_read_only()) return waits;
    const auto rows = connection->query(kLockWaits);
    if (!rows) return waits;
    std::unordered_map<std::uint32_t, SessionIndex> sessions;
    for (SessionIndex index = 0; index < board_.sessions(); ++index) {
        if (const std::uint32_t process = board_.process_of(index); process != 0) sessions[process] = index;
    }
    for (const catalog::Row& row : *rows) {
        const auto waiter = sessions.find(number(row[0]));
        const auto holder = sessions.find(number(row[1]));
        if (waiter != sessions.end() && holder != sessions.end()) waits.push_back({waiter->second, holder->second});
    }
    return waits;
}

}  // namespace understudy::replay
