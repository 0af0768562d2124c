#pragma once

#include <string>
#include <vector>

#include "app/keys.hpp"
#include "schema/hazard/hazard.hpp"
#include "schema/hazard/traffic.hpp"
#include "schema/migration/migration.hpp"

namespace understudy::app {

/// What a capture, a file or a directory, does to which tables; only sessions of `database`, if given. Errors: those of the
/// files. May run beside other work: it shares nothing.
Result<schema::hazard::Traffic> recorded_traffic(const std::string& capture, const std::string& database, const Keys& keys);

/// What the texts of migrations say they will lock, rewrite or break: of each of `pending` (indexes into the set), with
/// the sizes that `target` has (a connection string; empty: without) and the traffic on them. Errors: those of the target.
Result<std::vector<schema::hazard::HazardReport>> migration_hazards(const schema::MigrationSet& set,
                                                                    const std::vector<std::size_t>& pending,
                                                                    const std::string& target,
                                                                    const schema::hazard::Traffic& traffic);

}  // namespace understudy::app
