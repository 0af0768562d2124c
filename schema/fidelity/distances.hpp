#pragma once

#include <vector>

#include "core/base/bytes.hpp"

namespace understudy::schema::fidelity {

// How far distributions are apart, without the values. All are 0 for equal ones and at most 1.

/// Half the sum of |a - b| over the frequencies in falling order: how differently the most common values are common,
/// whichever values they are (total variation distance of the two profiles).
double profile_distance(const std::vector<double>& a, const std::vector<double>& b);

/// The same, matched by the values' digests: how much of one column's rows holds common values that the other has in
/// another measure. Of values that only one side lists, only what they exceed the other side's rarest listed one by.
double value_distance(const std::vector<double>& a, const std::vector<Bytes>& digests_a, const std::vector<double>& b,
                      const std::vector<Bytes>& digests_b);

/// The greatest distance between deciles of the same rank (Kolmogorov and Smirnov's, turned by 90 degrees).
double position_distance(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace understudy::schema::fidelity
