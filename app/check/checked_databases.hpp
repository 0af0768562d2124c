#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/check/embedded_server.hpp"
#include "app/check/run_migration.hpp"
#include "app/copies/database_copies.hpp"
#include "schema/check/check_report.hpp"

namespace understudy::app {

/// Where the two schemas come from: one of the three ways that `understudy check` knows.
struct DatabaseChoice {
    std::string baseline;  ///< connection strings of two databases
    std::string candidate;
    std::string target;     ///< a marked database, of which a scratch copy is migrated
    std::string schema;     ///< a dump of the schema, for a throwaway server
    std::string migration;  ///< a file or a directory
    CopyKind copy = CopyKind::schema_only;
    CopyOptions copies;
    std::set<std::string> allowed;  ///< effects of the migration outside of the database
};

/// Which of them was meant. Errors: Errc::usage, with what is missing.
Result<void> judge_choice(const DatabaseChoice& choice);

/// The two databases, ready to be asked. What was made for them goes with the object.
class CheckedDatabases {
public:
    static Result<CheckedDatabases> prepare(const DatabaseChoice& choice);

    std::string baseline;  ///< connection strings
    std::string candidate;
    std::optional<ChosenMigrations> migrations;  ///< what was pending
    std::optional<schema::MigrationOutcome> migration;
    std::vector<Bytes> notes;  ///< for the report

private:
    Result<void> prepare_copy(const DatabaseChoice& choice);
    Result<void> prepare_embedded(const DatabaseChoice& choice);

    std::optional<DatabaseCopies> copies_;
    std::unique_ptr<EmbeddedServer> server_;
};

}  // namespace understudy::app
