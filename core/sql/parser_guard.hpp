#pragma once

#include <cstddef>

#include "core/base/bytes.hpp"

namespace understudy::sql {

/// Longer texts are never given to the parser: they get the lexical path. One MiB holds any statement that a
/// person wrote, and keeps a parse under a second.
inline constexpr std::size_t kMaxParsedSql = std::size_t{1} << 20U;
/// The deepest tree that the parser's recursive functions are trusted with. libpg_query has PostgreSQL's
/// check_stack_depth stubbed out, and a chain of a hundred thousand operators overruns an 8 MiB stack.
inline constexpr std::size_t kMaxNesting = 2000;

/// An upper bound of the depth of the tree that the parser would build from `sql`, from tokens alone:
/// everything may nest except what stands in a list (separated by commas, AND, OR, WHEN, semicolons).
std::size_t nesting_bound(BytesView sql);

/// Whether the parser may see `sql`: short enough, not too deep, no endless run of operators, no zero byte
/// (which the server refuses too).
bool parsable(BytesView sql);

/// `sql` as the parser takes it, every byte in its place: comments are blanked out (its scanner is quadratic
/// in a run of comment openings), and zeros follow, because it steps over a multi-byte character by its first
/// byte, which may be the text's last.
Bytes parser_input(BytesView sql);

}  // namespace understudy::sql
