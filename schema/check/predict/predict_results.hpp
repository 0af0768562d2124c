#pragma once

#include <set>
#include <utility>

#include "schema/check/description.hpp"
#include "schema/check/predict/predict_parts.hpp"

namespace understudy::schema {

/// One statement's result on both sides; neither refused it.
struct ResultTouch {
    const RecordedStatement& statement;
    const Description& before;
    const Description& after;
    const TypeNames& types_before;
    const TypeNames& types_after;
};

/// What a result of the same shape may still mean: enums with other labels, and statements that were prepared before the
/// migration, whose columns have another type modifier, or another type of the same name (`retyped`: MigrationEffects).
void predict_results(const ResultTouch& touch, const SchemaFacts& before, const SchemaFacts& after,
                     const std::set<std::pair<Bytes, Bytes>>& retyped, const Tell& tell);

}  // namespace understudy::schema
