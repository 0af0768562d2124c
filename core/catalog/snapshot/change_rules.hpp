#pragma once

#include <vector>

#include "core/catalog/snapshot/schema_diff.hpp"

namespace understudy::catalog {

/// The effects of a change, worst first, at least one. `before` and `after` are the object on both sides, nullptr where
/// it is not; `all_before` is the whole old side.
std::vector<Effect> effects_of(const ObjectChange& change, const SchemaObject* before, const SchemaObject* after,
                               const Snapshot& all_before);

// Parts of it by subject; each gives nothing where it has no rule.
std::vector<Effect> effects_on_column(const ObjectChange& change, const SchemaObject* after);
/// Of another type of a column, domain or attribute.
std::vector<Effect> effects_of_type(BytesView before, BytesView after);
std::vector<Effect> effects_of_constraint(const ObjectChange& change, const SchemaObject& either);
/// Of an access list, an absent one being the defaults (docs "Privileges").
std::vector<Effect> effects_of_access(const ObjectChange& change, const SchemaObject* before,
                                      const SchemaObject* after);
/// The rules that need only the kind of object, the property and whether it was added, removed or changed.
std::vector<Effect> effects_by_table(const ObjectChange& change);

}  // namespace understudy::catalog
