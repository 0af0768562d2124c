// Nights simulated with a known truth: which statements the change really changed. What is called a finding has to be
// one, up to the false discovery rate, and what was changed has to be found.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "compare/analysis/noise.hpp"

namespace understudy::compare {
namespace {

/// One statement's place over all sessions.
struct Statement {
    double noise = 0;   ///< how often a run's answer is another one by chance, in a step
    double effect = 0;  ///< in how many of its steps the change gives another answer
};

struct Night {
    static constexpr std::size_t kSessions = 60;
    static constexpr std::size_t kSteps = 10;  ///< of each session
    std::mt19937_64 random;

    explicit Night(std::uint64_t seed) : random(seed) {}
    bool chance(double p) { return std::bernoulli_distribution(p)(random); }
    /// What a run answers: 0 as the schema says, 1 as the changed schema says, or something by chance.
    std::uint64_t answer(const Statement& statement, bool changed) {
        if (chance(statement.noise)) return 2 + random() % 1'000'000;
        return changed ? 1 : 0;
    }

    /// As Tally counts it; `confirm`: with a second candidate.
    CellEvidence see(const Statement& statement, bool confirm) {
        CellEvidence seen;
        seen.soft = true;
        std::set<std::size_t> candidate_only, control_only, confirmation;
        for (std::size_t session = 0; session < kSessions; ++session) {
            for (std::size_t step = 0; step < kSteps; ++step) {
                const bool changed = chance(statement.effect);
                const auto a = answer(statement, false), c = answer(statement, false);
                const auto b = answer(statement, changed), d = answer(statement, changed);
                if (confirm && d != a) confirmation.insert(session);
                if (b == a) {
                    if (c != a) control_only.insert(session);
                    continue;
                }
                if (c != a) {
                    ++seen.both_steps;
                    seen.baseline_odd_steps += b == c ? 1U : 0U;
                    continue;
                }
                candidate_only.insert(session);
                seen.recurring_steps += confirm && d != a ? 1U : 0U;
                seen.volatile_steps += confirm && d != a && d != b ? 1U : 0U;
            }
        }
        seen.candidate_only_sessions = candidate_only.size();
        seen.control_only_sessions = control_only.size();
        seen.confirmation_sessions = confirmation.size();
        return seen;
    }
};

/// What came of many nights.
struct Rates {
    double false_discoveries = 0;  ///< mean share of the findings that are none; a night without findings counts 0
    double nights_with_false = 0;
    double found = 0;  ///< share of the changed statements
};

Rates simulate(const std::vector<Statement>& statements, bool confirm, std::uint64_t nights) {
    Rates rates;
    double changed = 0, found = 0;
    for (std::uint64_t seed = 1; seed <= nights; ++seed) {
        Night night(seed);
        std::vector<CellEvidence> cells;
        for (const Statement& statement : statements) cells.push_back(night.see(statement, confirm));
        const auto verdicts = judge_cells(cells, true, confirm);
        double false_ones = 0, all = 0;
        for (std::size_t i = 0; i < statements.size(); ++i) {
            const bool differs = cells[i].candidate_only_sessions > 0 || cells[i].both_steps > 0;
            const bool called = differs && verdicts[i].judgement == Judgement::finding;
            const bool real = statements[i].effect > 0;
            all += called ? 1 : 0;
            false_ones += called && !real ? 1 : 0;
            changed += real ? 1 : 0;
            found += called && real ? 1 : 0;
        }
        rates.false_discoveries += all > 0 ? false_ones / all : 0;
        rates.nights_with_false += false_ones > 0 ? 1 : 0;
    }
    const auto n = static_cast<double>(nights);
    rates.false_discoveries /= n;
    rates.nights_with_false /= n;
    rates.found = changed > 0 ? found / changed : 1;
    return rates;
}

/// So many statements: most of them still, some with little noise, some with much. Noise so rare that the one control
/// mostly misses it can only be told by a confirmation: `rare` leaves it in.
std::vector<Statement> shop(std::size_t count, double noisy_share, bool rare) {
    std::vector<Statement> statements(count);
    const double rare_levels[] = {0.001, 0.002, 0.005, 0.05, 0.5};
    const double levels[] = {0.02, 0.05, 0.1, 0.3, 0.5};
    const auto noisy = static_cast<std::size_t>(static_cast<double>(count) * noisy_share);
    for (std::size_t i = 0; i < noisy; ++i) statements[i].noise = rare ? rare_levels[i % 5] : levels[i % 5];
    return statements;
}

std::uint64_t nights_for(std::size_t statements) { return statements > 100 ? 12 : statements > 10 ? 100 : 1000; }

class FalseDiscovery : public ::testing::TestWithParam<std::size_t> {};

TEST_P(FalseDiscovery, NightsOnWhichNothingIsWrongAreSilent) {
    for (const bool confirm : {true, false}) {
        for (const double noisy : {0.1, 1.0}) {
            const Rates rates = simulate(shop(GetParam(), noisy, confirm), confirm, nights_for(GetParam()));
            EXPECT_LE(rates.nights_with_false, 0.02) << "confirmed: " << confirm << ", noisy: " << noisy;
            RecordProperty("false", std::to_string(rates.nights_with_false));
        }
    }
}

TEST_P(FalseDiscovery, ItsRateIsKeptWhereSomethingIsWrong) {
    for (const bool confirm : {true, false}) {
        std::vector<Statement> statements = shop(GetParam(), 0.5, confirm);
        // Of twenty one was changed, be it noisy or still; a single one with its noise.
        for (std::size_t i = 0; i < statements.size(); i += 20) statements[i].effect = 0.5;
        if (statements.size() == 1) statements[0].noise = 0.05;
        const Rates rates = simulate(statements, confirm, nights_for(GetParam()));
        EXPECT_LE(rates.false_discoveries, kFalseDiscoveryRate) << "confirmed: " << confirm;
        EXPECT_GE(rates.found, 0.95) << "confirmed: " << confirm;
    }
}

INSTANTIATE_TEST_SUITE_P(Statements, FalseDiscovery, ::testing::Values(1, 20, 500));

}  // namespace
}  // namespace understudy::compare
