#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "replay/order/order_board.hpp"

namespace understudy::replay {

/// A session that waits in the server for a lock that another one has.
struct LockWait {
    SessionIndex session = 0;
    SessionIndex holder = 0;
};

/// A backend that waits for another, as pg_blocking_pids() tells (PostgreSQL docs, "Session Information Functions"): for
/// one that has the lock, or that is before it in the lock's queue. Blocker 0: a prepared transaction.
struct ProcessWait {
    std::uint32_t process = 0;
    std::uint32_t blocker = 0;
};

/// Which sessions wait for which, directly or through backends that are none of the replay's: an ALTER TABLE that waits
/// for a reader holds up whoever wants the table after it. A few at a time: linear in the waits for each session.
std::vector<LockWait> waits_among(const std::vector<ProcessWait>& waits,
                                  const std::unordered_map<std::uint32_t, SessionIndex>& sessions);

}  // namespace understudy::replay
