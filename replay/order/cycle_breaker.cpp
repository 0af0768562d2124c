#include "replay/order/cycle_breaker.hpp"

#include <algorithm>

namespace understudy::replay {
namespace {

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

std::vector<OrderBoard::Waiting> CycleBreaker::look(Timestamp now, const std::vector<OrderBoard::Waiting>& waiting,
                                                    const std::function<std::vector<LockWait>()>& lock_waits) {
    std::vector<OrderBoard::Waiting> broken;
    const bool overdue =
        std::any_of(waiting.begin(), waiting.end(), [&](const auto& wait) { return now - wait.since > kOverdue; });
    std::vector<Cycle> found;
    if (overdue) found = find_cycles(waiting, {});
    if (overdue && found.empty()) found = find_cycles(waiting, lock_waits());
    std::erase_if(found, [&](const Cycle& cycle) {
        const auto is_it = [&](const Cycle& one) { return same(one, cycle); };
        if (std::none_of(suspected_.begin(), suspected_.end(), is_it)) return false;
        broken.push_back(weakest(cycle));
        return true;
    });
    suspected_ = std::move(found);
    return broken;
}

}  // namespace understudy::replay
