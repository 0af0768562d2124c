#pragma once

#include <set>
#include <vector>

#include "compare/analysis/activity.hpp"
#include "compare/analysis/coverage.hpp"
#include "compare/analysis/tally.hpp"

namespace understudy::compare {

/// What was seen in the exchanges that were compared, before any of it is judged. Sums: those of two sets of sessions
/// together are the observations of all their sessions.
struct Observations {
    Tally tally;
    Coverage coverage;
    Activity activity;
    std::set<Bytes> control_sqlstates;     ///< that differ between baseline and control, in either direction
    std::vector<std::uint64_t> tolerated;  ///< differences that each rule's tolerance took away, by its index
    std::size_t unnamed_types = 0;         ///< user types without a name, taken as equal
    std::uint64_t unlike_forms = 0;        ///< columns of answers not compared: ShapeComparer::note_unlike_forms()

    /// Adds those of other sessions.
    void add(Observations&& other);
};

}  // namespace understudy::compare
