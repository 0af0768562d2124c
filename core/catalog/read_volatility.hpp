#pragma once

#include <string>

#include "core/base/error.hpp"
#include "core/catalog/control_connection.hpp"
#include "core/catalog/function_volatility.hpp"

namespace understudy::catalog {

/// Reads every function's volatility, PostgreSQL's own included, in one statement; any role may. Errors: as
/// ControlConnection's.
Result<FunctionVolatility> read_volatility(const std::string& conninfo, const ControlLimits& limits = {});

}  // namespace understudy::catalog
