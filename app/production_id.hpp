#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/error.hpp"

namespace understudy::app {

/// What --production-id says of production.
struct ProductionId {
    std::optional<std::uint64_t> identifier;
    bool none = false;  ///< "none": the user is sure that the target is not production
};
/// Empty text says nothing. Errors: Errc::usage.
Result<ProductionId> parse_production_id(const std::string& text);

}  // namespace understudy::app
