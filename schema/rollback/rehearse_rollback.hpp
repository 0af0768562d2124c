#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "schema/migration/migration.hpp"
#include "schema/migration/runner.hpp"
#include "schema/rollback/data_state.hpp"
#include "schema/rollback/plan_trials.hpp"
#include "schema/rollback/rollback_report.hpp"

namespace understudy::schema {

/// A database of our own making, for one trial.
struct ScratchCopy {
    std::string name;
    std::string conninfo;  ///< as libpq takes it
};

enum class Direction : std::uint8_t { up, down };

/// How the team's own command ended.
struct CommandOutcome {
    bool succeeded = false;
    bool cut = false;     ///< it was stopped where it should be
    std::string message;  ///< one line for people when it did not
};

/// A moment in the run of a team's own command at which it can be stopped.
struct CommandPlace {
    std::string text;         ///< "before its DDL statement 3 (alter table …)", "while it runs: update …"
    bool held = false;        ///< it is held before a statement of DDL: exact; else it was seen in its midst
    std::size_t ordinal = 1;  ///< of its DDL statements, from 1; else: of those that were seen with this key
    std::string key;          ///< the statement as the server has it, where it is not held
};
struct CommandPlaces {
    std::vector<CommandPlace> places;
    std::vector<std::string> not_cut;  ///< in plain sentences: where it cannot be stopped, and why
};

/// What the rehearsal cannot do itself; given by the application or a test. All calls come from the thread of
/// rehearse_rollback(), one at a time.
class RollbackHost {
public:
    virtual ~RollbackHost() = default;

    /// A copy of `of`, to which nobody is connected; nullptr: of the database as it is before the first migration.
    virtual Result<ScratchCopy> make_copy(const ScratchCopy* of) = 0;
    virtual Result<void> drop_copy(const ScratchCopy& copy) = 0;
    virtual Result<SchemaState> schema_state(const ScratchCopy& copy) = 0;

    /// Recorded traffic; where there is none, what needs it is listed as skipped.
    [[nodiscard]] virtual bool has_traffic() const { return false; }
    virtual Result<TrafficOutcome> replay(const ScratchCopy& copy);
    /// Kills the server and waits until it has recovered.
    [[nodiscard]] virtual bool can_crash() const { return false; }
    virtual Result<void> crash_server();
    /// The team's own command, in place of the runner: --migrate-command, --rollback-command.
    [[nodiscard]] virtual bool has_command(Direction) const { return false; }
    virtual Result<CommandOutcome> run_command(Direction direction, const ScratchCopy& copy);
    /// Runs the command for up, watched: where it can be stopped.
    virtual Result<CommandPlaces> command_places(const ScratchCopy& copy);
    /// Runs it and stops it there: its backend is terminated (Interruption::terminate), or the command is killed
    /// (Interruption::drop) while its backend goes on until it notices. Nobody is connected to the copy afterwards.
    virtual Result<CommandOutcome> cut_command(const ScratchCopy& copy, const CommandPlace& place, Interruption kind);

    /// Whether to end early; asked between trials.
    [[nodiscard]] virtual bool stop_requested() const { return false; }
    /// What is being done now.
    virtual void progress(const std::string&) {}
};

struct RollbackSettings {
    RunnerSettings runner;        ///< its permission is own_scratch here, whatever it says
    std::optional<RunMode> mode;  ///< in place of the layout's
    TrialLimits trials;
    DataReadLimits data;
    /// Names of effects outside the database (sql::traits().outside_effects) that may happen; migrations with others
    /// are not rehearsed.
    std::set<std::string> allowed_outside;
};

/// Rehearses the way back of the migrations `pending` (indexes into the set), one after another, each from the state
/// that those before it leave: up → down → up; up → traffic → down; the session dies at each boundary; failures inside
/// each statement. Always gives a report; what the host could not do ends it early and is told in it.
RollbackReport rehearse_rollback(const MigrationSet& set, const std::vector<std::size_t>& pending,
                                 const RollbackSettings& settings, RollbackHost& host);

/// The same for a team's own command, both of whose directions the host runs. `name`: what reports call it.
RollbackReport rehearse_command_rollback(const std::string& name, const RollbackSettings& settings, RollbackHost& host);

/// How often rehearse_rollback() will call RollbackHost::progress(), if all goes as planned. Pure.
std::size_t planned_trials(const MigrationSet& set, const std::vector<std::size_t>& pending,
                           const RollbackSettings& settings, bool can_crash);

}  // namespace understudy::schema
