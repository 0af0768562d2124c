#include "replay/run/order_watch.hpp"

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
    while (!ending_.wait_for(lock, std::chrono::nanoseconds(CycleBreaker::kEvery.count_ns()), [this] { return end_; })) {
        lock.unlock();
        look(system_clock().now());
        lock.lock();
    }
}

void OrderWatch::look(Timestamp now) {
    for (const OrderBoard::Waiting& broken : breaker_.look(now, board_.waiting(), [this] { return lock_waits(); })) {
        stats_.broken_waits[static_cast<std::size_t>(broken.for_what.kind)].fetch_add(1, std::memory_order_relaxed);
        board_.release(broken);
    }
}

/// Fails silently: without it only cycles on the board are found, and the replay's drain time ends the others.
std::vector<LockWait> OrderWatch::lock_waits() {
    if (control_.empty()) return {};
    auto connection = catalog::ControlConnection::open(control_);
    if (!connection || !connection->begin_read_only()) return {};
    const auto rows = connection->query(kLockWaits);
    if (!rows) return {};
    std::vector<ProcessWait> waits;
    for (const catalog::Row& row : *rows) waits.push_back({number(row[0]), number(row[1])});
    std::unordered_map<std::uint32_t, SessionIndex> sessions;
    for (SessionIndex index = 0; index < board_.sessions(); ++index) {
        if (const std::uint32_t process = board_.process_of(index); process != 0) sessions[process] = index;
    }
    return waits_among(waits, sessions);
}

}  // namespace understudy::replay
