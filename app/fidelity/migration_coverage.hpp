#pragma once

#include <string>
#include <vector>

#include "app/keys.hpp"
#include "compare/analysis/reproduction.hpp"
#include "schema/check/recorded_statement.hpp"
#include "schema/fidelity/certificate.hpp"

namespace understudy::app {

/// Which of what a migration touches the recording asks for, and staging reproduces.
struct MigrationCoverage {
    std::vector<schema::fidelity::MigrationPlace> places;
    std::uint64_t unknown = 0;  ///< statements that the parser does not know, or that run code
};

/// The distinct statements of a capture. Errors: those of the files.
Result<schema::RecordedStatements> statements_of_capture(const std::string& capture, const Keys& keys);

/// `before`: the schema that the migration begins with. `found`: nullptr without answers of a replay. Pure.
MigrationCoverage cover_migration(const std::vector<Bytes>& migration, const catalog::Snapshot& before,
                                  const schema::RecordedStatements& recorded, const compare::Reproduction* found);

}  // namespace understudy::app
