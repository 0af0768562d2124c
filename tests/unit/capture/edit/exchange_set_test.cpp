#include "capture/edit/exchange_set.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace understudy::capture {
namespace {

constexpr SessionId kOne(1);
constexpr SessionId kTwo(2);

TEST(ExchangeSet, HoldsWhatWasAddedInAnyOrder) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        std::mt19937 random(seed);
        ExchangeSet set;
        std::set<std::uint32_t> expected;
        for (int i = 0; i < 200; ++i) {
            const auto ordinal = static_cast<std::uint32_t>(random() % 150);
            EXPECT_TRUE(set.add(kOne, Ordinal(ordinal)));
            expected.insert(ordinal);
        }
        EXPECT_EQ(set.size(), expected.size());
        for (std::uint32_t i = 0; i < 160; ++i) {
            EXPECT_EQ(set.contains(kOne, Ordinal(i)), expected.count(i) != 0) << seed << " " << i;
            EXPECT_FALSE(set.contains(kTwo, Ordinal(i)));
        }
    }
}

TEST(ExchangeSet, CountsRunsNotExchanges) {
    ExchangeSet set(2);
    for (std::uint32_t i = 0; i < 1000; ++i) EXPECT_TRUE(set.add(kOne, Ordinal(i)));
    EXPECT_TRUE(set.add(kOne, Ordinal(2000)));
    EXPECT_FALSE(set.add(kOne, Ordinal(3000)));
    EXPECT_FALSE(set.add(kTwo, Ordinal(0)));
    EXPECT_FALSE(set.has(kTwo));
    EXPECT_EQ(set.size(), 1001U);
    set.erase(kOne);
    EXPECT_EQ(set.size(), 0U);
    EXPECT_TRUE(set.add(kTwo, Ordinal(0)));
    EXPECT_TRUE(set.add(kTwo, Ordinal(0xFFFFFFFF)));
    EXPECT_TRUE(set.contains(kTwo, Ordinal(0xFFFFFFFF)));
    EXPECT_FALSE(set.contains(kTwo, Ordinal(0xFFFFFFFE)));
}

}  // namespace
}  // namespace understudy::capture
