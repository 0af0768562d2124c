#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/bytes.hpp"

namespace understudy::schema {

/// What a Parse can say about a statement. PostgreSQL analyses queries, data changes, MERGE, DECLARE CURSOR,
/// EXPLAIN, CREATE TABLE AS and CALL when it parses them (transformStmt() in parser/analyze.c); other utility
/// statements only when it executes them.
enum class Checkability : std::uint8_t {
    check,    ///< `sql` is to be parsed and described
    nothing,  ///< names nothing that a schema change could take away: transaction control, SET, FETCH …
    cannot,   ///< may break, but a Parse does not show it
};

struct Checkable {
    Checkability checkability = Checkability::check;
    /// What to parse: the statement itself, or a query that names the same tables and columns (COPY, LOCK,
    /// TRUNCATE …).
    Bytes sql;
    /// Why it is not checked, as in the report's `not_checked`: "transaction", "setting", "session", "ddl",
    /// "do_block", "copy", "prepare", "maintenance".
    std::string_view reason;
};

/// Judges one statement by its words. Never fails, whatever the bytes.
Checkable judge_statement(BytesView sql);

}  // namespace understudy::schema
