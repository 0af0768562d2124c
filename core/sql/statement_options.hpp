#pragma once

#include <nlohmann/json.hpp>

#include "core/base/bytes.hpp"

namespace understudy::sql {

/// Whether a utility statement has the option, EXPLAIN's ANALYZE or VACUUM's FULL, and does not switch it off; said
/// twice, it counts if either does. `body` is the statement's of either kind of parse tree.
bool option_is_on(const nlohmann::json& body, BytesView name);

}  // namespace understudy::sql
