#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/catalog/control_connection.hpp"
#include "schema/migration/migration.hpp"

namespace understudy::schema {

/// What a database's version table says.
struct AppliedVersions {
    bool table_found = false;
    std::vector<std::string> versions;  ///< as Migration::version names them; golang-migrate's has the newest only
    bool dirty = false;                 ///< golang-migrate's mark of a migration that failed
    std::vector<std::string> failed;    ///< versions that the table holds as failed (Flyway)
};

/// The table in which the layout's tool keeps what it applied ("schema_migrations"); empty for plain files.
std::string version_table(Layout layout);
/// All such tables: their rows are no user's data.
const std::set<std::string>& version_tables();

/// From the rows of the table, the columns as applied_query() asks for them. Errors: Errc::protocol for other rows.
std::string applied_query(Layout layout);
Result<AppliedVersions> applied_from_rows(Layout layout, const std::vector<catalog::Row>& rows);

/// Which migrations of the set the tool would run now, and what its user should know.
struct PendingMigrations {
    std::vector<std::size_t> indexes;  ///< into MigrationSet::migrations, in order
    std::size_t applied = 0;
    std::vector<std::string> warnings;
};
/// Pure. Errors: Errc::refused where the tool would refuse to go on (dirty, failed).
Result<PendingMigrations> pending(const MigrationSet& set, const AppliedVersions& applied);

/// Reads the table in a read-only transaction of its own and decides.
Result<PendingMigrations> read_pending(catalog::ControlConnection& connection, const MigrationSet& set);

}  // namespace understudy::schema
