#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "app/service/cron.hpp"

namespace understudy::app::service {

/// A rehearsal that comes round.
struct Schedule {
    std::string rehearsal;
    std::string cron;
    Timestamp handled;  ///< what was due until here has been started, or came before the schedule
    std::string set_by;

    friend bool operator==(const Schedule&, const Schedule&) = default;
};

/// One that is to begin now.
struct DueStart {
    std::string rehearsal;
    Timestamp due;             ///< the earliest time that it was due
    std::uint64_t missed = 0;  ///< further times that it was due since then: they are made up for by this one run
};

/// What begins at `now`: whatever is due and whose target nobody rehearses at, the longest waiting first, one at a
/// target. What is due and finds its target busy stays due. `targets`: of each rehearsal; one that is not listed is
/// left alone. At most kMaxMissed missed times are counted.
inline constexpr std::uint64_t kMaxMissed = 1000;
std::vector<DueStart> due_starts(const std::vector<Schedule>& schedules, Timestamp now, const ZoneOffset& zone,
                                 const std::map<std::string, std::string>& targets, std::set<std::string> busy_targets);

/// schedules.json, as the service keeps it. Errors: Errc::malformed.
Result<std::vector<Schedule>> parse_schedules(const std::string& json);
std::string schedules_json(const std::vector<Schedule>& schedules);

}  // namespace understudy::app::service
