#pragma once

#include "core/base/bytes.hpp"
#include "core/sql/statement_traits.hpp"

namespace understudy::sql {

/// What the name of a parse tree's statement node (PostgreSQL's nodes/parsenodes.h: "SelectStmt") says by
/// itself.

/// Copies are judged by direction as well: here they are copy_out.
StatementKind kind_of_node(BytesView type);
/// The outside effect that every statement of the type has, or an empty view.
BytesView effect_of_node(BytesView type);
/// Whether a statement of that type writes to (or redefines) the relations in its own fields.
bool writes_own_relations(BytesView type);
/// The effect of renaming, re-owning or dropping an object of that type ("OBJECT_DATABASE") without the verb:
/// "DATABASE"; empty for what belongs to one database.
BytesView noun_of_object(BytesView object_type);

}  // namespace understudy::sql
