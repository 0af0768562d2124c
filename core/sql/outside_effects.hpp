#pragma once

#include <optional>
#include <vector>

#include "core/base/bytes.hpp"

namespace understudy::sql {

/// What reaches outside the database or the session has a stable name: "COPY PROGRAM", "COPY FILE", "ALTER
/// SYSTEM", "CREATE SUBSCRIPTION", "DROP DATABASE", "LOAD" ..., or a function's name in lower case:
/// "pg_terminate_backend", "dblink_exec", "cron.schedule". NOTIFY stays inside the database.

/// A fast test on the words alone: false means that traits() of no statement in `sql` has an outside effect.
/// True only means that it must be asked. Dynamic SQL and escaped identifiers count as "may".
bool may_have_outside_effects(BytesView sql);

/// The name of the effect of calling that function; `schema` is empty if none was written. Lower case.
std::optional<Bytes> function_effect(BytesView schema, BytesView name);

/// Whether the function runs SQL that it is given as text (query_to_xml, ts_stat ...).
bool runs_sql_text(BytesView name);

/// The effects that the tokens of `sql` suggest, for what no parser understands: newer syntax, and the bodies
/// of DO blocks. With `inside_literals`, literals are read as SQL too. May name too many. Sorted, unique.
std::vector<Bytes> lexical_outside_effects(BytesView sql, bool inside_literals);

}  // namespace understudy::sql
