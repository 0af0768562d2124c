#pragma once

#include "core/base/error.hpp"
#include "core/catalog/control_connection.hpp"
#include "schema/lock_watch/lock_sample.hpp"

namespace understudy::schema::lock_watch {

/// What the watch's own sessions are called: they are never among the watched.
inline constexpr const char* kWatchName = "understudy lock watch";

/// More tables than this are not looked at for rewrites, the largest first.
inline constexpr std::size_t kMaxTables = 5'000;

/// Bounds what the session may wait, and names it. Call it once.
Result<void> prepare_session(catalog::ControlConnection& connection);

/// One look at pg_stat_activity and pg_locks, of the current database. It takes no lock that anybody could wait for.
Result<LockSample> read_sample(catalog::ControlConnection& connection, const MigrationSelector& selector,
                               bool has_wait_start);

/// Measures tables, too, unless they are locked so that this would have to wait.
Result<ServerTotals> read_totals(catalog::ControlConnection& connection);

}  // namespace understudy::schema::lock_watch
