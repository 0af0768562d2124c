#pragma once

#include <optional>
#include <vector>

#include "core/sql/access.hpp"

namespace understudy::sql {

/// What the statements in a function's body touch by themselves. Values and ties are those of texts that nobody keeps:
/// of relations only names, kind and locks are filled in, of functions only the names.
struct BodyAccess {
    std::vector<RelationAccess> relations;
    std::vector<FunctionUse> functions;
};

/// Longer definitions are not looked at.
inline constexpr std::size_t kMaxFunctionDefinition = std::size_t{64} << 10U;

/// The body of a function or procedure of language sql or plpgsql; `definition` is its CREATE FUNCTION statement, as
/// pg_get_functiondef() gives it. Nothing where it cannot be told: another language, dynamic SQL (EXECUTE), COMMIT and
/// ROLLBACK, CALL, statements that may do anything, a text that is too long or that libpg_query refuses (it knows no
/// cursor variables). Thread-safe.
std::optional<BodyAccess> function_body_access(BytesView language, BytesView definition);

}  // namespace understudy::sql
