#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace understudy::compare {

/// Latencies of one statement in one run, in milliseconds. Up to kMax are kept as they are; of more every second one,
/// every fourth, and so on, so that quantiles stay those of the whole run.
class LatencySample {
public:
    static constexpr std::size_t kMax = 4096;

    void add(double ms) {
        if (count_++ % stride_ == 0) values_.push_back(static_cast<float>(ms));
        total_ms_ += ms;
        if (values_.size() < kMax) return;
        for (std::size_t i = 0; 2 * i < values_.size(); ++i) values_[i] = values_[2 * i];
        values_.resize((values_.size() + 1) / 2);
        stride_ *= 2;
    }
    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] double total_ms() const { return total_ms_; }
    /// Linear between the two nearest (Hyndman and Fan, 1996, definition 7); 0 when there is none.
    [[nodiscard]] double quantile(double q) const {
        if (values_.empty()) return 0;
        std::vector<float> sorted = values_;
        const double place = q * static_cast<double>(sorted.size() - 1);
        const auto low = static_cast<std::size_t>(place);
        const auto at = [&](std::size_t i) {
            std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(i), sorted.end());
            return static_cast<double>(sorted[i]);
        };
        const double below = at(low);
        const double above = low + 1 < sorted.size() ? at(low + 1) : below;
        return below + (place - std::floor(place)) * (above - below);
    }
    [[nodiscard]] const std::vector<float>& values() const { return values_; }

private:
    std::vector<float> values_;
    std::uint64_t count_ = 0;
    std::uint64_t stride_ = 1;
    double total_ms_ = 0;
};

}  // namespace understudy::compare
