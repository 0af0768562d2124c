#pragma once

#include <vector>

#include "compare/analysis/schema_change.hpp"
#include "core/catalog/snapshot/snapshot.hpp"

namespace understudy::compare {

/// What is other in `after`, of two whole schemas: also texts of views and functions, CHECK and exclusion constraints,
/// policies, grants, indexes. What no statement can notice (comments, storage) is left out.
std::vector<SchemaChange> snapshot_changes(const catalog::Snapshot& before, const catalog::Snapshot& after);

}  // namespace understudy::compare
