#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "schema/migration/migration.hpp"

namespace understudy::app {

/// What a statement of a migration does beyond the copy that it runs in: sql::traits().outside_effects but for CREATE
/// EXTENSION, and COMMENT ON DATABASE. What functions and DO blocks do is not seen.
std::vector<std::string> effects_beyond_copy(BytesView statement);

/// Refuses migrations, their ways back included, with effects beyond a copy that are not allowed by name. Errors:
/// Errc::refused, with file, line and what to do.
Result<void> refuse_outside_effects(const schema::MigrationSet& set, const std::vector<std::size_t>& pending,
                                    const std::set<std::string>& allowed);

}  // namespace understudy::app
