#pragma once

#include <string>

#include "core/base/error.hpp"
#include "core/catalog/control_connection.hpp"
#include "core/catalog/snapshot/snapshot.hpp"

namespace understudy::catalog {

/// What a database's schema may measure: some ten times the largest that are known.
inline constexpr std::size_t kMaxSnapshotObjects = 5'000'000;

/// Asks one database of a server 13 or newer what its schema is, in one read-only transaction, by a few queries for
/// each kind of object; locks on what it asks about are given back after each. A schema of more than some hundred
/// tables is asked on two connections that see the same (docs, "Snapshot Synchronization Functions"), or on one where
/// there is no second one to be had. Needs no more than CONNECT. What this role may not read is in `unread`. Errors: as
/// ControlConnection's; Errc::unsupported for an older server; Errc::limit.
Result<Snapshot> read_snapshot(const std::string& conninfo, const ControlLimits& limits = {Duration::seconds(30)});

}  // namespace understudy::catalog
