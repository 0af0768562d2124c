#include "core/base/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace understudy {
namespace {

constexpr double kErrorBound = 0.032;

TEST(Histogram, is_empty_at_first) {
    const Histogram histogram;
    EXPECT_EQ(histogram.count(), 0U);
    EXPECT_EQ(histogram.max(), 0U);
    EXPECT_EQ(histogram.quantile(0.5), 0U);
}

TEST(Histogram, is_exact_for_small_values) {
    Histogram histogram;
    for (std::int64_t v = 0; v < 64; ++v) histogram.record(v);
    EXPECT_EQ(histogram.quantile(0), 0U);
    EXPECT_EQ(histogram.quantile(1), 63U);
    EXPECT_EQ(histogram.quantile(10.0 / 63), 10U);
    EXPECT_EQ(histogram.sum(), 63.0 * 64 / 2);
}

TEST(Histogram, takes_negative_values_for_zero_and_the_largest_without_overflow) {
    Histogram histogram;
    histogram.record(-5);
    histogram.record(std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(histogram.quantile(0), 0U);
    EXPECT_EQ(histogram.quantile(1), static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
}

TEST(Histogram, every_quantile_is_within_the_error_bound) {
    std::mt19937_64 random(1);
    std::lognormal_distribution<double> latencies(13, 3);  // in nanoseconds, over nine powers of ten
    Histogram histogram;
    std::vector<std::uint64_t> values;
    for (int i = 0; i < 20000; ++i) {
        const auto value = static_cast<std::uint64_t>(latencies(random));
        values.push_back(value);
        histogram.record(static_cast<std::int64_t>(value));
    }
    std::sort(values.begin(), values.end());
    for (const double q : {0.0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
        const auto exact = static_cast<double>(values[static_cast<std::size_t>(q * 19999)]);
        const auto found = static_cast<double>(histogram.quantile(q));
        EXPECT_GE(found, exact) << q;
        EXPECT_LE(found, exact * (1 + kErrorBound)) << q;
    }
    EXPECT_EQ(histogram.max(), values.back());
}

TEST(Histogram, a_bucket_never_reaches_the_next_power_of_two) {
    for (unsigned bit = 6; bit < 62; ++bit) {
        Histogram histogram;
        histogram.record((std::int64_t{1} << bit) - 1);
        histogram.record(std::int64_t{1} << bit);
        EXPECT_EQ(histogram.quantile(0), (std::uint64_t{1} << bit) - 1) << "bit " << bit;
        EXPECT_EQ(histogram.count_up_to((std::uint64_t{1} << bit) - 1), 1U) << "bit " << bit;
    }
}

TEST(Histogram, merging_equals_recording_together) {
    Histogram one;
    Histogram two;
    Histogram both;
    for (std::int64_t v = 1; v < 100000; v = v * 3 / 2 + 1) {
        (v % 2 == 0 ? one : two).record(v);
        both.record(v);
    }
    one.merge(two);
    EXPECT_EQ(one.count(), both.count());
    EXPECT_EQ(one.sum(), both.sum());
    EXPECT_EQ(one.max(), both.max());
    for (double q = 0; q <= 1; q += 0.05) EXPECT_EQ(one.quantile(q), both.quantile(q));
}

}  // namespace
}  // namespace understudy
