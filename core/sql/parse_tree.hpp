#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/bytes.hpp"

namespace understudy::sql {

/// libpg_query's tree as JSON, for this folder's own use: {"stmts": [{"stmt": {"SelectStmt": {...}}}, ...]}.
/// Constants, column names, types, aliases and source locations are left out, with the lists that only held
/// such (a large INSERT's would need hundreds of times its size); and names hold each byte as the code point
/// of that number, because SQL need not be UTF-8: see name_bytes(). Nothing if the parser refused the text or
/// was not asked (parsable()).
std::optional<nlohmann::json> parse_tree(BytesView sql);

/// The tree with column names, aliases and the places of constants and parameters: {"A_Const": {"location": 7}}, a
/// byte offset into `sql` that is left out when it is 0. Types but those of casts, and what the constants are, are left
/// out.
std::optional<nlohmann::json> parse_tree_with_places(BytesView sql);

/// The tree as the library has it. For statements that hold few constants: those of a large INSERT take hundreds of
/// times its size.
std::optional<nlohmann::json> whole_parse_tree(BytesView sql);

/// What PL/pgSQL's parser makes of the body in a CREATE FUNCTION or PROCEDURE statement: [{"PLpgSQL_function": {…}}],
/// queries as text. The same rules; nothing also for bodies with very many blocks.
std::optional<nlohmann::json> plpgsql_tree(BytesView create_function);

/// A name of the tree as the bytes that were written.
Bytes name_bytes(const std::string& name);

}  // namespace understudy::sql
