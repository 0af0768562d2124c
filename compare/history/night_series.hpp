#pragma once

#include <map>
#include <string>
#include <vector>

#include "compare/history/run_record.hpp"

namespace understudy::compare {

/// One statement over nights: logarithms of median times in milliseconds.
struct NightSeries {
    std::vector<std::size_t> nights;  ///< indexes into NightTable::runs, ascending
    std::vector<double> candidate;
    std::vector<double> baseline;
    double share = 0;  ///< of the last night's whole time
};

/// The last nights of a job as a table.
struct NightTable {
    static constexpr std::size_t kNights = 60;           ///< looked at, the newest ones
    static constexpr std::uint64_t kLeastCalls = 30;     ///< of a statement in a night: with fewer, that night does not count
    static constexpr std::size_t kLeastStatements = 8;   ///< for the night's own effect to be told from theirs

    std::vector<std::string> runs;  ///< ids, oldest first
    std::map<std::string, NightSeries> statements;  ///< by fingerprint
    /// What a night did to all statements (a busy machine, more data), taken out of `statements`: the median of their
    /// distances from their own medians. Empty with fewer than kLeastStatements of them.
    NightSeries all;
};

/// Points as History::latencies() gives them.
NightTable make_night_table(const std::vector<LatencyPoint>& points);

}  // namespace understudy::compare
