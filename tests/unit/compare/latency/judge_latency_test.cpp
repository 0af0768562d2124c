#include "compare/latency/judge_latency.hpp"

#include <gtest/gtest.h>

#include <random>

#include "compare/latency/latency_report.hpp"

namespace understudy::compare {
namespace {

/// Runs whose statements have a log-normal spread within a run, and another from run to run.
class Simulation {
public:
    explicit Simulation(unsigned seed) : random_(seed) {}

    static constexpr double kWithinRun = 0.6;
    static constexpr double kBetweenRuns = 0.02;

    LatencyTest judge(std::size_t statements, std::size_t pairs, std::size_t executions, std::size_t slowed, double factor) {
        std::vector<StatementTimes> all;
        for (std::size_t i = 0; i < statements; ++i) {
            StatementTimes one;
            one.least_count = executions;
            one.share = 1.0 / static_cast<double>(statements);
            if (statements > 100) one.share = 0.006;  // each is one of those that are tested
            for (std::size_t pair = 0; pair < pairs; ++pair) {
                one.medians.push_back({median(executions, 10), median(executions, i < slowed ? 10 * factor : 10)});
            }
            all.push_back(std::move(one));
        }
        return judge_latency(all, pairs);
    }

private:
    /// That of so many draws; its own error is what matters, so it is drawn at once (the median of n draws of a normal
    /// has the standard error 1.2533 σ ÷ √n).
    double median(std::size_t executions, double typical) {
        const double error = 1.2533 * kWithinRun / std::sqrt(static_cast<double>(executions));
        return typical * std::exp(normal_(random_) * error + normal_(random_) * kBetweenRuns);
    }
    std::mt19937 random_;
    std::normal_distribution<double> normal_{0, 1};
};

struct Rates {
    double false_alarms = 0;  // runs with any, when nothing changed
    double found = 0;         // of the statements that were slowed
    double discoveries_false = 0;
};

Rates rates(std::size_t statements, std::size_t pairs, double factor, int trials) {
    Rates result;
    std::size_t flagged = 0;
    std::size_t wrong = 0;
    const std::size_t slowed = std::max<std::size_t>(1, statements / 20);
    for (int trial = 0; trial < trials; ++trial) {
        Simulation simulation(static_cast<unsigned>(trial * 31 + 7));
        const auto count = [](const LatencyTest& test, std::size_t from, std::size_t to) {
            std::size_t regressed = 0;
            for (std::size_t i = from; i < to; ++i) {
                regressed += test.statements[i].verdict == LatencyVerdict::regressed ? 1U : 0U;
            }
            return regressed;
        };
        const auto quiet = simulation.judge(statements, pairs, 200, 0, 1);
        result.false_alarms += count(quiet, 0, statements) > 0 ? 1.0 / trials : 0;
        const auto slower = simulation.judge(statements, pairs, 200, slowed, factor);
        const std::size_t hits = count(slower, 0, slowed);
        result.found += static_cast<double>(hits) / static_cast<double>(slowed) / trials;
        wrong += count(slower, slowed, statements);
        flagged += hits + count(slower, slowed, statements);
    }
    result.discoveries_false = flagged == 0 ? 0 : static_cast<double>(wrong) / static_cast<double>(flagged);
    return result;
}

TEST(Latency, OneStatementOfFiveOrEightPairs) {
    const Rates five = rates(1, 5, 1.2, 2000);
    EXPECT_LE(five.false_alarms, 0.019);
    EXPECT_GE(five.found, 0.80) << "a slow-down by a fifth";
    const Rates eight = rates(1, 8, 1.2, 2000);
    EXPECT_LE(eight.false_alarms, 0.005);
    EXPECT_GE(eight.found, 0.92);
}

TEST(Latency, ManyStatementsDoNotMakeManyFalseAlarms) {
    const Rates twenty = rates(20, 8, 1.2, 400);
    EXPECT_LE(twenty.false_alarms, 0.02);
    EXPECT_GE(twenty.found, 0.85);
    EXPECT_LE(twenty.discoveries_false, LatencyTest::kFalseDiscoveryRate);
    const Rates many = rates(500, 5, 1.35, 40);
    EXPECT_LE(many.false_alarms, 0.05);
    EXPECT_GE(many.found, 0.95);
    EXPECT_LE(many.discoveries_false, LatencyTest::kFalseDiscoveryRate);
}

TEST(Latency, SaysWhatItCouldHaveSeen) {
    double said = 0;
    for (unsigned seed = 1; seed <= 20; ++seed) {
        const LatencyTest test = Simulation(seed).judge(20, 5, 200, 0, 1);
        EXPECT_EQ(test.tested, 20U);
        said += test.detectable / 20;
    }
    EXPECT_GT(said, 1.1);
    EXPECT_LT(said, 1.6);
    EXPECT_GE(rates(20, 5, said, 200).found, 0.75) << "the power that is printed is there";
}

TEST(Latency, TooLittleIsInsufficientAndNeverFine) {
    StatementTimes few;
    few.least_count = 29;
    few.share = 1;
    few.medians.assign(5, {10, 10});
    EXPECT_EQ(judge_latency({few}, 5).statements[0].verdict, LatencyVerdict::insufficient);
    StatementTimes rare = few;
    rare.least_count = 1000;
    rare.share = 0.001;
    EXPECT_EQ(judge_latency({rare}, 5).statements[0].verdict, LatencyVerdict::insufficient);
    EXPECT_EQ(judge_latency({}, 5).statements.size(), 0U);
}

TEST(Latency, OnePairFlagsGrossChangesOnly) {
    StatementTimes one;
    one.least_count = 100;
    one.share = 0.5;
    one.medians = {{10, 25}};
    EXPECT_EQ(judge_latency({one}, 1).statements[0].verdict, LatencyVerdict::insufficient);
    one.medians = {{10, 31}};
    EXPECT_EQ(judge_latency({one}, 1).statements[0].verdict, LatencyVerdict::regressed);
    one.medians = {{0.1, 0.35}};
    EXPECT_EQ(judge_latency({one}, 1).statements[0].verdict, LatencyVerdict::insufficient) << "a quarter of a millisecond";
    one.medians = {{31, 10}};
    EXPECT_EQ(judge_latency({one}, 1).statements[0].verdict, LatencyVerdict::improved);
}

TEST(LatencySample, KeepsItsQuantilesWhenItThinsOut) {
    LatencySample sample;
    for (int i = 0; i < 100'000; ++i) sample.add((i * 7919) % 100'000);
    EXPECT_EQ(sample.count(), 100'000U);
    EXPECT_LE(sample.values().size(), LatencySample::kMax);
    EXPECT_NEAR(sample.quantile(0.5), 50'000, 2'000);
    EXPECT_NEAR(sample.quantile(0.99), 99'000, 1'000);
    EXPECT_EQ(LatencySample().quantile(0.5), 0);
    LatencySample two;
    two.add(1);
    two.add(3);
    EXPECT_EQ(two.quantile(0.5), 2);
}

TEST(Plans, DifferInTheirFirstNode) {
    EXPECT_EQ(first_difference("Index Scan using a on t  (cost=0.1..2 rows=1 width=4)\n  Index Cond: (id = 1)",
                               "Seq Scan on t  (cost=0..9 rows=1 width=4)\n  Filter: (id = 1)"),
              "baseline:  Index Scan using a on t\ncandidate: Seq Scan on t");
    EXPECT_EQ(first_difference("Seq Scan on t  (cost=1)", "Seq Scan on t  (cost=2)"), "");
    EXPECT_EQ(first_difference("A\nB", "A"), "baseline:  B\ncandidate: (no such node)");
}

}  // namespace
}  // namespace understudy::compare
