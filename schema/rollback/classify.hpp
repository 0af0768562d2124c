#pragma once

#include <string>
#include <vector>

#include "schema/rollback/trial.hpp"

namespace understudy::schema {

/// What the way back is worth, from best to worst.
enum class RollbackClass : std::uint8_t {
    reversible,
    lossy,                  ///< the schema comes back, data does not
    declared_irreversible,  ///< its author says so
    undeclared_irreversible,
    migration_fails,  ///< up itself does not run, and leaves nothing, or what it leaves can be undone
    unrecoverable,    ///< some failure leaves a state from which neither up again nor down leads out
};
/// "reversible", "lossy", "declared irreversible", "undeclared irreversible", "migration fails", "unrecoverable partial
/// state".
const char* to_string(RollbackClass value);

struct Classification {
    RollbackClass overall = RollbackClass::reversible;
    /// The same without what failures on the way leave: the migration that goes through, and is taken back.
    RollbackClass way_back = RollbackClass::reversible;
    std::vector<std::string> reasons;  ///< plain sentences, the worst first
};

/// Pure: from what was seen.
Classification classify(const Migration& migration, const MigrationTrials& trials);

/// What a person would have to do in that state, in one sentence or two.
std::string what_to_do(const Migration& migration, const PartialOutcome& partial);

}  // namespace understudy::schema
