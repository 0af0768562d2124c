#include "core/sql/statement_names.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace understudy::sql {
namespace {

template <class Value, std::size_t N>
Value look_up(const std::array<std::pair<BytesView, Value>, N>& table, BytesView key, Value otherwise) {
    for (const auto& [name, value] : table) {
        if (name == key) return value;
    }
    return otherwise;
}

constexpr std::array<std::pair<BytesView, StatementKind>, 14> kKinds = {{
    {"SelectStmt", StatementKind::select},
    {"InsertStmt", StatementKind::insert},
    {"UpdateStmt", StatementKind::update},
    {"DeleteStmt", StatementKind::delete_},
    {"MergeStmt", StatementKind::merge},
    {"CopyStmt", StatementKind::copy_out},
    {"TransactionStmt", StatementKind::transaction},
    {"VariableSetStmt", StatementKind::set},
    {"ExplainStmt", StatementKind::explain},
    {"CallStmt", StatementKind::call_do},
    {"DoStmt", StatementKind::call_do},
    {"AlterSystemStmt", StatementKind::utility_other},
    {"ImportForeignSchemaStmt", StatementKind::utility_ddl},
    {"ReassignOwnedStmt", StatementKind::utility_ddl},
}};

constexpr std::array<BytesView, 13> kDdlPrefixes = {"Create",         "Alter",    "Drop",         "Define", "Rename",
                                                    "Grant",          "Comment",  "Index",        "View",   "Rule",
                                                    "RefreshMatView", "SecLabel", "CompositeType"};

constexpr std::array<std::pair<BytesView, BytesView>, 28> kEffects = {{
    {"AlterSystemStmt", "ALTER SYSTEM"},
    {"CreateSubscriptionStmt", "CREATE SUBSCRIPTION"},
    {"AlterSubscriptionStmt", "ALTER SUBSCRIPTION"},
    {"DropSubscriptionStmt", "DROP SUBSCRIPTION"},
    {"CreateForeignServerStmt", "CREATE SERVER"},
    {"AlterForeignServerStmt", "ALTER SERVER"},
    {"CreateFdwStmt", "CREATE FOREIGN DATA WRAPPER"},
    {"AlterFdwStmt", "ALTER FOREIGN DATA WRAPPER"},
    {"CreateUserMappingStmt", "CREATE USER MAPPING"},
    {"AlterUserMappingStmt", "ALTER USER MAPPING"},
    {"DropUserMappingStmt", "DROP USER MAPPING"},
    {"ImportForeignSchemaStmt", "IMPORT FOREIGN SCHEMA"},
    {"CreateExtensionStmt", "CREATE EXTENSION"},
    {"LoadStmt", "LOAD"},
    {"CheckPointStmt", "CHECKPOINT"},
    {"CreatedbStmt", "CREATE DATABASE"},
    {"DropdbStmt", "DROP DATABASE"},
    {"AlterDatabaseStmt", "ALTER DATABASE"},
    {"AlterDatabaseSetStmt", "ALTER DATABASE"},
    {"AlterDatabaseRefreshCollStmt", "ALTER DATABASE"},
    {"CreateTableSpaceStmt", "CREATE TABLESPACE"},
    {"DropTableSpaceStmt", "DROP TABLESPACE"},
    {"AlterTableSpaceOptionsStmt", "ALTER TABLESPACE"},
    {"CreateRoleStmt", "CREATE ROLE"},
    {"AlterRoleStmt", "ALTER ROLE"},
    {"AlterRoleSetStmt", "ALTER ROLE"},
    {"DropRoleStmt", "DROP ROLE"},
    {"GrantRoleStmt", "GRANT ROLE"},
}};

constexpr std::array<std::pair<BytesView, BytesView>, 6> kObjects = {{
    {"OBJECT_DATABASE", "DATABASE"},
    {"OBJECT_ROLE", "ROLE"},
    {"OBJECT_TABLESPACE", "TABLESPACE"},
    {"OBJECT_SUBSCRIPTION", "SUBSCRIPTION"},
    {"OBJECT_FOREIGN_SERVER", "SERVER"},
    {"OBJECT_FDW", "FOREIGN DATA WRAPPER"},
}};

constexpr std::array<BytesView, 7> kReaders = {"LockStmt", "VacuumStmt",  "ClusterStmt", "ReindexStmt",
                                               "CopyStmt", "CommentStmt", "GrantStmt"};

}  // namespace

StatementKind kind_of_node(BytesView type) {
    const StatementKind kind = look_up(kKinds, type, StatementKind::unknown);
    if (kind != StatementKind::unknown) return kind;
    const bool ddl = std::any_of(kDdlPrefixes.begin(), kDdlPrefixes.end(),
                                 [&](BytesView prefix) { return type.starts_with(prefix); });
    return ddl ? StatementKind::utility_ddl : StatementKind::utility_other;
}

BytesView effect_of_node(BytesView type) { return look_up(kEffects, type, BytesView{}); }

bool writes_own_relations(BytesView type) {
    return type.ends_with("Stmt") && std::find(kReaders.begin(), kReaders.end(), type) == kReaders.end();
}

BytesView noun_of_object(BytesView object_type) { return look_up(kObjects, object_type, BytesView{}); }

}  // namespace understudy::sql
