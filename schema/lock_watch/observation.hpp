#pragma once

#include <string>

#include "core/sql/fingerprint.hpp"
#include "schema/lock_watch/lock_sample.hpp"

namespace understudy::schema::lock_watch {

/// A session that stood in the way, as it was when it was first seen there.
struct Blocker {
    int pid = 0;
    Bytes application;
    Bytes user;
    Bytes state;
    Duration transaction_age;
    sql::Fingerprint fingerprint;
    Bytes query;  ///< normalised: no constants
};

/// A lock that the migration held.
struct HeldLock {
    Bytes relation;
    std::uint32_t oid = 0;
    sql::TableLock mode = sql::TableLock::none;
    Bytes statement;  ///< of the migration, that was running when the lock was first seen; normalised
    Timestamp first;  ///< seen
    Timestamp last;
};

/// A lock that the migration had to wait for.
struct WaitedLock {
    Bytes relation;  ///< empty: not a table (a transaction's end, an advisory lock …)
    sql::TableLock mode = sql::TableLock::none;
    Bytes statement;
    Timestamp first;
    Timestamp last;
    std::vector<Blocker> blockers;  ///< all that stood before it at any time
};

/// A user's session that waited for the migration, directly or in a queue in which the migration stood.
struct Stall {
    int pid = 0;
    Bytes application;
    Bytes user;
    sql::Fingerprint fingerprint;
    Bytes query;  ///< of the longest wait; normalised
    Bytes relation;
    Timestamp first;
    Duration longest;
    Duration total;
    std::uint64_t waits = 0;
    bool while_waiting = false;  ///< the migration itself was still waiting for its lock when the longest wait began
};

/// Sessions that waited for each other in a circle.
struct DeadlockSeen {
    Timestamp time;
    std::vector<Blocker> members;
    bool with_migration = false;
};

/// A table with another file than before.
struct Rewrite {
    Bytes relation;
    std::int64_t bytes_before = -1;
    std::int64_t bytes_after = -1;
};

struct TimelineEntry {
    Timestamp time;
    std::string what;
};

/// What a migration did to the others. Times are the server's. What lasted less than the time between two samples may
/// be missing; that is why `longest_gap` is here.
struct MigrationObservation {
    Timestamp begin;
    Timestamp end;
    std::uint64_t samples = 0;
    Duration longest_gap;  ///< between two samples
    bool migration_seen = false;
    std::vector<HeldLock> held;
    std::vector<WaitedLock> waited;
    std::vector<Stall> stalls;  ///< longest first
    Duration longest_stall;
    std::vector<DeadlockSeen> deadlocks_seen;
    std::int64_t deadlocks = 0;   ///< by the server's own counter, of the whole database
    std::int64_t wal_bytes = -1;  ///< written by all meanwhile; -1: not known
    std::int64_t temp_bytes = 0;  ///< the same, in temporary files
    std::int64_t disk_bytes = 0;  ///< by which the database grew
    std::vector<Rewrite> rewrites;
    std::vector<TimelineEntry> timeline;
    std::uint64_t failed_samples = 0;
    std::uint64_t beyond_limit = 0;  ///< locks, sessions and events that are not listed
    bool tables_cut = false;         ///< rewrites were looked for in the largest tables only
    std::string failure;             ///< why the watch ended early, if it did
};

std::string to_text(const MigrationObservation& observation);
/// docs/hazards.md describes it.
inline constexpr int kObservationFormatVersion = 1;
std::string to_json(const MigrationObservation& observation);

}  // namespace understudy::schema::lock_watch
