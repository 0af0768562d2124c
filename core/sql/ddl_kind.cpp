#include "core/sql/ddl_effects.hpp"

namespace understudy::sql {
namespace {

std::string_view table_kind_name(DdlKind kind) {
    switch (kind) {
        case DdlKind::create_table: return "CREATE TABLE";
        case DdlKind::drop_table: return "DROP TABLE";
        case DdlKind::rename_table: return "RENAME";
        case DdlKind::set_schema: return "SET SCHEMA";
        case DdlKind::truncate: return "TRUNCATE";
        case DdlKind::add_column: return "ADD COLUMN";
        case DdlKind::drop_column: return "DROP COLUMN";
        case DdlKind::rename_column: return "RENAME COLUMN";
        case DdlKind::alter_column_type: return "ALTER COLUMN TYPE";
        case DdlKind::set_default: return "SET DEFAULT";
        case DdlKind::drop_default: return "DROP DEFAULT";
        case DdlKind::set_not_null: return "SET NOT NULL";
        case DdlKind::drop_not_null: return "DROP NOT NULL";
        case DdlKind::drop_expression: return "DROP EXPRESSION";
        case DdlKind::identity: return "ALTER COLUMN … IDENTITY";
        case DdlKind::column_options: return "ALTER COLUMN SET (…)";
        case DdlKind::column_storage: return "ALTER COLUMN SET STORAGE";
        case DdlKind::add_constraint: return "ADD CONSTRAINT";
        case DdlKind::drop_constraint: return "DROP CONSTRAINT";
        case DdlKind::validate_constraint: return "VALIDATE CONSTRAINT";
        case DdlKind::alter_constraint: return "ALTER CONSTRAINT";
        case DdlKind::rename_constraint: return "RENAME CONSTRAINT";
        case DdlKind::set_tablespace: return "SET TABLESPACE";
        case DdlKind::set_logged: return "SET LOGGED";
        case DdlKind::set_access_method: return "SET ACCESS METHOD";
        case DdlKind::table_options: return "SET (…)";
        case DdlKind::row_security: return "ROW LEVEL SECURITY";
        case DdlKind::switch_trigger: return "ENABLE/DISABLE TRIGGER";
        case DdlKind::switch_rule: return "ENABLE/DISABLE RULE";
        case DdlKind::change_owner: return "OWNER TO";
        case DdlKind::replica_identity: return "REPLICA IDENTITY";
        case DdlKind::inherit: return "INHERIT";
        case DdlKind::attach_partition: return "ATTACH PARTITION";
        case DdlKind::detach_partition: return "DETACH PARTITION";
        case DdlKind::finalize_detach: return "DETACH PARTITION FINALIZE";
        default: return {};
    }
}

std::string_view object_kind_name(DdlKind kind) {
    switch (kind) {
        case DdlKind::create_index: return "CREATE INDEX";
        case DdlKind::drop_index: return "DROP INDEX";
        case DdlKind::rename_index: return "RENAME INDEX";
        case DdlKind::alter_index: return "ALTER INDEX";
        case DdlKind::reindex: return "REINDEX";
        case DdlKind::create_view: return "CREATE VIEW";
        case DdlKind::alter_view: return "ALTER VIEW";
        case DdlKind::drop_view: return "DROP VIEW";
        case DdlKind::create_matview: return "CREATE MATERIALIZED VIEW";
        case DdlKind::drop_matview: return "DROP MATERIALIZED VIEW";
        case DdlKind::refresh_matview: return "REFRESH MATERIALIZED VIEW";
        case DdlKind::create_trigger: return "CREATE TRIGGER";
        case DdlKind::drop_trigger: return "DROP TRIGGER";
        case DdlKind::rename_trigger: return "RENAME TRIGGER";
        case DdlKind::create_rule: return "CREATE RULE";
        case DdlKind::drop_rule: return "DROP RULE";
        case DdlKind::create_policy: return "CREATE POLICY";
        case DdlKind::alter_policy: return "ALTER POLICY";
        case DdlKind::drop_policy: return "DROP POLICY";
        case DdlKind::create_statistics: return "CREATE STATISTICS";
        case DdlKind::publication: return "PUBLICATION";
        case DdlKind::create_sequence: return "CREATE SEQUENCE";
        case DdlKind::alter_sequence: return "ALTER SEQUENCE";
        case DdlKind::drop_sequence: return "DROP SEQUENCE";
        case DdlKind::create_type: return "CREATE TYPE";
        case DdlKind::alter_type: return "ALTER TYPE";
        case DdlKind::drop_type: return "DROP TYPE";
        case DdlKind::add_enum_value: return "ALTER TYPE ADD VALUE";
        case DdlKind::rename_enum_value: return "ALTER TYPE RENAME VALUE";
        case DdlKind::create_function: return "CREATE FUNCTION";
        case DdlKind::drop_function: return "DROP FUNCTION";
        case DdlKind::grant: return "GRANT";
        case DdlKind::revoke: return "REVOKE";
        case DdlKind::comment: return "COMMENT";
        case DdlKind::vacuum: return "VACUUM";
        case DdlKind::vacuum_full: return "VACUUM FULL";
        case DdlKind::analyze: return "ANALYZE";
        case DdlKind::cluster: return "CLUSTER";
        case DdlKind::lock_table: return "LOCK TABLE";
        case DdlKind::set_variable: return "SET";
        case DdlKind::begin: return "BEGIN";
        case DdlKind::commit: return "COMMIT";
        case DdlKind::rollback: return "ROLLBACK";
        case DdlKind::savepoint: return "SAVEPOINT";
        case DdlKind::query: return "query";
        case DdlKind::outside_transaction: return "a statement of its own";
        case DdlKind::run_code: return "DO or CALL";
        case DdlKind::other: return "other";
        default: return {};
    }
}

}  // namespace

std::string_view to_string(DdlKind kind) {
    const std::string_view name = table_kind_name(kind);
    return name.empty() ? object_kind_name(kind) : name;
}

}  // namespace understudy::sql
