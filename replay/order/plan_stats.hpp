#pragma once

#include <cstdint>

namespace understudy::replay {

/// How the recorded requests are ordered across sessions, counted as the plan is made.
struct PlanStats {
    std::uint64_t exchanges = 0;
    std::uint64_t steps = 0;     ///< that have an answer
    std::uint64_t requests = 0;  ///< records of frames that arrived together
    std::uint64_t ordered = 0;   ///< of those: wait for at least one of another session
    std::uint64_t hard_edges = 0;
    std::uint64_t inferred_edges = 0;
    std::uint64_t soft_edges = 0;
    std::uint64_t ambiguous_exchanges = 0;  ///< the capture leaves open what they saw; whoever gathers them fills it in
    std::uint64_t dropped_edges = 0;        ///< likely ones that would have made a cycle
    std::uint64_t opaque_steps = 0;         ///< may do anything, so everything waits for them
    std::uint64_t unparsed_texts = 0;       ///< statements that the parser refuses, as they came; opaque as well
    std::uint64_t over_lookahead = 0;       ///< requests whose answer came too late to be waited for
    std::uint64_t rows_folded = 0;          ///< rows that had to be forgotten for want of memory
};

}  // namespace understudy::replay
