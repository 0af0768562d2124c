#pragma once

#include <string>
#include <vector>

#include "schema/rollback/classify.hpp"

namespace understudy::schema {

struct MigrationRollback {
    Migration migration;
    MigrationTrials trials;
    Classification classification;
    std::vector<std::string> notes;  ///< columns that differ from run to run, sequences that do not come back
};

/// What the rehearsal of the way back found.
struct RollbackReport {
    std::string detected;  ///< the layout
    std::vector<MigrationRollback> migrations;
    std::vector<SkippedTrial> not_rehearsed;  ///< migrations that did not come to their turn
    std::vector<std::string> warnings;
    std::string stopped;  ///< why it ended early; empty: it did not
    std::size_t copies = 0;

    [[nodiscard]] std::size_t count(RollbackClass value) const;
    [[nodiscard]] std::size_t trials() const;
    [[nodiscard]] std::size_t skipped() const;
    /// Nothing a person must decide about: every migration is reversible, or declares that it is not.
    [[nodiscard]] bool passed() const;
    /// Every migration was rehearsed.
    [[nodiscard]] bool complete() const { return stopped.empty() && not_rehearsed.empty(); }
};

/// For a terminal: a table of classes, then each migration that needs a look. `all`: the trials of the others, too.
std::string to_text(const RollbackReport& report, bool all = false);
/// One JSON object; its fields are described in docs/migrations.md.
std::string to_json(const RollbackReport& report);

}  // namespace understudy::schema
