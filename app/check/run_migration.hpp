#pragma once

#include <set>
#include <string>

#include "app/rehearse/migration_choice.hpp"
#include "schema/check/check_report.hpp"

namespace understudy::app {

/// The migrations at `path` that the version table of `versions_from` (a connection string; a copy of the schema has it
/// empty) does not have yet; none is fine. Warnings go to standard error. Errors: those of choose_migrations().
Result<ChosenMigrations> pending_migrations(const std::string& path, const std::string& versions_from,
                                            const std::set<std::string>& allowed);

/// Runs them in a scratch database as their tool would. One that the server refuses is in the outcome. Errors: Errc::io.
Result<schema::MigrationOutcome> migrate_scratch(const ChosenMigrations& chosen, const std::string& conninfo);

}  // namespace understudy::app
