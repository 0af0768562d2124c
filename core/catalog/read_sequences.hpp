#pragma once

#include <vector>

#include "core/base/error.hpp"
#include "core/catalog/catalog.hpp"
#include "core/catalog/control_connection.hpp"

namespace understudy::catalog {

/// How many sequences one transaction of ours holds locks on: production's lock table is shared and finite.
inline constexpr std::size_t kSequencesAtOnce = 50;

/// The sequences of the user's schemas, with the values of those that this role may read. To be called
/// outside a transaction: no snapshot covers a sequence's value, so it is read in short transactions of its
/// own.
Result<std::vector<Sequence>> read_sequences(ControlConnection& connection);

}  // namespace understudy::catalog
