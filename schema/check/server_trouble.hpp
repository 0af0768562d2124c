#pragma once

#include <optional>

#include "schema/check/description.hpp"

namespace understudy::schema {

/// Time-outs, locks, resources, shutdown, a server that takes no temporary tables: says nothing about the schema.
bool is_trouble(const std::optional<Refusal>& refusal);

}  // namespace understudy::schema
