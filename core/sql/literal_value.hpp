#pragma once

#include "core/base/bytes.hpp"
#include "core/sql/lexer.hpp"

namespace understudy::sql {

/// The value of a string or dollar-quoted token, its escapes resolved (PostgreSQL docs, 4.1.2 "Constants"): the escapes
/// of E'…', the \XXXX of U&'…' with the default escape character, continued pieces joined. An escape that is none
/// stands for itself. Never fails.
Bytes literal_value(const Token& token);

/// `sql` with an E before each plain string that holds a backslash and read as the server does with
/// standard_conforming_strings off, so that it means the same with it on.
Bytes with_explicit_escapes(BytesView sql);

}  // namespace understudy::sql
