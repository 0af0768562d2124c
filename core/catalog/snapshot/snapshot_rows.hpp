#pragma once

#include "core/base/error.hpp"
#include "core/catalog/control_connection.hpp"
#include "core/catalog/snapshot/snapshot.hpp"
#include "core/catalog/snapshot/snapshot_parts.hpp"

namespace understudy::catalog {

/// The object that a row of a part's answer tells of. Definitions come out in canonical form; values that are of this
/// copy alone, or may be secrets, are left out. Errors: Errc::protocol for a row of another form.
Result<SchemaObject> object_of_row(const SnapshotPart& part, const Row& row);

}  // namespace understudy::catalog
