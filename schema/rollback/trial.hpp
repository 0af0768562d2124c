#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schema/migration/migration.hpp"
#include "schema/migration/runner.hpp"
#include "schema/rollback/state.hpp"

namespace understudy::schema {

/// How one direction went.
struct StepOutcome {
    bool ran = false;      ///< to its end, without an error
    std::string failure;   ///< one line; empty when it ran
    std::size_t line = 0;  ///< of the script, where it failed
    std::string sqlstate;
    bool schema_equal = false;  ///< afterwards, to the state that it should lead to
    bool data_equal = false;
    std::vector<std::string> difference;  ///< of the schemas, as lines
    [[nodiscard]] bool restored() const { return ran && schema_equal && data_equal; }
};

/// What recorded traffic met.
struct TrafficOutcome {
    bool served = false;
    std::uint64_t executed = 0;
    std::uint64_t failed = 0;
    std::string first_failure;
};

/// up → down → up.
struct RoundTrip {
    StepOutcome up;
    std::optional<StepOutcome> verify;
    std::optional<StepOutcome> down;  ///< nothing: no way back is there, or up failed
    bool rearranged = false;          ///< after down, the schema has the same things in another order
    std::vector<DataChange> changes;  ///< of the data, from before up to after down
    std::vector<std::string> moved_sequences;
    std::optional<StepOutcome> up_again;
};

/// up → traffic → down.
struct TrafficTrip {
    TrafficOutcome traffic;
    std::optional<StepOutcome> down;  ///< data_equal has no meaning here
    /// What was there before the migration, and is not as the traffic left it.
    std::vector<DataChange> changes;
};

enum class Left : std::uint8_t {
    nothing,  ///< the state before up: all was rolled back
    partial,  ///< neither
    all,      ///< the state after up: it had gone through
};
const char* to_string(Left left);

/// The session died after a statement, or something happened inside one; what came of it.
struct PartialOutcome {
    std::optional<Interruption> interruption;  ///< nothing: the session died between two statements, or
    bool by_itself = false;                    ///< the statement failed without anybody's help
    std::size_t statement = 0;                 ///< index of the last that was done, or of the one it happened in
    std::size_t line = 0;
    /// Of a team's own command, of whose script nothing is known: where it was stopped. Then the two above mean
    /// nothing.
    std::string place;
    std::string failure;  ///< what the runner saw
    Left left = Left::nothing;
    bool data_changed = false;            ///< what is left concerns data, too
    std::vector<std::string> remains;     ///< the schema before against what is left, as lines
    std::optional<StepOutcome> up_again;  ///< only where something is left; should lead to the state after up
    std::optional<StepOutcome> down;      ///< should lead to the state before
    std::optional<TrafficOutcome> traffic;

    [[nodiscard]] bool recoverable() const {
        return left != Left::partial || (up_again && up_again->restored()) || (down && down->restored());
    }
    /// "after statement 2 (line 5)", "inside statement 3 (line 7), cancelled".
    [[nodiscard]] std::string where() const;
};

struct SkippedTrial {
    std::string what;
    std::string why;
};

/// All that was seen of one migration.
struct MigrationTrials {
    RoundTrip round_trip;
    std::optional<TrafficTrip> traffic;
    std::vector<PartialOutcome> partial;
    std::vector<SkippedTrial> skipped;
};

}  // namespace understudy::schema
