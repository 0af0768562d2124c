#pragma once

#include <string>
#include <vector>

#include "app/rehearse/comparing.hpp"
#include "app/rehearse/rehearse_options.hpp"
#include "schema/lock_watch/observation.hpp"

namespace understudy::app {

/// What happened when the migration ran while recorded traffic played.
struct TrafficTrial {
    schema::lock_watch::MigrationObservation seen;
    MigrationOutcome migrated;
    std::string replay_problem;  ///< empty: it played to its end
    Duration begun_after;        ///< of traffic, as it took
    std::string blind;           ///< what the target's role may not see, and what would show it; empty: it sees all
    std::string lock_timeout;    ///< that the migration's session had; empty: what the options say
};

/// The index of the worst: one that failed, else one with deadlocks, else the one with the longest wait. Not of none.
std::size_t worst_of(const std::vector<TrafficTrial>& trials);

/// When the migration begins, of `moments` that are spread over what is played. Of one: after a third, at most 10 s.
Duration lead_in(const CaptureSpan& span, Duration window, const std::string& speed, std::size_t moment,
                 std::size_t moments);

/// Plays the first part of the capture at its recorded pace, and runs the migration in the midst of it, watched.
/// `conninfo`: the database; `answers`: a file for the replay's. Errors: those of connections and of the watch;
/// Errc::inconclusive when no traffic came.
Result<TrafficTrial> run_traffic_trial(const RehearseOptions& options, ChosenMigrations chosen, const CaptureSpan& span,
                                       const MigrationJob& run, const std::string& answers,
                                       const std::string& lock_timeout, std::size_t moment = 0);

}  // namespace understudy::app
