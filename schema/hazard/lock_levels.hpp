#pragma once

#include "core/sql/ddl_effects.hpp"
#include "schema/hazard/table_facts.hpp"

namespace understudy::schema::hazard {

/// The mode in which an action locks the table that it names. PostgreSQL docs, "Explicit Locking"; ALTER TABLE's from
/// AlterTableGetLockLevel() in commands/tablecmds.c.
sql::TableLock lock_of(const sql::DdlAction& action);

/// Whether it locks the partitions or inheritance children, too, in the same mode.
bool recurses(const sql::DdlAction& action, const TableFacts& table);

}  // namespace understudy::schema::hazard
