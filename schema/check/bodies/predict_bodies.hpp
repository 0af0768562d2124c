#pragma once

#include <vector>

#include "schema/check/bodies/body_check.hpp"
#include "schema/check/bodies/body_plan.hpp"
#include "schema/check/predict/predict.hpp"

namespace understudy::schema {

/// For each recorded statement, what of the bodies that it reaches fails on the candidate and not on the baseline, and
/// names in them that become ambiguous; and what fails that no recorded statement reaches.
std::vector<Prediction> predict_bodies(const BodyPlan& bodies, const Routines& routines, const ServerAnswers& baseline,
                                       const ServerAnswers& candidate, const SchemaFacts& before, const SchemaFacts& after,
                                       BodyCheck& check);

}  // namespace understudy::schema
