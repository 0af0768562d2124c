#pragma once

#include <optional>
#include <set>
#include <vector>

#include "schema/check/bodies/routine.hpp"
#include "schema/check/predict/predict.hpp"

namespace understudy::schema {

/// Relations whose uses are to be looked at: what differs, and what differing foreign keys point to. Nothing: all, as
/// something differs that is not of one relation.
std::optional<std::set<QualifiedName>> changed_relations(const SchemaFacts& before, const SchemaFacts& after);

/// Names without schemas of all that a prediction or a body can come from: a statement that has none of these words need
/// not be taken apart. Nothing: every statement.
std::optional<std::set<Bytes>> relevant_names(const SchemaFacts& before, const SchemaFacts& after,
                                              const Routines& routines, const std::vector<MigrationStatement>& migration);

/// Of each item of the plan what its statement does; nothing where the parser refuses the text or none of `names` is in it.
std::vector<std::optional<Accesses>> relevant_accesses(const RecordedStatements& recorded, const CheckPlan& plan,
                                                       const std::optional<std::set<Bytes>>& names);

}  // namespace understudy::schema
