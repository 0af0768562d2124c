#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "app/rehearse/comparing.hpp"
#include "app/rehearse/rehearsal_plan.hpp"
#include "app/rehearse/rehearse_options.hpp"
#include "app/rehearse/stage.hpp"
#include "app/rehearse/traffic_trial.hpp"

namespace understudy::app {

/// The whole evening: plays the capture on the old schema and on the new one, fresh and held, runs the migration under
/// traffic and back, and judges it all.
class Rehearsal {
public:
    /// `folder`: for the answers of the runs. Everything is borrowed.
    Rehearsal(const RehearseOptions& options, const ChosenMigrations& chosen, const CaptureSpan& span, Stage& stage,
              std::string folder, std::function<bool()> stop);

    /// Errors: what makes a verdict impossible (the start state is another one, the target went away, it was stopped);
    /// parts that could not be done are sections of the report.
    Result<compare::Report> run();

private:
    [[nodiscard]] std::string file(const std::string& run) const { return folder_ + "/" + run + ".pgcap"; }
    /// Says what begins, which of how many, and how long the rest may take.
    void step(const std::string& name);
    /// Where the time went.
    [[nodiscard]] std::string times() const;
    /// One replay; who could not log in is kept for the report.
    Result<void> replay(const std::string& conninfo, const std::string& run, std::vector<std::string> more);
    Result<void> play(const std::string& run, std::vector<std::string> more);
    /// Migrates a fresh copy and plays there. The outcome of the migration is in migrated_.
    Result<bool> play_migrated(const std::string& run);
    /// What the migration changed, from the target and a migrated copy of it.
    void note_schema_changes(const std::string& migrated);
    Result<void> play_held(const std::string& run, const std::string& command);
    Result<void> play_answers();
    Result<compare::Report> judge_answers();
    void held(compare::Report& report);
    void under_traffic(compare::Report& report);
    Result<TrafficTrial> traffic_once(const std::string& run, const std::string& lock_timeout, std::size_t moment);
    void way_back(compare::Report& report);
    [[nodiscard]] std::string migrate_command() const;

    const RehearseOptions& options_;
    const ChosenMigrations& chosen_;
    const CaptureSpan& span_;
    Stage& stage_;
    std::string folder_;
    std::function<bool()> stop_;
    RehearsalPlan plan_;
    std::size_t done_ = 0;
    std::vector<std::pair<std::string, Timestamp>> begun_;  // of each step
    Timestamp begin_;
    MigrationOutcome migrated_;
    std::set<std::string> login_failures_;  ///< of all runs
    compare::ReportOptions judged_by_;      ///< with what the migration changed, once that is known
};

}  // namespace understudy::app
