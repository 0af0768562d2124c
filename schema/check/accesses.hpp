#pragma once

#include <vector>

#include "core/sql/access.hpp"

namespace understudy::schema {

/// What the statements of a text do, as far as it can be told.
using Accesses = std::vector<sql::StatementAccess>;

}  // namespace understudy::schema
