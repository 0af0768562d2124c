#pragma once

#include <cstdint>
#include <set>

#include "compare/analysis/exchange_diff.hpp"

namespace understudy::compare {

/// Values of a column that is drawn anew each time (a clock, a random number, a UUID): no two runs agree on them, so a
/// difference of the candidate says nothing by itself. That both runs of the candidate agree, and always on one value
/// (NULL, an old moment), where the unchanged schema drew several, does: its default or its trigger is gone. A clock that
/// is cut to hours or days gives one value to the unchanged schema's steps, too.
struct FrozenValue {
    static constexpr std::size_t kEnough = 3;  ///< distinct values of the baseline
    static constexpr std::size_t kMax = kEnough;

    std::set<std::uint64_t> baseline;  ///< keyed digests of cells, of steps on which all agree as said; kMax at most
    std::set<std::uint64_t> candidate;

    /// A step in which baseline, control and candidate all differ, and the candidate's second run is as its first. Counts
    /// only where the answers are small enough for the digests of their cells to be there.
    void add(const StepDifference& difference);
    void add(const FrozenValue& other);
    [[nodiscard]] bool holds() const {
        return baseline.size() >= kEnough && candidate.size() == 1 && !baseline.contains(*candidate.begin());
    }
};

}  // namespace understudy::compare
