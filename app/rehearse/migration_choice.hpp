#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "schema/migration/applied.hpp"
#include "schema/migration/migration.hpp"
#include "schema/migration/runner.hpp"

namespace CLI {
class App;
}

namespace understudy::app {

/// Which migration, and how the team's tool runs it, as the command line says it.
struct MigrationChoice {
    std::string path;      ///< a file or a directory; empty with `command`
    std::string rollback;  ///< the file of the way back, where `path` is a file
    std::string layout;    ///< empty: found out
    std::string mode;      ///< empty: the layout's own
    std::string command;   ///< the team's own tool, by /bin/sh
    std::string rollback_command;
    std::string lock_timeout;
    std::string statement_timeout;
    std::string role;
    std::set<std::string> allowed;  ///< effects beyond the database that may happen, by name
    bool may_be_none = false;       ///< that nothing is pending is no error

    [[nodiscard]] bool any() const { return !path.empty() || !command.empty(); }
};

/// `path_option`: "--migration", or a positional's name.
void add_migration_options(CLI::App& command, MigrationChoice& choice, const std::string& path_option);

/// What --production-id says of production. Errors: Errc::usage.
Result<schema::ProductionFacts> production_facts(const std::string& production_id);

/// What is to be run: of the files those that the target's version table does not have yet.
struct ChosenMigrations {
    schema::MigrationSet set;
    std::vector<std::size_t> pending;   ///< into set.migrations; empty with a command
    std::vector<std::string> warnings;  ///< what the tool will do that its author may not expect
    schema::RunnerSettings settings;
};
/// Reads the files, and the version table of `target` (a connection string). Errors: Errc::refused for effects beyond
/// the database that are not allowed; Errc::usage where nothing is
/// pending or the options do not fit; those of the layouts.
Result<ChosenMigrations> choose_migrations(const MigrationChoice& choice, const std::string& target);

/// What the team's own tool finds in its environment: where to migrate (target_for_child()), and the application_name
/// by which its session is known to who watches its locks. Errors: Errc::usage.
Result<std::vector<std::pair<std::string, std::string>>> command_environment(const std::string& conninfo);

/// Where a migration ended.
struct RefusedStatement {
    std::string place;  ///< "V2__add.sql:14"; without the line where no statement is known
    Bytes statement;
    Bytes sqlstate;
    Bytes message;
};

/// How one run of the migrations went.
struct MigrationOutcome {
    bool succeeded = false;
    bool stopped = false;            ///< by us, as `stop` said
    std::string failure;             ///< where and with what, in one line
    RefusedStatement refused;        ///< the same in parts, where a file was refused
    std::uint64_t files = 0;         ///< that were run, the refused one as well
    std::vector<std::string> steps;  ///< one line for each statement: where, what, how long
    Duration duration;
};

struct MigrationJob {
    std::string conninfo;      ///< of the database to be migrated
    bool own_scratch = false;  ///< the caller made it; else it must carry the target's marker
    std::function<void(std::uint32_t backend_pid)> on_backend = {};
    std::function<bool()> stop = [] { return false; };
};

/// Runs what is pending, one migration after the other, and ends at the first failure; or the command, with
/// UNDERSTUDY_TARGET and DATABASE_URL saying where. What the server refuses is in the outcome. Errors: those of the
/// connection, Errc::refused by the interlock.
Result<MigrationOutcome> run_migrations(const MigrationChoice& choice, const ChosenMigrations& chosen,
                                        const MigrationJob& run);

}  // namespace understudy::app
