#pragma once

#include <string>
#include <vector>

#include "app/keys.hpp"
#include "schema/hazard/hazard.hpp"
#include "schema/migration/migration.hpp"

namespace understudy::app {

/// What the texts of migrations say they will lock, rewrite or break: of each of `pending` (indexes into the set), with
/// the sizes that `target` has (a connection string; empty: without) and the traffic that the capture holds. Errors:
/// those of the capture and of the target.
Result<std::vector<schema::hazard::HazardReport>> migration_hazards(const schema::MigrationSet& set,
                                                                    const std::vector<std::size_t>& pending,
                                                                    const std::string& target,
                                                                    const std::string& capture, const Keys& keys);

}  // namespace understudy::app
