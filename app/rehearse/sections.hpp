#pragma once

#include <string>
#include <vector>

#include "app/rehearse/comparing.hpp"
#include "app/rehearse/traffic_trial.hpp"
#include "compare/report/section.hpp"
#include "schema/hazard/hazard.hpp"
#include "schema/rollback/rollback_report.hpp"

namespace understudy::app {

// What the parts of a rehearsal mean, for its report. Pure.

/// The migration by itself, with nobody else in the database.
compare::Section migration_section(const MigrationOutcome& outcome);
/// What the migration's text says: fails where something breaks. How long others wait is what traffic_section() measures.
compare::Section hazard_section(const std::vector<schema::hazard::HazardReport>& reports);
/// Whether staging answers the recorded traffic as production did, before anything is changed. Of a recording that
/// holds no results only the errors are compared.
compare::Section staging_section(const compare::Report& recorded_against_baseline);
/// Who was held over the migration, by the counters of that replay: with nobody there it says nothing.
compare::Section held_section(const std::map<std::string, std::uint64_t>& counters);
/// The migration while traffic plays: fails when a user's query waited longer than `max_stall` behind it, or one of
/// them was ended by a deadlock. `gentle`: the same with a lock_timeout, where that was tried.
compare::Section traffic_section(const TrafficTrial& trial, const TrafficTrial* gentle, Duration max_stall);
/// One line for each moment at which it met traffic, the worst of which traffic_section() tells in full; and why others
/// could not be rehearsed.
void add_moments(const std::vector<TrafficTrial>& trials, const std::vector<std::string>& problems,
                 compare::Section& section);
/// The way back: fails when a migration cannot be taken back and does not say so, or loses data.
compare::Section rollback_section(const schema::RollbackReport& report);
/// A part that was left out, or could not be done.
compare::Section skipped_section(const std::string& id, const std::string& title, const std::string& why);
compare::Section broken_section(const std::string& id, const std::string& title, const Error& error);

}  // namespace understudy::app
