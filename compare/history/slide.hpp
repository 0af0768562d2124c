#pragma once

#include <cstddef>
#include <vector>

namespace understudy::compare {

/// A series that is level up to a point and then a straight line: y = level + slope · max(0, t − begin).
struct Slide {
    std::size_t begin = 0;  ///< the last point of the level; 0: it slides from the beginning
    double level = 0;
    double slope = 0;       ///< for each point
    double error = 0;       ///< standard error of the slope, for a variance of 1
    double squares = 0;     ///< sum of squared residuals
    double one_sided_p = 1; ///< of the points from `begin` on: the rank test of Mann (1945) and Kendall (1975) for a rise
};

inline constexpr std::size_t kLeastSlide = 5;  ///< points after `begin`

/// The slide with the least squared residuals over all beginnings (a broken line: Muggeo, 2003, for a known first slope of
/// 0). With fewer than kLeastSlide + 2 points: a slope of 0.
Slide fit_slide(const std::vector<double>& series);
/// The one that begins at `begin`, before the last point. Without the rank test.
Slide fit_slide_at(const std::vector<double>& series, std::size_t begin);

/// P(S ≥ s) of Kendall's S between the points and their order, by its normal approximation with a correction for ties and
/// for continuity (Kendall, "Rank Correlation Methods", 4th edition, chapter 4).
double rising_p(const double* points, std::size_t count);

}  // namespace understudy::compare
