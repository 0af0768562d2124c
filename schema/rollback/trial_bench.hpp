#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "schema/rollback/rehearse_rollback.hpp"

namespace understudy::schema {

/// Schema and data together.
struct DatabaseState {
    SchemaState schema;
    DataState data;
};

using ColumnNames = std::set<std::pair<std::string, std::string>>;  ///< (table, column)

/// The columns whose values differ between two runs of the same migration: now(), random(). Pure.
ColumnNames volatile_columns(const DataState& one, const DataState& other);
/// The data without these columns.
DataState without(DataState data, const ColumnNames& columns);
/// The data of those tables and columns that `kept` has, too.
DataState restricted(DataState data, const DataState& kept);

/// Owns a copy: dropped at the end of its scope, a failure to do so told in the report.
class OwnedCopy {
public:
    OwnedCopy(RollbackHost& host, RollbackReport& report, ScratchCopy copy)
        : host_(&host), report_(&report), copy_(std::move(copy)) {}
    OwnedCopy(OwnedCopy&& other) noexcept
        : host_(std::exchange(other.host_, nullptr)), report_(other.report_), copy_(std::move(other.copy_)) {}
    OwnedCopy& operator=(OwnedCopy&& other) noexcept;
    ~OwnedCopy() { drop(); }

    [[nodiscard]] const ScratchCopy& get() const { return copy_; }

private:
    void drop();
    RollbackHost* host_;
    RollbackReport* report_;
    ScratchCopy copy_;
};

/// What the trials of all migrations share: copies, states, running a direction.
class TrialBench {
public:
    TrialBench(const RollbackSettings& settings, RollbackHost& host, RollbackReport& report)
        : settings_(settings), host_(host), report_(report) {}

    Result<OwnedCopy> copy_of(const ScratchCopy* of);
    Result<DatabaseState> state_of(const ScratchCopy& copy, const DataState* like);

    struct Ran {
        StepOutcome outcome;
        RunResult result;  ///< empty where the team's own command ran
    };
    /// Runs a direction; `outcome` says how it went, its states are still to be judged.
    Result<Ran> run(Direction direction, const Migration& migration, const ScratchCopy& copy,
                    const RunControl& control = {});
    Result<StepOutcome> verify(const Migration& migration, const ScratchCopy& copy);

    [[nodiscard]] RunMode mode_of(const Migration& migration, Direction direction) const;
    [[nodiscard]] const RollbackSettings& settings() const { return settings_; }
    [[nodiscard]] RollbackHost& host() const { return host_; }

private:
    Result<Ran> run_script_on_copy(const Script& script, RunMode mode, const ScratchCopy& copy,
                                   const RunControl& control);

    const RollbackSettings& settings_;
    RollbackHost& host_;
    RollbackReport& report_;
};

}  // namespace understudy::schema
