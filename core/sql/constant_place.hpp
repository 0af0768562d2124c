#pragma once

#include <cstddef>

#include "core/base/bytes.hpp"

namespace understudy::sql {

/// The length of the constant that a parse tree places at `offset` of `sql`, with its sign and its UESCAPE; 0 for TRUE,
/// NULL and what is no constant's token.
std::size_t constant_length(BytesView sql, std::size_t offset);

/// The length of the parameter at `offset`; 0 if there is none.
std::size_t parameter_length(BytesView sql, std::size_t offset);

}  // namespace understudy::sql
