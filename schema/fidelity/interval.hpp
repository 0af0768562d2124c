#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace understudy::schema::fidelity {

/// A share with its 95 % interval.
struct Share {
    std::uint64_t part = 0;
    std::uint64_t of = 0;
    double low = 0;
    double high = 1;

    [[nodiscard]] double value() const { return of == 0 ? 0 : static_cast<double>(part) / static_cast<double>(of); }
    friend bool operator==(const Share&, const Share&) = default;
};

/// Wilson's score interval (Wilson 1927; Brown, Cai, DasGupta, "Interval Estimation for a Binomial Proportion", 2001),
/// 95 %. `n` need not be whole: it may be an effective size. 0 to 1 for n = 0.
std::pair<double, double> wilson_interval(double share, double n);

/// A group of observations that belong together.
struct Cluster {
    std::uint64_t part = 0;
    std::uint64_t of = 0;
};

/// How many independent observations the clusters are worth: their number over the design effect of the ratio
/// (Kish, "Survey Sampling", 1965; used in an interval as by Korn and Graubard, 1998), never more than there are
/// observations. Calls of one session resemble each other: a million calls of two sessions say little. Where all or
/// none of the observations count, no effect can be measured: then the number of clusters, if there is more than one.
double effective_size(const std::vector<Cluster>& clusters);

/// A share of independent observations.
Share share_of(std::uint64_t part, std::uint64_t of);
/// A share of clustered ones.
Share share_of(const std::vector<Cluster>& clusters);

}  // namespace understudy::schema::fidelity
