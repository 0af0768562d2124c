#include "app/check/run_migration.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "app/command.hpp"

namespace understudy::app {

Result<ChosenMigrations> pending_migrations(const std::string& path, const std::string& versions_from,
                                            const std::set<std::string>& allowed) {
    MigrationChoice choice;
    choice.path = path;
    choice.allowed = allowed;
    choice.may_be_none = true;
    UNDERSTUDY_TRY(ChosenMigrations chosen, choose_migrations(choice, versions_from));
    for (const std::string& warning : chosen.warnings) fmt::print(stderr, "understudy: {}\n", warning);
    return chosen;
}

Result<schema::MigrationOutcome> migrate_scratch(const ChosenMigrations& chosen, const std::string& conninfo) {
    MigrationJob job;
    job.conninfo = conninfo;
    job.own_scratch = true;
    UNDERSTUDY_TRY(const MigrationOutcome ran, run_migrations({}, chosen, job));
    schema::MigrationOutcome outcome;
    outcome.files = ran.files;
    outcome.statements = ran.steps.size();
    outcome.failed = !ran.succeeded;
    if (!outcome.failed) return outcome;
    outcome.place = ran.refused.place;
    outcome.statement = ran.refused.statement;
    outcome.sqlstate = ran.refused.sqlstate;
    outcome.message = ran.refused.message;
    return outcome;
}

}  // namespace understudy::app
