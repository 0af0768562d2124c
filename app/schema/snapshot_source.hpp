#pragma once

#include <string>

#include "core/base/error.hpp"
#include "core/catalog/snapshot/snapshot.hpp"

namespace understudy::app {

/// The snapshot of what the user named: a file that `schema snapshot` wrote, or a database by its connection string or
/// URL, which is asked in one read-only transaction. Errors: Errc::usage when it is neither; those of either.
Result<catalog::Snapshot> load_snapshot(const std::string& file_or_conninfo);

/// Says on standard error what could not be read, if anything.
void warn_of_unread(const catalog::Snapshot& snapshot, const std::string& source);

/// The snapshot of a file.
Result<catalog::Snapshot> read_snapshot_file(const std::string& path);

}  // namespace understudy::app
