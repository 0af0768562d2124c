#include "compare/history/change_points.hpp"

#include <gtest/gtest.h>

#include <random>

#include "compare/history/slide.hpp"

namespace understudy::compare {
namespace {

class Noise {
public:
    explicit Noise(std::uint64_t seed) : generator_(seed) {}
    double operator()(double spread) { return spread * normal_(generator_); }

private:
    std::mt19937_64 generator_;
    std::normal_distribution<double> normal_;
};

TEST(ChangePoints, AStepIsFoundWhereItIs) {
    Noise noise(1);
    std::vector<double> series;
    for (int i = 0; i < 40; ++i) series.push_back((i < 23 ? 1.0 : 2.0) + noise(0.2));
    const auto found = change_points(series, {});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].at, 23U);
    EXPECT_LE(found[0].p, 0.05);
}

TEST(ChangePoints, SeveralLevelsAreFoundInOrder) {
    Noise noise(2);
    std::vector<double> series;
    for (int i = 0; i < 60; ++i) series.push_back((i < 20 ? 0.0 : i < 40 ? 3.0 : 1.0) + noise(0.3));
    const auto found = change_points(series, {});
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].at, 20U);
    EXPECT_EQ(found[1].at, 40U);
}

TEST(ChangePoints, AChangeOfSpreadIsOneToo) {
    // What sets E-divisive apart from tests of means.
    Noise noise(3);
    std::vector<double> series;
    for (int i = 0; i < 120; ++i) series.push_back(noise(i < 60 ? 0.1 : 2.0));
    const auto found = change_points(series, {});
    ASSERT_FALSE(found.empty());
    EXPECT_NEAR(static_cast<double>(found[0].at), 60, 8);
}

TEST(ChangePoints, ChanceIsTakenForAChangeAsOftenAsStated) {
    std::size_t found = 0;
    constexpr std::size_t kTrials = 400;
    for (std::size_t trial = 0; trial < kTrials; ++trial) {
        Noise noise(100 + trial);
        std::vector<double> series;
        for (int i = 0; i < 25; ++i) series.push_back(noise(1));
        ChangePointOptions options;
        options.seed = trial;
        found += change_points(series, options).empty() ? 0U : 1U;
    }
    // 5 %, within three standard errors.
    EXPECT_LE(found, kTrials / 20 + 13);
    EXPECT_GE(found, 5U);
}

TEST(ChangePoints, TheSeedDecidesAndNothingElse) {
    Noise noise(4);
    std::vector<double> series;
    for (int i = 0; i < 30; ++i) series.push_back((i < 20 ? 0.0 : 0.8) + noise(0.7));
    const auto once = change_points(series, {});
    const auto again = change_points(series, {});
    ASSERT_EQ(once.size(), again.size());
    for (std::size_t i = 0; i < once.size(); ++i) EXPECT_EQ(once[i].p, again[i].p);
}

TEST(ChangePoints, NothingIsFoundInWhatIsShortOrConstant) {
    EXPECT_TRUE(change_points({}, {}).empty());
    EXPECT_TRUE(change_points({1, 2, 3}, {}).empty());
    EXPECT_TRUE(change_points(std::vector<double>(50, 1.5), {}).empty());
}

TEST(Slide, ALevelThatBeginsToRise) {
    Noise noise(5);
    std::vector<double> series;
    for (int i = 0; i < 30; ++i) series.push_back(2 + (i > 12 ? 0.5 * (i - 12) : 0) + noise(0.1));
    const Slide slide = fit_slide(series);
    EXPECT_NEAR(static_cast<double>(slide.begin), 12, 1);
    EXPECT_NEAR(slide.slope, 0.5, 0.02);
    EXPECT_NEAR(slide.level, 2, 0.1);
    EXPECT_LT(slide.one_sided_p, 0.001);
}

TEST(Slide, TheRankTestIsKendalls) {
    // S of 1 3 2 4 is 4, its variance 26/3: z = 3 / 2.944, so p = 0.1541 (by hand).
    const double points[] = {1, 3, 2, 4};
    EXPECT_NEAR(rising_p(points, 4), 0.1541, 0.0005);
    const double equal[] = {1, 1, 1, 1};
    EXPECT_EQ(rising_p(equal, 4), 1);
    const double falling[] = {5, 4, 3, 2, 1};
    EXPECT_GT(rising_p(falling, 5), 0.95);
}

}  // namespace
}  // namespace understudy::compare
