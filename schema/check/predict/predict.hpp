#pragma once

#include <vector>

#include "schema/check/accesses.hpp"
#include "schema/check/check_plan.hpp"
#include "schema/check/describe_run.hpp"
#include "schema/check/difference.hpp"
#include "schema/check/predict/schema_facts.hpp"

namespace understudy::schema {

/// How sure a prediction is.
enum class Certainty : std::uint8_t {
    likely,    ///< it follows from the change and what was recorded: a finding
    possible,  ///< it depends on data or on values that are not known: for information
};

inline constexpr std::size_t kNoItem = static_cast<std::size_t>(-1);

/// An effect that neither Parse nor planning shows: from what changed in the schema and what the statement touches.
struct Prediction {
    std::size_t item = 0;  ///< of the plan; kNoItem: of all sessions, or of `statement`
    Certainty certainty = Certainty::possible;
    Severity severity = Severity::risky;
    Bytes kind;      ///< a stable word: "not_null", "default_changed"
    Bytes sqlstate;  ///< the error that is to be expected; empty: another answer
    Bytes object;    ///< "public.orders.status"
    Bytes reason;    ///< one sentence
    std::size_t statement = kNoItem;  ///< the recorded statement that it is of, where that is no item of the plan
    friend bool operator==(const Prediction&, const Prediction&) = default;
};
/// One statement of a migration that was run.
struct MigrationStatement {
    Bytes sql;
    Bytes place;  ///< "V2__add.sql:14"
};

/// Predictions for the items that both servers took, in the order of the items. `accesses`: relevant_accesses(). `migration`:
/// what was run, where that is known.
std::vector<Prediction> predict(const RecordedStatements& recorded, const CheckPlan& plan,
                                const std::vector<std::optional<Accesses>>& accesses,
                                const ServerAnswers& baseline, const ServerAnswers& candidate,
                                const SchemaFacts& before, const SchemaFacts& after,
                                const std::vector<MigrationStatement>& migration = {});

}  // namespace understudy::schema
