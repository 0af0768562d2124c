#pragma once

#include <utility>

#include "compare/latency/judge_latency.hpp"
#include "compare/latency/run_latencies.hpp"

namespace understudy::compare {

/// One statement's times on both sides, over all pairs.
struct LatencyPlace {
    std::string fingerprint;
    Bytes statement;  ///< normalised
    Bytes example;    ///< as it was asked: not for eyes outside
    std::uint64_t calls = 0;  ///< of the baseline, in all runs
    double share = 0;         ///< of the baseline's whole time
    PairedTime median;        ///< of all runs together
    PairedTime p95;
    PairedTime p99;
    LatencyJudgement judgement;
    std::vector<double> edges_ms;  ///< of the histogram's parts, one more than these
    std::vector<std::uint64_t> baseline_counts;
    std::vector<std::uint64_t> candidate_counts;
    Bytes baseline_plan;  ///< EXPLAIN of the example, where it was asked for
    Bytes candidate_plan;
    Bytes first_difference;
};

struct LatencyReport {
    static constexpr std::size_t kMaxPlaces = 200;  ///< shown: those judged worst, then those that take most time

    std::size_t pairs = 0;
    std::size_t tested = 0;
    double detectable = 0;  ///< see LatencyTest; 0: nothing was tested
    std::vector<LatencyPlace> places;
    std::uint64_t statements = 0;  ///< all that both sides have
    std::uint64_t pipelined = 0;   ///< exchanges of the baseline whose times cannot be told apart
    std::uint64_t not_measured = 0;

    [[nodiscard]] std::size_t count(LatencyVerdict verdict) const;
    /// What the runs could have found: "a change of 35 % or more would have been found four times out of five".
    [[nodiscard]] std::string power() const;
};

/// Of pairs of runs, baseline first.
LatencyReport report_latency(const std::vector<std::pair<RunLatencies, RunLatencies>>& pairs);

/// The first line in which two plans differ besides costs and numbers of rows, both sides' below each other; empty: none.
Bytes first_difference(BytesView baseline_plan, BytesView candidate_plan);

}  // namespace understudy::compare
