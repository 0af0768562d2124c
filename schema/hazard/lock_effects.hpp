#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "schema/hazard/table_facts.hpp"

namespace understudy::schema::hazard {

/// What is done to a table's rows while the lock is held, lightest first.
enum class TableWork : std::uint8_t {
    none,     ///< the catalogue only
    empty,    ///< TRUNCATE: a new, empty file
    scan,     ///< every row is read
    index,    ///< every row is read and an index built
    rewrite,  ///< every row is written to a new file, and all indexes are built again
};
std::string_view to_string(TableWork work);

/// One table that a statement locks.
struct LockEffect {
    sql::RelationName table;            ///< as the catalogue has it where it is known, else as written
    const TableFacts* facts = nullptr;  ///< borrowed from the SchemaFacts; nullptr: not known
    sql::TableLock lock = sql::TableLock::none;
    TableWork work = TableWork::none;
    std::string why;      ///< of the work: "the default of token calls random(), which is volatile"
    bool certain = true;  ///< false: facts are missing, and the heavier case is assumed
};

/// The tables that a statement's actions lock until its transaction ends, each once with its strongest lock: those that
/// the text names, and those that the server locks with them (the other side of a foreign key, partitions and
/// inheritance children, the parent and the default partition, a dropped object's dependents). PostgreSQL docs,
/// "Explicit Locking", ALTER TABLE's Notes, and AlterTableGetLockLevel() in commands/tablecmds.c; valid for PostgreSQL
/// 13 to 18. Rows' own locks by foreign-key triggers, and locks on indexes, are not among them. `query` has the tables
/// of statement_accesses(). `statement` is the text that the action is from.
std::vector<LockEffect> lock_effects(const std::vector<sql::DdlAction>& actions, BytesView statement,
                                     const SchemaFacts& facts);

/// Whether and why ALTER COLUMN TYPE works on the rows.
struct WorkReason {
    TableWork work = TableWork::none;
    std::string why;
    bool certain = true;
};
WorkReason work_of(const sql::DdlAction& action, const TableFacts* table, const SchemaFacts& facts);
WorkReason type_change_work(const sql::DdlAction& action, const TableFacts* table, const SchemaFacts& facts);
/// Whether an ALTER COLUMN TYPE makes the server prove the column's foreign keys again: their comparison is another
/// one.
bool proves_foreign_keys(const sql::DdlAction& action, const TableFacts* table);

}  // namespace understudy::schema::hazard
