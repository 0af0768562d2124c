#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/sql/table_lock.hpp"

namespace understudy::sql {

/// What a statement of a migration does to the database, as far as its text tells.
enum class DdlKind : std::uint8_t {
    // Tables. ALTER TABLE has one action for each of its subcommands.
    create_table,
    drop_table,
    rename_table,
    set_schema,
    truncate,
    add_column,
    drop_column,
    rename_column,
    alter_column_type,
    set_default,
    drop_default,
    set_not_null,
    drop_not_null,
    drop_expression,
    identity,        ///< ADD, SET or DROP IDENTITY
    column_options,  ///< SET STATISTICS, SET (…), RESET (…) of a column
    column_storage,  ///< SET STORAGE, SET COMPRESSION
    add_constraint,
    drop_constraint,
    validate_constraint,
    alter_constraint,
    rename_constraint,
    set_tablespace,
    set_logged,  ///< SET LOGGED, SET UNLOGGED
    set_access_method,
    table_options,  ///< SET (…), RESET (…), CLUSTER ON, SET WITHOUT CLUSTER
    row_security,
    switch_trigger,  ///< ENABLE or DISABLE TRIGGER
    switch_rule,
    change_owner,
    replica_identity,
    inherit,  ///< INHERIT, NO INHERIT, OF, NOT OF
    attach_partition,
    detach_partition,
    finalize_detach,
    // Indexes
    create_index,
    drop_index,
    rename_index,
    alter_index,
    reindex,
    // Views
    create_view,
    alter_view,
    drop_view,
    create_matview,
    drop_matview,
    refresh_matview,
    // Other objects of tables
    create_trigger,
    drop_trigger,
    rename_trigger,
    create_rule,
    drop_rule,
    create_policy,
    alter_policy,
    drop_policy,
    create_statistics,
    publication,  ///< CREATE or ALTER PUBLICATION, for each table that it names
    // Sequences, types, functions
    create_sequence,
    alter_sequence,
    drop_sequence,
    create_type,
    alter_type,  ///< of ALTER DOMAIN the name is the action: "C" ADD CONSTRAINT, "O" SET NOT NULL, "V" VALIDATE …
    drop_type,
    add_enum_value,
    rename_enum_value,
    create_function,
    drop_function,
    // Rights and descriptions
    grant,
    revoke,
    comment,
    // Maintenance
    vacuum,
    vacuum_full,
    analyze,
    cluster,
    // Session and transaction
    lock_table,
    set_variable,
    begin,
    commit,
    rollback,
    savepoint,
    // Rows
    query,  ///< of rows, also EXPLAIN, PREPARE, DECLARE of one: statement_accesses() has the tables
    // Reach beyond the database or run anything
    outside_transaction,  ///< CREATE DATABASE, ALTER SYSTEM …: never in a transaction (25001)
    run_code,             ///< DO, CALL
    other,
};

/// "ADD COLUMN", "CREATE INDEX" …
std::string_view to_string(DdlKind kind);

struct RelationName {
    Bytes schema;  ///< as written; empty if none was
    Bytes name;

    friend auto operator<=>(const RelationName&, const RelationName&) = default;
};

/// A type as it is written; the grammar's own names are PostgreSQL's: int is pg_catalog.int4.
struct DdlType {
    Bytes schema;
    Bytes name;
    std::vector<std::int64_t> modifiers;  ///< (10,2); empty also for modifiers that are no integers
    bool array = false;

    friend bool operator==(const DdlType&, const DdlType&) = default;
};

enum class ConstraintKind : std::uint8_t { none, check, not_null, primary_key, unique, exclusion, foreign_key };

/// An expression that the statement evaluates for existing rows, or may: a default, what a column is generated from,
/// USING.
struct DdlExpression {
    bool constant = true;  ///< no function and no column in it (operators are taken for what they are: immutable)
    bool null = false;     ///< the constant NULL
    std::vector<Bytes> functions;  ///< folded, without schema; SQL's own as current_timestamp

    friend bool operator==(const DdlExpression&, const DdlExpression&) = default;
};

/// A constraint that is added to a table, by itself or with a column.
struct DdlConstraint {
    ConstraintKind kind = ConstraintKind::none;
    Bytes name;
    std::vector<Bytes> columns;  ///< empty where they are not said; of a column's constraint that column
    RelationName references;     ///< of a foreign key
    Bytes using_index;           ///< UNIQUE or PRIMARY KEY USING INDEX
    bool not_valid = false;

    friend bool operator==(const DdlConstraint&, const DdlConstraint&) = default;
};

struct DdlAction {
    DdlKind kind = DdlKind::other;
    RelationName relation;        ///< that it works on; of DROP INDEX, REINDEX INDEX and ALTER INDEX the index
    RelationName other;           ///< partition, parent, the source of LIKE (with create_table)
    Bytes name;                   ///< of the column, constraint, index, trigger, type, setting …
    Bytes new_name;               ///< RENAME; the label of ADD VALUE; the value of SET
    std::vector<Bytes> columns;   ///< of SET (…) on a table the options
    std::optional<DdlType> type;  ///< ADD COLUMN, ALTER COLUMN TYPE
    std::optional<DdlExpression> expression;  ///< DEFAULT of ADD COLUMN, SET DEFAULT, USING
    bool generated = false;                   ///< ADD COLUMN … GENERATED ALWAYS AS (…) STORED
    bool identity = false;                    ///< ADD COLUMN … GENERATED … AS IDENTITY
    bool plain_using = false;  ///< USING says what would happen without it: the column, or its cast to the new type
    std::vector<DdlConstraint> constraints;  ///< ADD COLUMN, ADD CONSTRAINT, CREATE TABLE
    std::vector<RelationName> reads;         ///< of CREATE VIEW, CREATE TABLE AS
    TableLock lock = TableLock::none;        ///< LOCK TABLE
    bool concurrently = false;
    bool if_exists = false;  ///< or IF NOT EXISTS
    bool unique = false;     ///< CREATE UNIQUE INDEX
    bool cascade = false;
    bool only = false;        ///< ONLY: not the descendants
    bool local = false;       ///< SET LOCAL
    bool each_row = false;    ///< CREATE TRIGGER … FOR EACH ROW
    bool replace = false;     ///< CREATE OR REPLACE
    bool is_index = false;    ///< REINDEX INDEX (else TABLE, SCHEMA, DATABASE)
    bool is_default = false;  ///< ATTACH PARTITION … DEFAULT
    bool temporary = false;
    bool no_data = false;    ///< WITH NO DATA
    bool every_row = false;  ///< UPDATE or DELETE (its name) of `relation` without a condition

    friend bool operator==(const DdlAction&, const DdlAction&) = default;
};

/// What one statement does; a list of several only for ALTER TABLE, DROP and others that name several objects. Nothing
/// when the parser (PostgreSQL 15's grammar) refuses the text or `statement` holds more than one: unknown then, and to
/// be counted as such. A statement that is of no concern to locks is one action of kind `other`. Thread-safe; never
/// fails otherwise.
std::optional<std::vector<DdlAction>> ddl_effects(BytesView statement);

}  // namespace understudy::sql
