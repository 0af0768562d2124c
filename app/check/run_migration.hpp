#pragma once

#include <set>
#include <string>

#include "core/base/error.hpp"
#include "schema/check/check_report.hpp"

namespace understudy::app {

struct MigrationRun {
    std::string path;               ///< a file or a directory
    std::string conninfo;           ///< of the scratch database
    std::string versions_from;      ///< whose version table says what is pending: a copy of the schema has it empty
    std::set<std::string> allowed;  ///< effects outside of the database that may happen, by name
};

/// Runs the pending migrations of a scratch database as their tool would. One that the server refuses is in the
/// outcome. Errors: Errc::refused for a migration with effects outside of the database that are not allowed, before
/// anything is run; Errc::usage for what cannot be read as migrations; Errc::io.
Result<schema::MigrationOutcome> run_migration(const MigrationRun& run);

}  // namespace understudy::app
