#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace understudy::compare {

// Where a series changes its level. Pure numbers; chance comes from the seed.

struct ChangePointOptions {
    std::size_t least_segment = 2;     ///< points on either side
    std::size_t permutations = 199;    ///< for each test
    double level = 0.05;               ///< a split that chance makes more often is none
    std::size_t most = 20;             ///< change points
    std::uint64_t seed = 1;
};

struct ChangePoint {
    std::size_t at = 0;  ///< the first point of the new level
    double p = 1;        ///< of the permutation test; at least 1 / (permutations + 1)
};

inline constexpr std::size_t kMaxSeries = 400;  ///< of a longer one the last points are looked at

/// E-divisive (Matteson and James, "A Nonparametric Approach for Multiple Change Point Analysis of Multivariate Data",
/// Journal of the American Statistical Association 109, 2014) for one dimension and the exponent 1: the split with the
/// greatest scaled energy distance between its sides (over all ends of the second, section 2.3 there) is tested by
/// permutations within the segments, and each segment is searched again. A permutation test ends as soon as it cannot be
/// significant any more (Besag and Clifford, 1991). In order of place.
std::vector<ChangePoint> change_points(const std::vector<double>& series, const ChangePointOptions& options);

}  // namespace understudy::compare
