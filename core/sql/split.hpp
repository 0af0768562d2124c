#pragma once

#include <vector>

#include "core/base/bytes.hpp"

namespace understudy::sql {

/// The statements of a simple Query's text, in order, trimmed, without their semicolons; those that are empty
/// or only comments are dropped, as the server does. Comments stay where they belong to a statement (hints).
/// Semicolons in literals, comments, parentheses (CREATE RULE) and BEGIN ATOMIC bodies separate nothing.
/// The views borrow from `sql`. Never fails: text that the server would refuse as a whole is split by tokens.
std::vector<BytesView> split_statements(BytesView sql);

}  // namespace understudy::sql
