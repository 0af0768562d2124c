#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"
#include "core/sql/table_lock.hpp"

namespace understudy::schema::lock_watch {

/// A row of pg_stat_activity.
struct Activity {
    int pid = 0;
    Bytes application;
    Bytes user;
    Bytes state;  ///< "active", "idle in transaction" …
    Bytes query;  ///< the current one, or the last if it is idle; cut off by track_activity_query_size
    Timestamp query_start;
    Timestamp transaction_start;  ///< unknown: none is open
    bool waits_for_lock = false;
    std::vector<int> blockers;  ///< pg_blocking_pids(), only of those that wait for a lock
};

/// A row of pg_locks about a table, view, sequence or materialised view of the users.
struct RelationLock {
    int pid = 0;
    std::uint32_t oid = 0;
    Bytes
        relation;  ///< "schema.name"; empty: not in the catalogue as others see it (the migration has just created it)
    sql::TableLock mode = sql::TableLock::none;
    bool granted = false;
    Timestamp wait_start;  ///< pg_locks.waitstart (PostgreSQL 14 and later), if it waits
};

/// What the server was doing at one moment, by its own clock.
struct LockSample {
    Timestamp time;
    std::vector<Activity> sessions;
    std::vector<RelationLock> locks;  ///< of the migration's sessions, and all that wait
};

/// A table's file.
struct TableFile {
    std::uint32_t oid = 0;
    Bytes relation;
    std::uint32_t file = 0;   ///< pg_class.relfilenode
    std::int64_t bytes = -1;  ///< with indexes and TOAST; -1: could not be measured without waiting
};

/// Counters of the database before and after.
struct ServerTotals {
    Timestamp time;
    std::int64_t wal_bytes = -1;  ///< position of the WAL; -1: not known (a standby)
    std::int64_t deadlocks = 0;   ///< pg_stat_database; sessions report there with up to a few seconds' delay
    std::int64_t temp_bytes = 0;
    std::int64_t database_bytes = 0;
    std::vector<TableFile> tables;
    bool tables_cut = false;      ///< there are more than are listed
    bool has_wait_start = false;  ///< pg_locks.waitstart is there: PostgreSQL 14 and later
};

/// Whose locks are watched: the sessions of these processes, and all with this application_name.
struct MigrationSelector {
    std::vector<int> pids;
    Bytes application_name;
};

}  // namespace understudy::schema::lock_watch
