#pragma once

#include <string>
#include <vector>

#include "schema/rollback/trial.hpp"

namespace understudy::schema {

/// After how many statements something is committed when the script runs so, the whole script left out: where a session
/// that dies leaves a part. BEGIN, COMMIT and their like in the script count.
std::vector<std::size_t> commit_points(const Script& script, RunMode mode);

/// A place at which up is to fail.
struct PartialTrial {
    std::optional<Interruption> interruption;
    std::size_t statement = 0;  ///< as in PartialOutcome
};

struct TrialLimits {
    std::size_t partial_trials = 200;  ///< of one migration; what is beyond is listed as skipped
    std::size_t command_places = 12;   ///< at which a team's own command is stopped, each in two ways
    std::vector<Interruption> kinds = {Interruption::cancel, Interruption::lock_timeout, Interruption::drop,
                                       Interruption::terminate, Interruption::crash};
};

/// Every boundary at which a session can die with something committed; and inside every statement every kind of
/// failure. Where all of the script is one transaction, the kinds cannot differ before its last statement: there,
/// cancelling stands for them.
struct TrialPlan {
    std::vector<PartialTrial> partial;
    std::vector<SkippedTrial> skipped;
};
TrialPlan plan_trials(const Migration& migration, const TrialLimits& limits, bool can_crash);

/// At most `limit` of `count` places, evenly spread, the first and the last among them.
std::vector<std::size_t> spread(std::size_t count, std::size_t limit);

/// SQL for another session, in its transaction, that holds the statement still: locks on the tables that it names
/// (their rows only, where it is CONCURRENTLY, so that it stops in its middle), and on the catalogues that DDL writes.
/// Does its best; raises an error when nothing could be locked.
std::string blocker_for(const ScriptStatement& statement);

/// What in the script reaches outside a database's copy, by the names of sql::traits().outside_effects.
std::vector<std::string> outside_copy(const Script& script);

}  // namespace understudy::schema
