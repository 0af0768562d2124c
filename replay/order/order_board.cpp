#include "replay/order/order_board.hpp"

#include <algorithm>

#include "core/base/error.hpp"

namespace understudy::replay {

void OrderBoard::add_session(SessionIndex session) {
    const std::size_t block = session / kBlock;
    UNDERSTUDY_ASSERT(block < kMaxBlocks);
    if (!blocks_[block]) blocks_[block] = std::make_unique<Block>();
    if (session >= size_.load(std::memory_order_relaxed)) size_.store(session + 1, std::memory_order_release);
}

void OrderBoard::advance(SessionIndex session, Progress done) {
    Session& one = at(session);
    if (one.done.load(std::memory_order_relaxed) >= done.value) return;
    one.done.store(done.value);  // sequentially consistent, as is the count: one of the two sides sees the other
    if (one.waiters_count.load() == 0) return;
    std::vector<std::weak_ptr<Wakeable>> woken;
    {
        const std::lock_guard lock(one.mutex);
        std::erase_if(one.waiters, [&](Waiter& waiter) {
            if (waiter.wanted > done) return false;
            woken.push_back(std::move(waiter.who));
            return true;
        });
        one.waiters_count.store(static_cast<std::uint32_t>(one.waiters.size()));
    }
    for (const auto& who : woken) {
        if (const auto alive = who.lock()) alive->wake();
    }
}

void OrderBoard::fail_from(SessionIndex session, Progress done) {
    std::atomic<std::uint64_t>& failed = at(session).failed_from;
    std::uint64_t known = failed.load();
    while (done.value < known && !failed.compare_exchange_weak(known, done.value)) {
    }
}

void OrderBoard::set_process(SessionIndex session, std::uint32_t process_id) { at(session).process = process_id; }

std::uint32_t OrderBoard::process_of(SessionIndex session) const { return at(session).process; }

std::size_t OrderBoard::first_open(const std::vector<Predecessor>& after, std::size_t from) const {
    while (from < after.size() && at(after[from].session).done.load() >= after[from].done.value) ++from;
    return from;
}

bool OrderBoard::tainted(const std::vector<Predecessor>& after) const {
    return std::any_of(after.begin(), after.end(), [this](const Predecessor& before) {
        return at(before.session).failed_from.load(std::memory_order_relaxed) < before.done.value;
    });
}

OrderBoard::Answer OrderBoard::wait_for(SessionIndex session, Progress position, const Predecessor& before,
                                        Timestamp now, std::weak_ptr<Wakeable> who) {
    Session& own = at(session);
    Session& other = at(before.session);
    bool known = false;
    {
        const std::lock_guard lock(own.mutex);
        known = own.waits && own.for_what == before;
        if (known && own.released) {
            own.waits = false;
            return Answer::released;
        }
        if (!known) {
            own.waits = true;
            own.released = false;
            own.for_what = before;
            own.position = position;
            own.since = now;
            ++own.number;
            own.self = who;
        }
    }
    bool over = other.done.load() >= before.done.value;
    if (!over && !known) {
        const std::lock_guard lock(other.mutex);
        other.waiters.push_back({before.done, std::move(who)});
        other.waiters_count.store(static_cast<std::uint32_t>(other.waiters.size()));
        over = other.done.load() >= before.done.value;  // it may have advanced before it could see the waiter
    }
    if (!over) return Answer::waits;
    const std::lock_guard lock(own.mutex);
    own.waits = false;
    return Answer::over;
}

std::vector<OrderBoard::Waiting> OrderBoard::waiting() const {
    std::vector<Waiting> all;
    for (SessionIndex index = 0; index < sessions(); ++index) {
        Session& one = at(index);
        const std::lock_guard lock(one.mutex);
        if (one.waits && !one.released) all.push_back({index, one.for_what, one.position, one.since, one.number});
    }
    return all;
}

void OrderBoard::release(const Waiting& waiting) {
    std::shared_ptr<Wakeable> who;
    {
        Session& one = at(waiting.session);
        const std::lock_guard lock(one.mutex);
        if (!one.waits || one.number != waiting.number) return;
        one.released = true;
        who = one.self.lock();
    }
    if (who) who->wake();
}

}  // namespace understudy::replay
