#include <fmt/format.h>

#include <memory>
#include <string>

#include "app/command.hpp"
#include "app/options.hpp"
#include "app/rehearse/migration_choice.hpp"
#include "core/catalog/target_marker.hpp"

namespace understudy::app {
namespace {

struct MigrateOptions {
    std::string target;
    MigrationChoice migration;
    std::string production_id;
    std::vector<std::string> allow;
};

Result<int> run_migrate(MigrateOptions& options) {
    watch_for_stop();
    options.migration.allowed.insert(options.allow.begin(), options.allow.end());
    UNDERSTUDY_TRY(ChosenMigrations chosen, choose_migrations(options.migration, options.target));
    UNDERSTUDY_TRY(chosen.settings.production, production_facts(options.production_id));
    if (!chosen.set.detected.empty()) fmt::print("{}\n", chosen.set.detected);
    for (const std::string& warning : chosen.warnings) fmt::print(stderr, "understudy: {}\n", warning);
    MigrationJob run;
    run.conninfo = options.target;
    run.stop = stop_requested;
    UNDERSTUDY_TRY(const MigrationOutcome outcome, run_migrations(options.migration, chosen, run));
    for (const std::string& step : outcome.steps) fmt::print("{}\n", step);
    if (outcome.stopped) {
        return make_error(Errc::inconclusive,
                          "stopped: the statement that ran was cancelled, and nothing after it was sent. What was "
                          "committed before it stays in the database");
    }
    if (outcome.succeeded) {
        fmt::print("migrated in {}\n", human_duration(outcome.duration));
        return kPassed;
    }
    fmt::print(stderr, "understudy: the migration failed: {}\n", outcome.failure);
    return kDiverged;
}

}  // namespace

void add_migrate_command(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<MigrateOptions>();
    CLI::App* command = app.add_subcommand("migrate", "Run a migration against a marked target, as your tool would");
    add_migration_options(*command, options->migration, "migration");
    command->add_option("-t,--target", options->target, "Connection string or URL of the target")->required();
    command->add_option(
        "--production-id", options->production_id,
        "System identifier of production, which the target must not be, or none: you are sure that it is not");
    command->add_option("--allow", options->allow,
                        "Let this effect beyond the database happen, by the name in the refusal");
    command->footer(
        "Only a database that is marked as a target is written to (understudy target --mark).\n"
        "Examples:\n"
        "  understudy migrate migrations/042.sql --target 'host=staging dbname=shop_next' --production-id none\n"
        "  understudy migrate db/migrations --target postgresql://staging/shop_next --lock-timeout 2s\n"
        "Exit code 1: a statement failed, which one is said; 2: nothing is pending, or wrong usage; 3: stopped by\n"
        "Ctrl-C, which cancels the statement that runs; 4: unreachable or refused.");
    command->callback([options, &exit_code] {
        const Result<int> result = run_migrate(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app
