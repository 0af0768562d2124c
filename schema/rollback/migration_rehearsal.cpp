#include "schema/rollback/migration_rehearsal.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace understudy::schema {
namespace {

constexpr std::size_t kDifferenceLines = 12;

std::vector<std::string> moved_sequences(const DataState& before, const DataState& after) {
    std::vector<std::string> moved;
    for (const auto& [name, position] : before.sequences) {
        const auto found = after.sequences.find(name);
        if (found == after.sequences.end() || found->second == position) continue;
        moved.push_back(fmt::format("{}: {} before, {} after", name, position, found->second));
    }
    return moved;
}

bool only_values_differ(const DataState& one, const DataState& other) {
    const std::vector<DataChange> changes = compare_data(one, other);
    return one.tables.size() == other.tables.size() &&
           std::all_of(changes.begin(), changes.end(),
                       [](const DataChange& change) { return change.kind == DataChangeKind::values_changed; });
}

std::string state_key(const DatabaseState& state) { return state.schema.fingerprint + " " + state.data.digest(); }

}  // namespace

bool MigrationRehearsal::is_before(const DatabaseState& now) const {
    return now.schema.fingerprint == before_.schema.fingerprint && now.data.digest() == before_.data.digest();
}

bool MigrationRehearsal::is_after(const DatabaseState& now) const {
    return after_ && now.schema.fingerprint == after_->schema.fingerprint &&
           without(now.data, volatile_).digest() == without(after_->data, volatile_).digest();
}

void MigrationRehearsal::judge_before(const DatabaseState& now, StepOutcome& outcome) const {
    outcome.schema_equal = now.schema.fingerprint == before_.schema.fingerprint;
    outcome.data_equal =
        compare_data(before_.data, now.data).empty() && now.data.tables.size() == before_.data.tables.size();
    if (!outcome.schema_equal) {
        outcome.difference = line_difference(before_.schema.text, now.schema.text, kDifferenceLines);
    }
}

void MigrationRehearsal::judge_after(const DatabaseState& now, StepOutcome& outcome) const {
    if (!after_) return;
    outcome.schema_equal = now.schema.fingerprint == after_->schema.fingerprint;
    outcome.data_equal = without(now.data, volatile_).digest() == without(after_->data, volatile_).digest();
    if (!outcome.schema_equal) {
        outcome.difference = line_difference(after_->schema.text, now.schema.text, kDifferenceLines);
    }
}

Result<StepOutcome> MigrationRehearsal::step(Direction direction, const ScratchCopy& copy, bool to_before) {
    UNDERSTUDY_TRY(TrialBench::Ran ran, bench_.run(direction, migration_, copy));
    if (ran.outcome.ran) {
        UNDERSTUDY_TRY(const DatabaseState now, bench_.state_of(copy, &before_.data));
        if (to_before) {
            judge_before(now, ran.outcome);
        } else {
            judge_after(now, ran.outcome);
        }
    }
    return std::move(ran.outcome);
}

Result<void> MigrationRehearsal::run(MigrationRollback& out) {
    UNDERSTUDY_TRY(before_, bench_.state_of(base_, nullptr));
    UNDERSTUDY_CHECK(round_trip(out));
    if (out.trials.round_trip.up.ran) {
        UNDERSTUDY_CHECK(traffic_trip(out.trials));
    } else {
        out.trials.skipped.push_back({"up → down, up → traffic → down", "the migration itself fails"});
    }
    return partial_trials(out.trials);
}

Result<void> MigrationRehearsal::round_trip(MigrationRollback& out) {
    RoundTrip& trip = out.trials.round_trip;
    bench_.host().progress(migration_.title() + ": up");
    UNDERSTUDY_TRY(OwnedCopy next, bench_.copy_of(&base_));
    UNDERSTUDY_TRY(TrialBench::Ran ran, bench_.run(Direction::up, migration_, next.get()));
    trip.up = std::move(ran.outcome);
    if (!trip.up.ran) return failed_by_itself(next.get(), ran.result, out.trials);
    UNDERSTUDY_TRY(after_, bench_.state_of(next.get(), &before_.data));
    next_.emplace(std::move(next));

    bench_.host().progress(migration_.title() + ": up → down → up");
    UNDERSTUDY_TRY(const OwnedCopy copy, bench_.copy_of(&base_));
    UNDERSTUDY_TRY(const TrialBench::Ran second, bench_.run(Direction::up, migration_, copy.get()));
    if (!second.outcome.ran) {
        return make_error(Errc::inconclusive,
                          fmt::format("{} runs once and fails the second time from the same state: {}",
                                      migration_.title(), second.outcome.failure));
    }
    UNDERSTUDY_TRY(const DatabaseState once_more, bench_.state_of(copy.get(), &before_.data));
    volatile_ = volatile_columns(after_->data, once_more.data);
    for (const auto& [table, column] : volatile_) {
        out.notes.push_back(fmt::format(
            "{}.{} is filled differently each time (a clock, chance): it is not compared after up", table, column));
    }
    if (migration_.verify) {
        UNDERSTUDY_TRY(trip.verify, bench_.verify(migration_, copy.get()));
    }
    if (!has_down()) {
        out.trials.skipped.push_back({"up → down", "there is no way back to run"});
        return {};
    }
    return way_down(copy.get(), out);
}

/// What up leaves when it fails without anybody's help.
Result<void> MigrationRehearsal::failed_by_itself(const ScratchCopy& copy, const RunResult& result,
                                                  MigrationTrials& trials) {
    PartialOutcome partial;
    partial.by_itself = true;
    if (bench_.host().has_command(Direction::up)) partial.place = "by itself";
    partial.failure = trials.round_trip.up.failure;
    if (const StatementResult* failure = result.failure()) {
        partial.statement = failure->index;
        partial.line = failure->line;
    }
    reached_ = partial.statement;
    UNDERSTUDY_TRY(const bool same, judge_partial(copy, std::move(partial), trials));
    static_cast<void>(same);
    return {};
}

Result<void> MigrationRehearsal::way_down(const ScratchCopy& copy, MigrationRollback& out) {
    RoundTrip& trip = out.trials.round_trip;
    UNDERSTUDY_TRY(TrialBench::Ran ran, bench_.run(Direction::down, migration_, copy));
    trip.down = std::move(ran.outcome);
    if (!trip.down->ran) return {};
    UNDERSTUDY_TRY(const DatabaseState now, bench_.state_of(copy, &before_.data));
    judge_before(now, *trip.down);
    trip.rearranged = !trip.down->schema_equal && only_rearranged(before_.schema.text, now.schema.text);
    UNDERSTUDY_TRY(trip.changes, count_rows(base_.conninfo, copy.conninfo, before_.data, now.data,
                                            compare_data(before_.data, now.data), bench_.settings().data));
    trip.moved_sequences = moved_sequences(before_.data, now.data);
    came_back_ = now;
    for (const std::string& sequence : trip.moved_sequences) {
        out.notes.push_back("a sequence does not come back: " + sequence);
    }
    return up_again(copy, trip);
}

Result<void> MigrationRehearsal::up_again(const ScratchCopy& copy, RoundTrip& trip) {
    UNDERSTUDY_TRY(trip.up_again, step(Direction::up, copy, false));
    if (trip.up_again->ran && !trip.up_again->data_equal && !trip.moved_sequences.empty()) {
        UNDERSTUDY_TRY(const DatabaseState now, bench_.state_of(copy, &before_.data));
        trip.up_again->data_equal = only_values_differ(after_->data, now.data);  // numbers that a sequence gave anew
    }
    // What down lost, up cannot bring back: that is told of down.
    if (!trip.down->data_equal) trip.up_again->data_equal = true;
    if (!trip.down->schema_equal) trip.up_again->schema_equal = true;
    return {};
}

Result<void> MigrationRehearsal::traffic_trip(MigrationTrials& trials) {
    if (!bench_.host().has_traffic()) {
        trials.skipped.push_back({"up → traffic → down", "no recorded traffic was given"});
        return {};
    }
    bench_.host().progress(migration_.title() + ": up → traffic → down");
    UNDERSTUDY_TRY(const OwnedCopy copy, bench_.copy_of(&next_->get()));
    TrafficTrip trip;
    UNDERSTUDY_TRY(trip.traffic, bench_.host().replay(copy.get()));
    if (has_down()) {
        UNDERSTUDY_TRY(const DatabaseState used, bench_.state_of(copy.get(), &before_.data));
        UNDERSTUDY_TRY(trip.down, step(Direction::down, copy.get(), true));
        if (trip.down->ran) {
            UNDERSTUDY_TRY(const DatabaseState now, bench_.state_of(copy.get(), &before_.data));
            trip.changes = compare_data(restricted(used.data, before_.data), restricted(now.data, before_.data));
        }
    }
    trials.traffic = std::move(trip);
    return {};
}

Result<void> MigrationRehearsal::partial_trials(MigrationTrials& trials) {
    if (bench_.host().has_command(Direction::up)) return command_trials(trials);
    Migration as_run = migration_;
    as_run.up_mode = bench_.mode_of(migration_, Direction::up);
    TrialPlan plan = plan_trials(as_run, bench_.settings().trials, bench_.host().can_crash());
    trials.skipped.insert(trials.skipped.end(), plan.skipped.begin(), plan.skipped.end());
    for (const PartialTrial& trial : plan.partial) {
        if (bench_.host().stop_requested()) return make_error(Errc::inconclusive, "stopped as asked");
        if (reached_ && trial.statement >= *reached_) continue;  // up fails there by itself
        UNDERSTUDY_CHECK(try_partial(trial, trials));
    }
    return {};
}

Result<void> MigrationRehearsal::try_partial(const PartialTrial& trial, MigrationTrials& trials) {
    PartialOutcome partial;
    partial.interruption = trial.interruption;
    partial.statement = trial.statement;
    const ScriptStatement& statement = migration_.up.statements[trial.statement];
    partial.line = statement.line;
    bench_.host().progress(migration_.title() + ": " + partial.where());

    std::optional<OwnedCopy> copy = std::exchange(spare_, std::nullopt);
    if (!copy) {
        UNDERSTUDY_TRY(OwnedCopy fresh, bench_.copy_of(&base_));
        copy.emplace(std::move(fresh));
    }
    RunControl control;
    if (trial.interruption) {
        control.interruption = trial.interruption;
        control.during = trial.statement;
        control.blocker = blocker_for(statement);
        control.crash = [this] { return bench_.host().crash_server(); };
    } else {
        control.stop_after = trial.statement + 1;
    }
    UNDERSTUDY_TRY(const TrialBench::Ran ran, bench_.run(Direction::up, migration_, copy->get(), control));
    const bool came_so_far = trial.interruption ? ran.result.interrupted : ran.result.end == SessionEnd::dropped;
    if (!came_so_far) {
        const std::string why = ran.result.not_interrupted.empty() ? ran.outcome.failure : ran.result.not_interrupted;
        trials.skipped.push_back({"up fails " + partial.where(), why});
        return {};
    }
    partial.failure = ran.outcome.failure;
    UNDERSTUDY_TRY(const bool untouched, judge_partial(copy->get(), std::move(partial), trials));
    if (untouched) spare_ = std::move(copy);
    return {};
}

Result<bool> MigrationRehearsal::judge_partial(const ScratchCopy& copy, PartialOutcome partial,
                                               MigrationTrials& trials) {
    UNDERSTUDY_TRY(const DatabaseState now, bench_.state_of(copy, &before_.data));
    const bool before = is_before(now);
    partial.left = before ? Left::nothing : is_after(now) ? Left::all : Left::partial;
    if (partial.left == Left::partial) {
        partial.data_changed =
            restricted(now.data, before_.data).digest() != restricted(before_.data, now.data).digest();
        partial.remains = line_difference(before_.schema.text, now.schema.text, kDifferenceLines);
        const auto known = ways_known_.find(state_key(now));
        if (known != ways_known_.end()) {
            partial.up_again = known->second.up_again;
            partial.down = known->second.down;
            partial.traffic = known->second.traffic;
        } else {
            UNDERSTUDY_CHECK(ways_out(copy, partial));
            ways_known_.emplace(state_key(now), partial);
        }
    }
    trials.partial.push_back(std::move(partial));
    return before && now.data.sequences == before_.data.sequences;
}

/// Each way from a copy of its own of the half-way state.
Result<void> MigrationRehearsal::ways_out(const ScratchCopy& copy, PartialOutcome& partial) {
    if (has_down()) {
        UNDERSTUDY_TRY(const OwnedCopy down, bench_.copy_of(&copy));
        UNDERSTUDY_TRY(partial.down, step(Direction::down, down.get(), true));
        // Where the way back always leads is as good as it gets; what that loses is told of the whole trip.
        if (came_back_ && partial.down->ran && !partial.down->restored()) {
            UNDERSTUDY_TRY(const DatabaseState now, bench_.state_of(down.get(), &before_.data));
            const bool same = now.schema.fingerprint == came_back_->schema.fingerprint &&
                              now.data.digest() == came_back_->data.digest();
            partial.down->schema_equal = partial.down->schema_equal || same;
            partial.down->data_equal = partial.down->data_equal || same;
        }
    }
    if (bench_.host().has_traffic()) {
        UNDERSTUDY_TRY(const OwnedCopy used, bench_.copy_of(&copy));
        UNDERSTUDY_TRY(partial.traffic, bench_.host().replay(used.get()));
    }
    UNDERSTUDY_TRY(partial.up_again, step(Direction::up, copy, false));
    return {};
}

}  // namespace understudy::schema
