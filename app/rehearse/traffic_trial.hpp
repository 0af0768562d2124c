#pragma once

#include <string>

#include "app/rehearse/comparing.hpp"
#include "app/rehearse/rehearse_options.hpp"
#include "schema/lock_watch/observation.hpp"

namespace understudy::app {

/// What happened when the migration ran while recorded traffic played.
struct TrafficTrial {
    schema::lock_watch::MigrationObservation seen;
    MigrationOutcome migrated;
    std::string replay_problem;  ///< empty: it played to its end
    std::string lock_timeout;    ///< that the migration's session had; empty: what the options say
};

/// Plays the first part of the capture at its recorded pace, and runs the migration in the midst of it, watched.
/// `conninfo`: the database; `answers`: a file for the replay's. Errors: those of connections and of the watch;
/// Errc::inconclusive when no traffic came.
Result<TrafficTrial> run_traffic_trial(const RehearseOptions& options, ChosenMigrations chosen, const CaptureSpan& span,
                                       const MigrationJob& run, const std::string& answers,
                                       const std::string& lock_timeout);

}  // namespace understudy::app
