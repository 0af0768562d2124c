#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compare/history/night_series.hpp"

namespace understudy::compare {

enum class TrendShape : std::uint8_t {
    step,   ///< another level since a night
    slide,  ///< a little more every night
};

/// That a statement takes another time than it did, by its medians over the nights.
struct Trend {
    std::string fingerprint;  ///< empty: what all statements have in common
    TrendShape shape = TrendShape::step;
    bool slower = true;
    std::string since;        ///< the run with the first night of the new level, or of the slide
    std::size_t nights = 0;   ///< since then, tonight included
    double before_ms = 0;     ///< 0 for all statements together
    double now_ms = 0;
    double ratio = 1;           ///< now over before; of a slide as the line has it
    double per_night = 1;       ///< ratio of one night to the one before it, of a slide
    double baseline_ratio = 1;  ///< of the unchanged schema over the same nights
    double p = 1;               ///< of the test, corrected for the nights looked at

    /// The unchanged schema moved at least half as far in the same direction: it is the data or the machine.
    [[nodiscard]] bool without_the_change() const;
};

struct TrendOptions {
    double false_discovery_rate = 0.001;  ///< over the statements of one night
    std::string accepted;                 ///< id of the last release: what changed up to it is accepted; empty: nothing is
    std::uint64_t seed = 1;               ///< of the permutation tests
};

struct TrendReport {
    static constexpr std::size_t kLeastNights = 8;
    static constexpr double kLeastEffect = 0.10;     ///< relative
    static constexpr double kLeastAtOnce = 0.25;     ///< of one to three nights, which E-divisive cannot judge
    static constexpr double kLeastMilliseconds = 0.5;  ///< or kLeastShare of the whole time
    static constexpr double kLeastShare = 0.005;

    std::vector<Trend> trends;  ///< slower ones first, the greatest first
    std::size_t nights = 0;     ///< with times
    std::size_t tested = 0;     ///< statements
    std::size_t too_short = 0;  ///< statements measured in fewer than kLeastNights nights, or not tonight
};

/// What of a job's nights has changed as of the last one. A step is believed where E-divisive finds it (or, for the last
/// three nights, where it is great) and the t-test of both levels, with a variance moderated by that of all statements
/// (Smyth, 2004), stands the false discovery rate; a slide where a broken line fits and the rank test agrees, by the same
/// rate. docs/history.md has what that reaches.
TrendReport judge_trends(const NightTable& table, const TrendOptions& options);

}  // namespace understudy::compare
