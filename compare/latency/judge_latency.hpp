#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace understudy::compare {

// Whether statements got slower, from pairs of runs. Pure numbers; docs/latency.md has the reasons and what they reach.

enum class LatencyVerdict : std::uint8_t { no_change, regressed, improved, insufficient };
std::string_view to_string(LatencyVerdict verdict);

/// One quantile of one statement in one pair of runs, in milliseconds.
struct PairedTime {
    double baseline = 0;
    double candidate = 0;
};

/// One statement in all pairs.
struct StatementTimes {
    std::vector<PairedTime> medians;
    std::vector<PairedTime> p95;    ///< empty: fewer than 200 executions in some run
    std::vector<PairedTime> p99;    ///< empty: fewer than 1,000
    std::uint64_t least_count = 0;  ///< executions in the run that has the fewest
    double share = 0;               ///< of the baseline's whole time, 0 to 1
};

struct LatencyJudgement {
    LatencyVerdict verdict = LatencyVerdict::no_change;
    std::string metric = "median";  ///< that decided
    double ratio = 1;  ///< candidate over baseline, of the medians
    double low = 0;    ///< 95 % confidence interval; 0 with fewer than two pairs
    double high = 0;
    std::string why;
};

struct LatencyTest {
    static constexpr std::size_t kPairsForAVerdict = 5;
    static constexpr std::uint64_t kLeastExecutions = 30;
    static constexpr double kLeastShare = 0.005;    ///< of the whole time: below, a statement is not tested
    static constexpr double kLeastEffect = 0.05;    ///< that the interval must exclude
    static constexpr double kLeastMilliseconds = 0.5;
    static constexpr double kGross = 3;             ///< what fewer pairs may be flagged for
    static constexpr double kFalseDiscoveryRate = 0.05;

    std::vector<LatencyJudgement> statements;  ///< in the order given
    std::size_t tested = 0;
    /// The ratio that would be found four times out of five, for half of the tested statements; 0 when none was.
    double detectable = 0;
};

/// The unit is the run: d = log(candidate ÷ baseline) of a quantile, one for each pair. Tested by a t-test whose variance
/// is moderated by that of all statements (Smyth, 2004), with the false discovery rate held over the statements of each
/// metric. `pairs` is the number of pairs.
LatencyTest judge_latency(const std::vector<StatementTimes>& statements, std::size_t pairs);

}  // namespace understudy::compare
