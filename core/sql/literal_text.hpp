#pragma once

#include <optional>
#include <vector>

#include "core/base/bytes.hpp"

namespace understudy::sql {

/// A string constant of that value, as PostgreSQL's quote_literal() writes it: quotes doubled, and E'' with
/// doubled backslashes if it holds any. The caller sees to the encoding and to zero bytes.
Bytes quote_literal(BytesView value);

/// An identifier in double quotes that means exactly this name.
Bytes quote_identifier(BytesView name);

/// `sql` with its parameters replaced by constants, so that it can be pasted into psql: $1 becomes values[0],
/// followed by ::type_names[0] if that is given and not empty (the name is put in as it is). No value is
/// NULL. Parameters beyond `values`, and dollar signs in literals, comments and identifiers, stay.
Bytes substitute_parameters(BytesView sql, const std::vector<std::optional<Bytes>>& values,
                            const std::vector<Bytes>& type_names);

}  // namespace understudy::sql
