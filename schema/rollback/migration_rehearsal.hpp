#pragma once

#include <map>
#include <optional>
#include <string>

#include "schema/rollback/trial_bench.hpp"

namespace understudy::schema {

/// All trials of one migration, from copies of `base`, the database before it. A shell: what to try is plan_trials()'s,
/// what it means classify()'s.
class MigrationRehearsal {
public:
    MigrationRehearsal(TrialBench& bench, const Migration& migration, const ScratchCopy& base)
        : bench_(bench), migration_(migration), base_(base) {}

    /// Fills `out`, as far as it came when it fails.
    Result<void> run(MigrationRollback& out);
    /// The database after the migration, for the next one; nothing when it fails.
    std::optional<OwnedCopy> take_next() { return std::move(next_); }

private:
    Result<void> round_trip(MigrationRollback& out);
    Result<void> way_down(const ScratchCopy& copy, MigrationRollback& out);
    Result<void> up_again(const ScratchCopy& copy, RoundTrip& trip);
    Result<void> traffic_trip(MigrationTrials& trials);
    Result<void> partial_trials(MigrationTrials& trials);
    Result<void> try_partial(const PartialTrial& trial, MigrationTrials& trials);
    /// Those of a team's own command: stopped where the host can stop it.
    Result<void> command_trials(MigrationTrials& trials);
    Result<void> try_command(const CommandPlace& place, Interruption kind, MigrationTrials& trials);
    Result<void> failed_by_itself(const ScratchCopy& copy, const RunResult& result, MigrationTrials& trials);
    /// Says what is left in the copy and which way leads out; true when the copy is as it was before the migration.
    Result<bool> judge_partial(const ScratchCopy& copy, PartialOutcome partial, MigrationTrials& trials);
    Result<void> ways_out(const ScratchCopy& copy, PartialOutcome& partial);
    [[nodiscard]] bool has_down() const { return migration_.down || bench_.host().has_command(Direction::down); }

    /// Whether the state is the one before the migration; fills the step's answer.
    void judge_before(const DatabaseState& now, StepOutcome& outcome) const;
    void judge_after(const DatabaseState& now, StepOutcome& outcome) const;
    [[nodiscard]] bool is_before(const DatabaseState& now) const;
    [[nodiscard]] bool is_after(const DatabaseState& now) const;
    Result<StepOutcome> step(Direction direction, const ScratchCopy& copy, bool to_before);

    TrialBench& bench_;
    const Migration& migration_;
    const ScratchCopy& base_;
    DatabaseState before_;
    std::optional<DatabaseState> after_;
    std::optional<DatabaseState> came_back_;  // where up and down lead
    std::optional<std::size_t> reached_;      // the statement at which up fails by itself
    ColumnNames volatile_;                    // columns that up fills differently each time
    std::optional<OwnedCopy> next_;
    std::optional<OwnedCopy> spare_;                    // a copy that is as before_ is
    std::map<std::string, PartialOutcome> ways_known_;  // by the partial state
};

}  // namespace understudy::schema
