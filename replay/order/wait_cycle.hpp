#pragma once

#include <optional>
#include <vector>

#include "replay/order/lock_wait.hpp"

namespace understudy::replay {

/// A cycle among sessions that wait for each other, on the board or for locks, as the board's waits in it. Empty: there
/// is none. One of the board's own waits alone can be broken from here; a cycle of locks alone is the server's.
///
/// A session that pipelines can wait twice: its next request on the board, while what it asked before waits in the
/// server. Who waits for an exchange that was asked already does not depend on the next request; who waits for a lock
/// depends on both, since locks are held to the end of the transaction.
std::vector<OrderBoard::Waiting> find_cycle(const std::vector<OrderBoard::Waiting>& board,
                                            const std::vector<LockWait>& locks);

/// Which wait of a cycle to break: that with the weakest reason, of equals the youngest.
const OrderBoard::Waiting& weakest(const std::vector<OrderBoard::Waiting>& cycle);

}  // namespace understudy::replay
