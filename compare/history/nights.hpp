#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "compare/history/run_record.hpp"

namespace understudy::compare {

/// What became of a finding since an earlier run.
enum class NightState : std::uint8_t {
    fresh,       ///< "new": it was not there
    flapping,    ///< it came and went at least kFlapTurns times in the last kFlapNights runs
    persisting,  ///< it was there as well
    gone,        ///< it is no more, and its statement was asked
    unknown,     ///< it was there, and tonight cannot say: its statement was not asked, or the run is inconclusive
};
inline constexpr std::size_t kNightStates = 5;
std::string_view to_string(NightState state);

inline constexpr std::size_t kFlapNights = 10;
inline constexpr std::size_t kFlapTurns = 3;

struct NightChange {
    NightState state = NightState::fresh;
    RunFinding finding;          ///< tonight's, else the last one
    std::string since;           ///< id of the first run of those that have it without a gap, as far back as was looked
    std::uint64_t seen_in = 0;   ///< runs of those looked at that have it, tonight included
    std::uint64_t looked_at = 0; ///< runs that could say, tonight included
    std::uint64_t count_before = 0;  ///< its count in the run compared with; 0: it was not there
    bool there_tonight = false;
};

/// Two runs of a job, the later one with what earlier ones say of it.
struct NightsComparison {
    RunSummary tonight;
    RunSummary before;               ///< empty id: there is none to compare with
    std::vector<NightChange> changes;  ///< in the order of the states, worst first within each
    std::uint64_t passed_over = 0;   ///< inconclusive runs between the two
    [[nodiscard]] std::size_t count(NightState state) const;
};

/// Tonight against the last run before it that has a verdict. `earlier` are runs of the same job before it, newest first;
/// the first kFlapNights of them are looked at.
///
/// What an inconclusive run lacks, or one in which a statement was not asked, is no evidence that a finding is gone; what it
/// has, it has.
NightsComparison against_earlier(const ObservedRun& tonight, const std::vector<ObservedRun>& earlier);
/// Any two runs: nothing flaps.
NightsComparison against_run(const ObservedRun& later, const ObservedRun& before);

}  // namespace understudy::compare
