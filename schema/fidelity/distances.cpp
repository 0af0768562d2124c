#include "schema/fidelity/distances.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace understudy::schema::fidelity {

double profile_distance(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
        sum += std::abs((i < a.size() ? a[i] : 0) - (i < b.size() ? b[i] : 0));
    }
    return std::min(1.0, sum / 2);
}

double value_distance(const std::vector<double>& a, const std::vector<Bytes>& digests_a, const std::vector<double>& b,
                      const std::vector<Bytes>& digests_b) {
    std::map<BytesView, std::pair<double, double>> found;
    for (std::size_t i = 0; i < std::min(a.size(), digests_a.size()); ++i) found[digests_a[i]].first = a[i];
    for (std::size_t i = 0; i < std::min(b.size(), digests_b.size()); ++i) found[digests_b[i]].second = b[i];
    const auto rarest = [](const std::vector<double>& of) {
        return of.empty() ? 0 : *std::min_element(of.begin(), of.end());
    };
    // A full list leaves out what is rarer than its last.
    const double least_a = rarest(a);
    const double least_b = rarest(b);
    double sum = 0;
    for (const auto& [digest, frequencies] : found) {
        const auto& [in_a, in_b] = frequencies;
        if (in_a > 0 && in_b > 0) sum += std::abs(in_a - in_b);
        if (in_a > 0 && in_b == 0) sum += std::max(0.0, in_a - least_b);
        if (in_a == 0 && in_b > 0) sum += std::max(0.0, in_b - least_a);
    }
    return std::min(1.0, sum / 2);
}

double position_distance(const std::vector<double>& a, const std::vector<double>& b) {
    double most = 0;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) most = std::max(most, std::abs(a[i] - b[i]));
    return most;
}

}  // namespace understudy::schema::fidelity
