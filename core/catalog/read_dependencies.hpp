#pragma once

#include "core/base/error.hpp"
#include "core/catalog/catalog.hpp"
#include "core/catalog/control_connection.hpp"

namespace understudy::catalog {

/// Functions whose bodies are read; of more, what they touch is not known.
inline constexpr std::size_t kMaxBodies = 5000;

/// Adds what depends on what: inheritance, partition keys, what views and rules are made of, triggers, and which
/// relations functions touch (their bodies are read and forgotten). Everything else must be in `catalog`, sorted; the
/// transaction must be the one that it was read in, and has another search_path afterwards. Errors: as
/// ControlConnection's.
Result<void> read_dependencies(ControlConnection& connection, Catalog& catalog);

}  // namespace understudy::catalog
