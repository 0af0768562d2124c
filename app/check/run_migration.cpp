#include "app/check/run_migration.hpp"

#include <fmt/format.h>

#include "app/outside_effects.hpp"
#include "core/catalog/control_connection.hpp"
#include "core/net/conninfo.hpp"
#include "schema/migration/applied.hpp"
#include "schema/migration/read_files.hpp"
#include "schema/migration/runner.hpp"

namespace understudy::app {
namespace {

void note_failure(const schema::Migration& migration, const schema::RunResult& result,
                  schema::MigrationOutcome& outcome) {
    outcome.failed = true;
    outcome.place = migration.up.path;
    outcome.message = result.failure_text();
    const schema::StatementResult* failure = result.failure();
    if (failure == nullptr) return;
    outcome.place = fmt::format("{}:{}", migration.up.path, failure->line);
    outcome.statement = failure->text;
    outcome.sqlstate = failure->sqlstate();
    if (failure->error) outcome.message = failure->message();
}

}  // namespace

Result<schema::MigrationOutcome> run_migration(const MigrationRun& run) {
    UNDERSTUDY_TRY(const schema::MigrationSet set, schema::read_migrations(run.path));
    for (const std::string& warning : set.warnings) fmt::print(stderr, "understudy: {}\n", warning);
    UNDERSTUDY_TRY(auto connection, catalog::ControlConnection::open(run.versions_from));
    UNDERSTUDY_TRY(const schema::PendingMigrations pending, schema::read_pending(connection, set));
    for (const std::string& warning : pending.warnings) fmt::print(stderr, "understudy: {}\n", warning);
    UNDERSTUDY_CHECK(refuse_outside_effects(set, pending.indexes, run.allowed));
    UNDERSTUDY_TRY(const net::ConnectionInfo info, net::parse_conninfo(run.conninfo));
    schema::RunnerSettings settings;
    settings.permission = schema::RunPermission::own_scratch;
    schema::MigrationOutcome outcome;
    for (const std::size_t index : pending.indexes) {
        const schema::Migration& migration = set.migrations[index];
        ++outcome.files;
        UNDERSTUDY_TRY(const schema::RunResult result,
                       schema::run_script(info, migration.up, migration.up_mode, settings));
        outcome.statements += result.statements.size();
        if (result.succeeded(migration.up.statements.size())) continue;
        note_failure(migration, result, outcome);
        break;
    }
    return outcome;
}

}  // namespace understudy::app
