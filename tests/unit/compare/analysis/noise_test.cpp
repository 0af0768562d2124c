#include "compare/analysis/noise.hpp"

#include <gtest/gtest.h>

#include <random>

namespace understudy::compare {
namespace {

CellEvidence soft(std::uint64_t candidate_only, std::uint64_t control_only) {
    CellEvidence cell;
    cell.soft = true;
    cell.candidate_only_sessions = candidate_only;
    cell.control_only_sessions = control_only;
    return cell;
}

Judgement judged(const std::vector<CellEvidence>& cells, bool control = true, bool confirmation = false) {
    return judge_cells(cells, control, confirmation).front().judgement;
}

TEST(Binomial, UpperTailIsExact) {
    EXPECT_DOUBLE_EQ(binomial_upper_tail(0, 10), 1.0);
    EXPECT_DOUBLE_EQ(binomial_upper_tail(3, 0), 1.0);
    EXPECT_NEAR(binomial_upper_tail(1, 1), 0.5, 1e-12);
    EXPECT_NEAR(binomial_upper_tail(10, 10), 1.0 / 1024, 1e-12);
    EXPECT_NEAR(binomial_upper_tail(8, 10), 56.0 / 1024, 1e-12);
    EXPECT_NEAR(binomial_upper_tail(5000, 10'000), 0.503989, 1e-5);
    EXPECT_LT(binomial_upper_tail(10'000, 10'000), 1e-300);
}

TEST(BenjaminiHochberg, RejectsByRank) {
    // The example of their paper (1995, section 3.1): four of fifteen at q = 0.05.
    const std::vector<double> p{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
                                0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0};
    const auto rejected = benjamini_hochberg(p, 0.05);
    EXPECT_EQ(std::count(rejected.begin(), rejected.end(), true), 4);
    EXPECT_TRUE(rejected[3]);
    EXPECT_FALSE(rejected[4]);
    EXPECT_TRUE(benjamini_hochberg({}, 0.01).empty());
}

TEST(Noise, WithoutControlEveryDifferenceIsAFinding) { EXPECT_EQ(judged({soft(1, 0)}, false), Judgement::finding); }

TEST(Noise, OneDifferenceInQuietRunsIsAFinding) {
    EXPECT_EQ(judged({soft(1, 0)}), Judgement::finding);
    // Clocks differ in every run; that says nothing of chance.
    CellEvidence clock = soft(0, 0);
    clock.both_steps = 500;
    const auto verdicts = judge_cells({soft(1, 0), clock}, true, false);
    EXPECT_EQ(verdicts[0].judgement, Judgement::finding);
    EXPECT_EQ(verdicts[1].judgement, Judgement::noise);
    EXPECT_FALSE(verdicts[1].why.empty());
}

TEST(Noise, ALoneDifferenceInNoisyRunsIsUnconfirmed) {
    CellEvidence elsewhere = soft(0, 2);
    EXPECT_EQ(judged({soft(1, 0), elsewhere}), Judgement::unconfirmed);
    elsewhere = soft(0, 0);
    elsewhere.both_steps = elsewhere.baseline_odd_steps = 1;  // here it was the baseline that stood alone
    EXPECT_EQ(judged({soft(1, 0), elsewhere}), Judgement::unconfirmed);
    EXPECT_FALSE(judge_cells({soft(2, 0), soft(0, 2)}, true, false)[0].widespread);
    EXPECT_TRUE(judge_cells({soft(3, 0), soft(0, 2)}, true, false)[0].widespread);
}

TEST(Noise, ManySessionsStandOutOfNoise) {
    EXPECT_EQ(judged({soft(30, 0), soft(0, 2)}), Judgement::finding);
    EXPECT_EQ(judged({soft(30, 3)}), Judgement::finding);
    EXPECT_EQ(judged({soft(12, 10)}), Judgement::noise);
}

TEST(Noise, AConfirmationDecides) {
    CellEvidence again = soft(1, 0);
    again.recurring_steps = 1;
    EXPECT_EQ(judged({again, soft(0, 2)}, true, true), Judgement::finding);
    EXPECT_EQ(judged({soft(1, 0)}, true, true), Judgement::unconfirmed) << "not even in quiet runs";
    EXPECT_EQ(judged({soft(1, 0)}, false, true), Judgement::unconfirmed);
    CellEvidence clock = again;
    clock.volatile_steps = 1;
    EXPECT_EQ(judged({clock}, false, true), Judgement::noise) << "the two candidate runs differ from each other";
    CellEvidence elsewhere = soft(kWidespreadSessions, 0);
    elsewhere.confirmation_sessions = kWidespreadSessions;
    EXPECT_EQ(judged({elsewhere}, true, true), Judgement::finding) << "in other steps, but in enough sessions";
    elsewhere.confirmation_sessions = kWidespreadSessions - 1;
    EXPECT_EQ(judged({elsewhere}, true, true), Judgement::unconfirmed);
    // Significant against the control, and yet it did not come again.
    EXPECT_EQ(judged({soft(30, 1)}, true, true), Judgement::noise);
}

TEST(Noise, SchemaErrorsNeedNoEvidence) {
    CellEvidence hard;
    hard.candidate_only_sessions = 1;
    EXPECT_EQ(judged({hard, soft(0, 5)}), Judgement::finding);
    hard.control_only_sessions = 1;
    EXPECT_EQ(judged({hard}), Judgement::noise) << "the control has it too";
    hard.candidate_only_sessions = 40;
    EXPECT_EQ(judged({hard}), Judgement::finding);
}

TEST(Noise, ErrorsOfConcurrencyAreNoiseWhenTheControlMetThem) {
    CellEvidence deadlock;
    deadlock.concurrency = true;
    deadlock.candidate_only_sessions = 2;
    EXPECT_EQ(judged({deadlock}), Judgement::finding);
    deadlock.same_state_in_control = true;
    EXPECT_EQ(judged({deadlock}), Judgement::noise);
}

// Nothing changed: candidate and control err alike, each cell at its own rate. 60 cells × 40 sessions, 200 seeds.
TEST(Noise, RunsOfAnUnchangedSchemaRarelyGiveAFinding) {
    std::mt19937_64 random(20'240'501);
    int runs_with_findings = 0;
    for (int run = 0; run < 200; ++run) {
        std::vector<CellEvidence> cells;
        for (int cell = 0; cell < 60; ++cell) {
            std::bernoulli_distribution differs(0.002 * (1 + cell));
            CellEvidence evidence = soft(0, 0);
            for (int session = 0; session < 40; ++session) {
                const bool b = differs(random);
                const bool c = differs(random);
                if (b && !c) ++evidence.candidate_only_sessions;
                if (c && !b) ++evidence.control_only_sessions;
                if (b && c) ++evidence.both_steps;
            }
            if (evidence.candidate_only_sessions + evidence.control_only_sessions > 0) cells.push_back(evidence);
        }
        for (const Verdict& verdict : judge_cells(cells, true, false)) {
            if (verdict.judgement != Judgement::finding) continue;
            ++runs_with_findings;
            break;
        }
    }
    EXPECT_LE(runs_with_findings, 4) << "q = 0.01 allows two in the mean";
}

TEST(Noise, APlantedChangeIsFoundAmongNoise) {
    std::mt19937_64 random(7);
    int found = 0;
    for (int run = 0; run < 100; ++run) {
        std::vector<CellEvidence> cells;
        for (int cell = 0; cell < 40; ++cell) {
            std::binomial_distribution<std::uint64_t> count(40, 0.05);
            cells.push_back(soft(count(random), count(random)));
        }
        cells.push_back(soft(25, 2));  // the change: 25 of 40 sessions see it
        if (judge_cells(cells, true, false).back().judgement == Judgement::finding) ++found;
    }
    EXPECT_GE(found, 99);
}

}  // namespace
}  // namespace understudy::compare
