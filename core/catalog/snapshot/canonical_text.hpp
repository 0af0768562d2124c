#pragma once

#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"

namespace understudy::catalog {

/// A definition as it comes back from a dump that was restored. PostgreSQL prints what it has parsed, and one thing
/// that it prints it parses to something else: `(ARRAY['a'::character varying])::text[]`, of `status IN ('a')`, becomes
/// `ARRAY[('a'::character varying)::text]`. That is what every definition is brought to.
Bytes canonical_definition(Bytes definition);

/// The items of a text[] in the server's text form (docs "Array Input and Output Syntax"), one dimension, no NULLs.
/// Errors: Errc::protocol.
Result<std::vector<Bytes>> parse_text_array(BytesView text);

}  // namespace understudy::catalog
