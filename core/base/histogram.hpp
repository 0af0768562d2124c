#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace understudy {

/// Counts of non-negative values in log-linear buckets, after Gil Tene's HdrHistogram: 32 buckets for
/// each power of two, so a quantile is at most 3.2 % off, at a fixed 15 KiB whatever is recorded.
class Histogram {
public:
    void record(std::int64_t value) {
        const auto v = static_cast<std::uint64_t>(value < 0 ? 0 : value);
        ++buckets_[index_of(v)];
        ++count_;
        sum_ += static_cast<double>(v);
        if (v > max_) max_ = v;
    }
    void merge(const Histogram& other) {
        for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
        count_ += other.count_;
        sum_ += other.sum_;
        if (other.max_ > max_) max_ = other.max_;
    }

    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] double sum() const { return sum_; }
    [[nodiscard]] std::uint64_t max() const { return max_; }

    /// The value below which a share `q` (0 to 1) of the records lie; 0 when nothing was recorded.
    [[nodiscard]] std::uint64_t quantile(double q) const {
        if (count_ == 0) return 0;
        const auto rank = static_cast<std::uint64_t>(q * static_cast<double>(count_ - 1)) + 1;
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < buckets_.size(); ++i) {
            seen += buckets_[i];
            if (seen >= rank) return value_of(i) < max_ ? value_of(i) : max_;
        }
        return max_;
    }
    /// How many records are at most `limit`, to the precision of a bucket.
    [[nodiscard]] std::uint64_t count_up_to(std::uint64_t limit) const {
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < buckets_.size() && value_of(i) <= limit; ++i) seen += buckets_[i];
        return seen;
    }

private:
    static constexpr unsigned kSubBits = 5;
    static constexpr std::size_t kSub = std::size_t{1} << kSubBits;

    static std::size_t index_of(std::uint64_t v) {
        if (v < kSub) return static_cast<std::size_t>(v);
        const auto exponent = static_cast<unsigned>(std::bit_width(v)) - 1U - kSubBits;
        return (static_cast<std::size_t>(exponent) + 1U) * kSub + static_cast<std::size_t>((v >> exponent) - kSub);
    }
    /// The highest value that falls into bucket `i`.
    static std::uint64_t value_of(std::size_t i) {
        if (i < kSub) return i;
        const std::size_t exponent = i / kSub - 1;
        return ((kSub + i % kSub + 1) << exponent) - 1;
    }

    std::array<std::uint64_t, kSub*(64 - kSubBits + 1)> buckets_{};
    std::uint64_t count_ = 0;
    double sum_ = 0;
    std::uint64_t max_ = 0;
};

}  // namespace understudy
