#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.hpp"

namespace understudy::sql {

enum class StatementKind : std::uint8_t {
    select,  ///< SELECT, VALUES, TABLE
    insert,
    update,
    delete_,
    merge,
    copy_in,      ///< COPY ... FROM
    copy_out,     ///< COPY ... TO
    transaction,  ///< BEGIN, COMMIT, SAVEPOINT, PREPARE TRANSACTION ...
    set,          ///< SET, RESET
    utility_ddl,  ///< CREATE, ALTER, DROP, GRANT, COMMENT ...
    utility_other,
    explain,
    call_do,  ///< CALL, DO
    unknown,  ///< not parsed, or empty
};

/// A table, view or sequence that a statement names. The names of its own CTEs are not among them.
struct RelationUse {
    Bytes schema;  ///< as written; empty if none was
    Bytes name;
    bool written = false;  ///< rows, or its definition

    friend bool operator==(const RelationUse&, const RelationUse&) = default;
};

/// What one statement is and touches, as far as its text tells. What functions, triggers, views and rules do
/// is not in the text.
struct StatementTraits {
    /// False for what PostgreSQL 15's grammar refuses (newer syntax, errors): then only outside_effects is
    /// filled, from the tokens.
    bool parsed = false;
    StatementKind kind = StatementKind::unknown;
    /// The rows' order is the statement's: a top-level ORDER BY (of a set operation, a cursor's or a COPY's
    /// query, too), not one in a subquery or CTE.
    bool ordered = false;
    /// A top-level LIMIT, OFFSET or FETCH: without an order, which rows come is open.
    bool limited = false;
    /// SELECT, VALUES, SHOW, EXPLAIN without ANALYZE (or of something read-only), COPY ... TO, DECLARE
    /// CURSOR; with no data-modifying CTE, no FOR UPDATE or SHARE, no INTO. Functions are to be judged by
    /// their names.
    bool read_only = false;
    bool returning = false;
    /// Functions called: lower case, schema-qualified where they were written so (and pg_catalog where the
    /// grammar does it: extract, overlay ...); CURRENT_TIMESTAMP and its like by that word. Sorted, unique.
    std::vector<Bytes> functions;
    std::vector<RelationUse> relations;  ///< sorted by schema and name, unique
    /// Stable names of what reaches outside the database or the session: see outside_effects.hpp. Sorted,
    /// unique.
    std::vector<Bytes> outside_effects;
};

/// The traits of one statement (of several: the kind of the first, the effects of all). Never fails.
/// Thread-safe.
StatementTraits traits(BytesView one_statement);

}  // namespace understudy::sql
