#include "compare/history/trends.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <set>

#include "compare/history/history_text.hpp"
#include "tests/support/made_runs.hpp"

namespace understudy::compare {
namespace {

using testing::made_fingerprint;
using testing::night_time;

/// Nights of several statements: each night has a mood that all share, each statement its own noise.
struct Simulation {
    std::size_t nights = 30;
    std::size_t statements = 20;
    double noise = 0.04;  ///< of the logarithm
    double mood = 0.06;
    bool heavy = false;  ///< Student's t with 4 degrees of freedom in place of the normal distribution
    /// What a night adds to a statement on the changed schema, in logarithms.
    std::function<double(std::size_t statement, std::size_t night)> effect = [](std::size_t, std::size_t) {
        return 0.0;
    };
    std::function<double(std::size_t statement, std::size_t night)> baseline_effect = [](std::size_t, std::size_t) {
        return 0.0;
    };

    [[nodiscard]] std::vector<LatencyPoint> play(std::uint64_t seed) const {
        std::mt19937_64 generator(seed);
        std::normal_distribution<double> normal;
        std::student_t_distribution<double> student(4);
        const auto draw = [&](double spread) {
            return spread * (heavy ? student(generator) / std::sqrt(2.0) : normal(generator));
        };
        std::vector<LatencyPoint> points;
        for (std::size_t night = 0; night < nights; ++night) {
            const double tonight = mood * normal(generator);
            const Timestamp at = night_time(static_cast<int>(night));
            for (std::size_t i = 0; i < statements; ++i) {
                StatementLatency one;
                one.fingerprint = made_fingerprint(static_cast<int>(i));
                one.calls = 100;
                const double own = std::log(2.0 + static_cast<double>(i)) + tonight;
                one.candidate.median_ms = std::exp(own + effect(i, night) + draw(noise));
                one.baseline.median_ms = std::exp(own + baseline_effect(i, night) + draw(noise));
                points.push_back({make_run_id(at, 0), at, std::move(one)});
            }
        }
        return points;
    }
};

/// What is judged on each night, from what was known then.
std::vector<TrendReport> judged_each_night(const std::vector<LatencyPoint>& points, const TrendOptions& options = {}) {
    std::vector<TrendReport> reports;
    std::vector<LatencyPoint> so_far;
    for (std::size_t i = 0; i < points.size(); ++i) {
        so_far.push_back(points[i]);
        if (i + 1 == points.size() || points[i + 1].run != points[i].run) {
            reports.push_back(judge_trends(make_night_table(so_far), options));
        }
    }
    return reports;
}

/// The first night, from `from` on, on which a statement is said to be slower; -1: never.
int first_alarm(const std::vector<TrendReport>& reports, const std::string& fingerprint, std::size_t from = 0) {
    for (std::size_t night = from; night < reports.size(); ++night) {
        for (const Trend& trend : reports[night].trends) {
            if (trend.slower && trend.fingerprint == fingerprint) return static_cast<int>(night);
        }
    }
    return -1;
}

/// What is said on any night, a line each.
std::string alarms(const std::vector<TrendReport>& reports) {
    std::string lines;
    for (std::size_t night = 0; night < reports.size(); ++night) {
        for (const Trend& trend : reports[night].trends) {
            lines += fmt::format("night {} {} {} p {}\n", night, trend.fingerprint, trend_text(trend), trend.p);
        }
    }
    return lines;
}

TEST(Trends, AGreatStepIsFoundOnItsNight) {
    Simulation simulation;
    simulation.effect = [](std::size_t i, std::size_t night) { return i == 3 && night >= 15 ? std::log(1.5) : 0; };
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const auto reports = judged_each_night(simulation.play(seed));
        EXPECT_EQ(first_alarm(reports, made_fingerprint(3)), 15) << seed;
        const auto& last = reports.back().trends;
        ASSERT_EQ(last.size(), 1U) << seed;
        EXPECT_EQ(last[0].shape, TrendShape::step);
        EXPECT_EQ(last[0].since, make_run_id(night_time(15), 0));
        EXPECT_NEAR(last[0].ratio, 1.5, 0.1) << seed << trend_text(last[0]);
        EXPECT_FALSE(last[0].without_the_change());
    }
}

TEST(Trends, ASmallerStepIsFoundAFewNightsLater) {
    Simulation simulation;
    simulation.effect = [](std::size_t i, std::size_t night) { return i == 3 && night >= 15 ? std::log(1.2) : 0; };
    int latest = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const auto reports = judged_each_night(simulation.play(seed));
        const int found = first_alarm(reports, made_fingerprint(3));
        ASSERT_GE(found, 15) << seed;
        latest = std::max(latest, found);
    }
    EXPECT_LE(latest, 20);
}

TEST(Trends, ASlowSlideIsFound) {
    Simulation simulation;
    simulation.nights = 35;
    simulation.effect = [](std::size_t i, std::size_t night) {
        return i == 5 && night > 10 ? 0.02 * double(night - 10) : 0;
    };
    int latest = 0;
    std::size_t called_slide = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const auto reports = judged_each_night(simulation.play(seed));
        const int found = first_alarm(reports, made_fingerprint(5));
        ASSERT_GT(found, 10) << seed;
        latest = std::max(latest, found);
        ASSERT_EQ(reports.back().trends.size(), 1U) << seed;
        const Trend& trend = reports.back().trends[0];
        called_slide += trend.shape == TrendShape::slide ? 1U : 0U;
        if (trend.shape == TrendShape::slide) {
            EXPECT_NEAR(trend.per_night, 1.02, 0.01) << seed;
        }
    }
    RecordProperty("latest_night_of_the_slide", latest - 10);
    EXPECT_LE(latest - 10, 14);
    EXPECT_GE(called_slide, 18U);
}

TEST(Trends, NothingIsSaidWhereNothingChanged) {
    std::string said;
    for (std::uint64_t seed = 0; seed < 20; ++seed) said += alarms(judged_each_night(Simulation().play(seed)));
    EXPECT_EQ(said, "");
}

TEST(Trends, HeavyTailsMakeAlarmsRare) {
    // Nights that are far off by themselves, one in a few hundred: what one night shows cannot always be told from a change.
    std::set<std::string> slower;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Simulation simulation;
        simulation.heavy = true;
        for (const TrendReport& report : judged_each_night(simulation.play(seed))) {
            for (const Trend& trend : report.trends) {
                if (trend.slower) slower.insert(fmt::format("{} {} {}", seed, trend.fingerprint, trend_text(trend)));
            }
        }
    }
    std::string lines;
    for (const std::string& one : slower) lines += one + "\n";
    EXPECT_LE(slower.size(), 2U) << lines;  // of 600 nights with 20 statements each
}

TEST(Trends, WhatAllStatementsHaveInCommonIsSaidOnce) {
    Simulation simulation;
    simulation.mood = 0.03;
    simulation.effect = [](std::size_t, std::size_t night) { return night >= 20 ? std::log(1.4) : 0; };
    simulation.baseline_effect = simulation.effect;
    const auto reports = judged_each_night(simulation.play(1));
    const auto& trends = reports.back().trends;
    ASSERT_EQ(trends.size(), 1U);
    EXPECT_EQ(trends[0].fingerprint, "");
    EXPECT_TRUE(trends[0].without_the_change());
}

TEST(Trends, AReleaseAcceptsWhatCameBeforeIt) {
    Simulation simulation;
    simulation.effect = [](std::size_t i, std::size_t night) { return i == 3 && night >= 15 ? std::log(1.5) : 0; };
    const auto points = simulation.play(1);
    TrendOptions options;
    options.accepted = make_run_id(night_time(16), 0);
    EXPECT_TRUE(judge_trends(make_night_table(points), options).trends.empty());
    options.accepted = make_run_id(night_time(14), 0);
    EXPECT_EQ(judge_trends(make_night_table(points), options).trends.size(), 1U);
}

TEST(Trends, FasterIsNoAlarm) {
    Simulation simulation;
    simulation.effect = [](std::size_t i, std::size_t night) { return i == 3 && night >= 15 ? std::log(0.5) : 0; };
    const auto reports = judged_each_night(simulation.play(1));
    EXPECT_EQ(first_alarm(reports, made_fingerprint(3)), -1);
    ASSERT_EQ(reports.back().trends.size(), 1U);
    EXPECT_FALSE(reports.back().trends[0].slower);
}

TEST(Trends, StatementsThatAreRareOrNewAreNotTested) {
    Simulation simulation;
    auto points = simulation.play(1);
    for (LatencyPoint& point : points) {
        if (point.latency.fingerprint == made_fingerprint(0)) point.latency.calls = NightTable::kLeastCalls - 1;
    }
    const TrendReport report = judge_trends(make_night_table(points), {});
    EXPECT_EQ(report.tested, 19U);
    simulation.nights = TrendReport::kLeastNights - 1;
    EXPECT_EQ(judge_trends(make_night_table(simulation.play(1)), {}).tested, 0U);
    EXPECT_TRUE(judge_trends(make_night_table({}), {}).trends.empty());
}

}  // namespace
}  // namespace understudy::compare
