#pragma once

#include <string>

#include "core/catalog/snapshot/snapshot.hpp"

namespace understudy::catalog {

/// SHA-256 of everything in `objects` and `unread`, as 64 hexadecimal digits. Databases with the same schema have the
/// same, also when one is the other's dump, restored; any other property of any object gives another. The snapshot has
/// to be sorted. Stable over versions of this program as long as kSnapshotFormat is.
std::string fingerprint(const Snapshot& snapshot);

}  // namespace understudy::catalog
