#pragma once

#include <functional>
#include <vector>

#include "replay/order/wait_cycle.hpp"

namespace understudy::replay {

/// Decides which waits to break, as sessions wait for each other for ever: on the board, or in the server for locks. A
/// cycle that is seen twice is broken at its weakest wait. Look every kEvery.
class CycleBreaker {
public:
    /// Nothing is looked at while nobody has waited longer than this.
    static constexpr Duration kOverdue = Duration::milliseconds(50);
    static constexpr Duration kEvery = Duration::milliseconds(50);

    /// The waits to break now. `lock_waits` is only asked where the board alone shows no cycle.
    std::vector<OrderBoard::Waiting> look(Timestamp now, const std::vector<OrderBoard::Waiting>& waiting,
                                          const std::function<std::vector<LockWait>()>& lock_waits);

private:
    std::vector<std::vector<OrderBoard::Waiting>> suspected_;  // the cycles that were seen last
};

}  // namespace understudy::replay
