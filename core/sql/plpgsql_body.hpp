#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/bytes.hpp"

namespace understudy::sql {

/// A variable, parameter or cursor that a body declares (PostgreSQL docs, "PL/pgSQL: Declarations").
struct PlpgsqlVariable {
    Bytes name;  ///< folded
    /// As declared: "integer", "orders.total%TYPE", "orders%ROWTYPE", "record"; empty for parameters, whose types are the
    /// function's. What PL/pgSQL declares itself (FOUND, SQLERRM, a counting loop's variable) has its type.
    Bytes type;
    Bytes query;  ///< of a record: the one query that its rows come from, INTO blanked out; empty: none, or several
    friend bool operator==(const PlpgsqlVariable&, const PlpgsqlVariable&) = default;
};

/// One SQL statement of a body as the server would parse it, with variables by name; of an expression `select …` of it.
struct PlpgsqlStatement {
    Bytes sql;
    std::uint32_t line = 0;    ///< in the body, from 1; 0: of a declaration
    bool conditional = false;  ///< in a branch, loop or exception handler: it need not be run whenever the function is
    friend bool operator==(const PlpgsqlStatement&, const PlpgsqlStatement&) = default;
};

struct PlpgsqlBody {
    std::vector<PlpgsqlVariable> variables;  ///< in order; a name may come again in an inner block
    std::vector<PlpgsqlStatement> statements;
    std::vector<Bytes> labels;  ///< of blocks and loops
    std::uint64_t dynamic = 0;  ///< EXECUTE: SQL that is made when it runs
    bool prefers_columns = false;  ///< #variable_conflict use_column: what a name means depends on the tables
    bool prefers_variables = false;
};

/// Beyond these many statements or variables a body counts as not readable.
inline constexpr std::size_t kMaxBodyParts = 10'000;

/// The body in a CREATE FUNCTION or PROCEDURE statement of language plpgsql, as pg_get_functiondef() gives it. Nothing
/// where libpg_query refuses it or it is too long (kMaxFunctionDefinition). Thread-safe.
std::optional<PlpgsqlBody> plpgsql_body(BytesView definition);

/// A DO statement of language plpgsql as the definition of a function; nothing for other statements and languages.
std::optional<Bytes> function_of_do_block(BytesView statement);

}  // namespace understudy::sql
