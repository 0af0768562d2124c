#include "schema/rollback/trial_bench.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace understudy::schema {

ColumnNames volatile_columns(const DataState& one, const DataState& other) {
    ColumnNames names;
    for (const auto& [name, table] : one.tables) {
        const auto found = other.tables.find(name);
        if (found == other.tables.end()) continue;
        for (const ColumnDigest& column : table.columns) {
            const auto same = [&](const ColumnDigest& candidate) { return candidate.name == column.name; };
            const auto now = std::find_if(found->second.columns.begin(), found->second.columns.end(), same);
            if (now != found->second.columns.end() && now->digest != column.digest) names.emplace(name, column.name);
        }
    }
    return names;
}

DataState without(DataState data, const ColumnNames& columns) {
    for (auto& [name, table] : data.tables) {
        const std::string& of = name;
        const auto removed = std::erase_if(table.columns, [&](const ColumnDigest& column) {
            return columns.contains({of, column.name});
        });
        if (removed > 0) table.rows_digest.clear();
    }
    return data;
}

DataState restricted(DataState data, const DataState& kept) {
    std::erase_if(data.tables, [&](const auto& entry) { return !kept.tables.contains(entry.first); });
    for (auto& [name, table] : data.tables) {
        const TableData& other = kept.tables.at(name);
        std::erase_if(table.columns, [&](const ColumnDigest& column) {
            return std::none_of(other.columns.begin(), other.columns.end(),
                                [&](const ColumnDigest& one) { return one.name == column.name; });
        });
        table.rows_digest.clear();
    }
    return data;
}

OwnedCopy& OwnedCopy::operator=(OwnedCopy&& other) noexcept {
    if (this != &other) {
        drop();
        host_ = std::exchange(other.host_, nullptr);
        report_ = other.report_;
        copy_ = std::move(other.copy_);
    }
    return *this;
}

void OwnedCopy::drop() {
    if (host_ == nullptr) return;
    if (const auto dropped = host_->drop_copy(copy_); !dropped) {
        report_->warnings.push_back(
            fmt::format("the scratch copy {} is still there: {}", copy_.name, dropped.error().message));
    }
    host_ = nullptr;
}

Result<OwnedCopy> TrialBench::copy_of(const ScratchCopy* of) {
    UNDERSTUDY_TRY(ScratchCopy copy, host_.make_copy(of));
    ++report_.copies;
    return OwnedCopy(host_, report_, std::move(copy));
}

Result<DatabaseState> TrialBench::state_of(const ScratchCopy& copy, const DataState* like) {
    DatabaseState state;
    UNDERSTUDY_TRY(state.schema, host_.schema_state(copy));
    UNDERSTUDY_TRY(state.data, read_data_state(copy.conninfo, settings_.data, like));
    return state;
}

RunMode TrialBench::mode_of(const Migration& migration, Direction direction) const {
    if (settings_.mode) return *settings_.mode;
    return direction == Direction::up ? migration.up_mode : migration.down_mode;
}

Result<TrialBench::Ran> TrialBench::run_script_on_copy(const Script& script, RunMode mode, const ScratchCopy& copy,
                                                       const RunControl& control) {
    UNDERSTUDY_TRY(const auto info, net::parse_conninfo(copy.conninfo));
    RunnerSettings runner = settings_.runner;
    runner.permission = RunPermission::own_scratch;
    Ran ran;
    UNDERSTUDY_TRY(ran.result, run_script(info, script, mode, runner, control));
    ran.outcome.ran = ran.result.succeeded(script.statements.size());
    ran.outcome.failure = ran.outcome.ran ? std::string() : ran.result.failure_text();
    if (const StatementResult* failure = ran.result.failure()) {
        ran.outcome.line = failure->line;
        ran.outcome.sqlstate = std::string(failure->sqlstate());
    }
    return ran;
}

Result<TrialBench::Ran> TrialBench::run(Direction direction, const Migration& migration, const ScratchCopy& copy,
                                        const RunControl& control) {
    if (host_.has_command(direction)) {
        UNDERSTUDY_TRY(const CommandOutcome ended, host_.run_command(direction, copy));
        Ran ran;
        ran.outcome.ran = ended.succeeded;
        ran.outcome.failure = ended.succeeded ? std::string() : ended.message;
        return ran;
    }
    const bool up = direction == Direction::up;
    if (!up && !migration.down) return make_error(Errc::usage, migration.title() + " has no way back");
    return run_script_on_copy(up ? migration.up : *migration.down, mode_of(migration, direction), copy, control);
}

Result<StepOutcome> TrialBench::verify(const Migration& migration, const ScratchCopy& copy) {
    UNDERSTUDY_TRY(Ran ran, run_script_on_copy(*migration.verify, RunMode::statements, copy, {}));
    return std::move(ran.outcome);
}

Result<TrafficOutcome> RollbackHost::replay(const ScratchCopy&) {
    return make_error(Errc::usage, "no recorded traffic is there to replay");
}

Result<void> RollbackHost::crash_server() { return make_error(Errc::usage, "no server is there that may be crashed"); }

Result<CommandOutcome> RollbackHost::run_command(Direction, const ScratchCopy&) {
    return make_error(Errc::usage, "no command was given");
}

Result<CommandPlaces> RollbackHost::command_places(const ScratchCopy&) {
    return make_error(Errc::usage, "no command was given");
}

Result<CommandOutcome> RollbackHost::cut_command(const ScratchCopy&, const CommandPlace&, Interruption) {
    return make_error(Errc::usage, "no command was given");
}

}  // namespace understudy::schema
