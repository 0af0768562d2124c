#include "schema/fidelity/interval.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace understudy::schema::fidelity {
namespace {

constexpr double kNormal95 = 1.959963984540054;  // the 97.5 % quantile of the normal distribution

Cluster sum_of(const std::vector<Cluster>& clusters) {
    Cluster sum;
    for (const Cluster& one : clusters) {
        sum.part += one.part;
        sum.of += one.of;
    }
    return sum;
}

}  // namespace

std::pair<double, double> wilson_interval(double share, double n) {
    if (!(n > 0)) return {0, 1};
    const double square = kNormal95 * kNormal95;
    const double middle = (share + square / (2 * n)) / (1 + square / n);
    const double half = kNormal95 / (1 + square / n) * std::sqrt(share * (1 - share) / n + square / (4 * n * n));
    return {std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

double effective_size(const std::vector<Cluster>& clusters) {
    const Cluster sum = sum_of(clusters);
    const auto n = static_cast<double>(sum.of);
    const auto count = static_cast<double>(clusters.size());
    if (sum.of == 0 || clusters.size() < 2) return n > 0 ? 1 : 0;
    if (sum.part == 0 || sum.part == sum.of) return std::min(n, count);
    const double share = static_cast<double>(sum.part) / n;
    double squares = 0;
    for (const Cluster& one : clusters) {
        const double off = static_cast<double>(one.part) - share * static_cast<double>(one.of);
        squares += off * off;
    }
    const double variance = count / (count - 1) * squares / (n * n);
    const double independent = share * (1 - share) / n;
    const double effect = variance / independent;
    return effect <= 1 ? n : std::max(1.0, n / effect);
}

Share share_of(std::uint64_t part, std::uint64_t of) {
    Share share{part, of, 0, 1};
    std::tie(share.low, share.high) = wilson_interval(share.value(), static_cast<double>(of));
    return share;
}

Share share_of(const std::vector<Cluster>& clusters) {
    const Cluster sum = sum_of(clusters);
    Share share{sum.part, sum.of, 0, 1};
    std::tie(share.low, share.high) = wilson_interval(share.value(), effective_size(clusters));
    return share;
}

}  // namespace understudy::schema::fidelity
