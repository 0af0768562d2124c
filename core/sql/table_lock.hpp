#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace understudy::sql {

/// PostgreSQL docs, "Explicit Locking": table-level lock modes, weakest first, numbered as the server numbers them.
enum class TableLock : std::uint8_t {
    none,
    access_share,
    row_share,
    row_exclusive,
    share_update_exclusive,
    share,
    share_row_exclusive,
    exclusive,
    access_exclusive,
};

/// "ACCESS EXCLUSIVE", as LOCK TABLE takes it.
std::string_view to_string(TableLock lock);
/// Of pg_locks.mode: "AccessExclusiveLock".
std::optional<TableLock> table_lock_of_mode(std::string_view mode);

/// Whether two transactions cannot hold both on one table: the documentation's table of conflicting lock modes.
bool conflict(TableLock a, TableLock b);

/// Whether SELECTs wait behind the lock, and whether INSERT, UPDATE and DELETE do.
inline bool stops_reads(TableLock lock) { return conflict(lock, TableLock::access_share); }
inline bool stops_writes(TableLock lock) { return conflict(lock, TableLock::row_exclusive); }

}  // namespace understudy::sql
