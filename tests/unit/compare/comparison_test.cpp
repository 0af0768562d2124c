// Whole comparisons of captures made by hand.
#include "compare/comparison.hpp"

#include <gtest/gtest.h>

#include <random>

#include "compare/analysis/tally.hpp"
#include "tests/support/answers.hpp"

namespace understudy::compare {
namespace {

using namespace testing;
namespace oid = pgwire::type_oid;

StepResult one(const Bytes& value) { return rows({{"v", oid::text}}, {{value}}); }

TEST(Comparison, EqualCapturesAreTheSame) {
    MadeCapture a;
    for (std::uint64_t session = 1; session <= 3; ++session) {
        a.query(session, "SELECT v FROM t", {one("x")});
        a.execute(session, "SELECT v FROM t WHERE id = $1", {"5"}, one("y"));
        a.close(session);
    }
    MadeCapture b = a;
    const Report report = compare_made(a, b);
    EXPECT_EQ(report.verdict, ReportVerdict::same);
    EXPECT_EQ(report.coverage.steps, 12U);
    EXPECT_EQ(report.coverage.compared, 12U);
    EXPECT_EQ(report.coverage.exchanges, 6U);
    EXPECT_EQ(report.coverage.percent(), 100.0);
    EXPECT_TRUE(report.findings.empty());
}

TEST(Comparison, SessionsMayInterleaveInAnyOrder) {
    MadeCapture a;
    MadeCapture b;
    for (int i = 0; i < 300; ++i) {
        for (std::uint64_t session = 1; session <= 3; ++session) a.query(session, "SELECT 1", {one(std::to_string(i))});
    }
    for (std::uint64_t session = 3; session >= 1; --session) {
        for (int i = 0; i < 300; ++i) b.query(session, "SELECT 1", {one(std::to_string(i))});
    }
    const Report report = compare_made(a, b);
    EXPECT_EQ(report.verdict, ReportVerdict::same);
    EXPECT_EQ(report.coverage.compared, 900U);
}

TEST(Comparison, OccurrencesOfOneStatementAreOneFinding) {
    MadeCapture a;
    MadeCapture b;
    for (std::uint64_t session = 1; session <= 4; ++session) {
        for (int i = 0; i < 5; ++i) {
            const Bytes sql = "SELECT v FROM t WHERE id = " + std::to_string(i);
            a.query(session, sql, {one("x")});
            b.query(session, sql, {failed("42501", "permission denied for table t")});
        }
    }
    const Report report = compare_made(a, b);
    ASSERT_EQ(report.findings.size(), 1U);
    const Finding& finding = report.findings[0];
    EXPECT_EQ(finding.count, 20U);
    EXPECT_EQ(finding.sessions, 4U);
    EXPECT_EQ(finding.cause, Cause::privilege);
    EXPECT_EQ(finding.statement, "SELECT v FROM t WHERE id = $1");
    EXPECT_LT(finding.first, finding.last);
    EXPECT_EQ(report.diverged, 20U);
}

TEST(Comparison, TheExampleCanBePastedIntoPsql) {
    MadeCapture a;
    MadeCapture b;
    const std::vector<pgwire::FrontendMessage> prepare{pgwire::Parse{"s", "UPDATE t SET note = $2 WHERE id = $1", {}},
                                                       pgwire::Describe{pgwire::Target::statement, "s"}};
    for (auto* side : {&a, &b}) {
        side->extended(1, prepare, {as(StepKind::parse, done("")), described({oid::int4, oid::text}, {})});
    }
    const std::vector<pgwire::FrontendMessage> run{pgwire::Bind{"", "s", {1, 0}, {Bytes("\0\0\0\7", 4), "it's"}, {}},
                                                   pgwire::Execute{}};
    a.extended(1, run, {as(StepKind::bind, done("")), as(StepKind::execute, done("UPDATE 1"))});
    b.extended(1, run, {as(StepKind::bind, done("")), as(StepKind::execute, failed("23514", "violates check"))});
    const Report report = compare_made(a, b);
    ASSERT_EQ(report.findings.size(), 1U);
    const Example& example = *report.findings[0].example;
    EXPECT_EQ(example.sql, "UPDATE t SET note = 'it''s'::text WHERE id = '7'::integer;");
    EXPECT_EQ(example.baseline, "UPDATE 1");
    EXPECT_EQ(example.candidate, "ERROR 23514: violates check");
    EXPECT_EQ(example.exchange.ordinal, Ordinal(1));
    EXPECT_EQ(example.step, 1U);
}

/// A log tells errors and no results: what it does not know is neither equal nor different.
TEST(Comparison, ALogsUnknownResultsAreNoDifferenceAndNoProof) {
    MadeCapture log;
    MadeCapture replayed;
    log.made_header().results_unknown = true;
    for (int i = 0; i < 5; ++i) {
        log.query(1, "SELECT v FROM t; SELECT 2", {done("")});
        replayed.query(1, "SELECT v FROM t; SELECT 2", {one("x"), one("2")});
    }
    const Report unknown = compare_made(log, replayed);
    EXPECT_EQ(unknown.verdict, ReportVerdict::inconclusive);
    EXPECT_TRUE(unknown.findings.empty());

    log.query(2, "SELECT gone FROM t", {done("")});
    replayed.query(2, "SELECT gone FROM t", {failed("42703", "column \"gone\" does not exist")});
    const Report broken = compare_made(log, replayed);
    EXPECT_EQ(broken.verdict, ReportVerdict::divergent);
    ASSERT_EQ(broken.findings.size(), 1U);
    EXPECT_EQ(broken.findings[0].cause, Cause::schema);
}

TEST(Comparison, OrderIsJudgedByTheStatement) {
    MadeCapture a;
    MadeCapture b;
    for (const char* sql : {"SELECT v FROM t", "SELECT v FROM t ORDER BY v"}) {
        a.query(1, sql, {rows({{"v"}}, {{"1"}, {"2"}})});
        b.query(1, sql, {rows({{"v"}}, {{"2"}, {"1"}})});
    }
    const Report report = compare_made(a, b);
    ASSERT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.findings[0].kind, DivergenceKind::order);
    EXPECT_EQ(report.findings[0].statement, "SELECT v FROM t ORDER BY v");
}

TEST(Comparison, WhatWasNotReplayedIsCountedByReason) {
    MadeCapture a, b;
    for (int i = 0; i < 8; ++i) {
        a.query(1, "SELECT 1", {one("x")});
        b.query(1, "SELECT 1", {one("x")});
    }
    a.query(1, "COPY t TO PROGRAM 'x'", {done("COPY 1")});
    auto held = of_outcome(StepOutcome::not_sent);
    held.note = "held back: COPY PROGRAM";
    b.query(1, "COPY t TO PROGRAM 'x'", {held});
    a.query(2, "SELECT 1", {one("x")});
    b.close(2, SessionEnd::failed);
    const Report report = compare_made(a, b);
    EXPECT_EQ(report.coverage.not_compared,
              (std::map<Bytes, std::uint64_t>{{"candidate: not sent (held back: COPY PROGRAM)", 1},
                                              {"candidate: session failed", 1}}));
    EXPECT_EQ(report.coverage.percent(), 80.0);
    EXPECT_EQ(report.verdict, ReportVerdict::inconclusive);
    ASSERT_FALSE(report.reasons.empty());
    EXPECT_NE(report.reasons[0].find("80.0 %"), std::string::npos);
}

TEST(Comparison, StepsThatOnlyTheCandidateHasLowerTheCoverage) {
    MadeCapture a, b;
    for (std::uint64_t session = 1; session <= 4; ++session) b.query(session, "SELECT 1", {one("x")});
    a.query(1, "SELECT 1", {one("x")});
    const Report report = compare_made(a, b);
    EXPECT_EQ(report.coverage.extra_steps, 3U);
    EXPECT_EQ(report.coverage.percent(), 25.0);
    EXPECT_EQ(report.verdict, ReportVerdict::inconclusive);
}

TEST(Comparison, AFindingStaysDivergentWhateverTheCoverage) {
    MadeCapture a, b;
    a.query(1, "SELECT v FROM t", {one("x")});
    b.query(1, "SELECT v FROM t", {failed("42P01", "relation \"t\" does not exist")});
    a.query(2, "SELECT v FROM t", {one("x")});
    const Report report = compare_made(a, b);
    EXPECT_EQ(report.verdict, ReportVerdict::divergent);
    EXPECT_EQ(report.reasons.size(), 2U);
}

TEST(Comparison, NothingComparedIsInconclusive) {
    MadeCapture a, b;
    EXPECT_EQ(compare_made(a, b).verdict, ReportVerdict::inconclusive);
    a.query(1, "SELECT 1", {one("x")});
    b.query(2, "SELECT 1", {one("x")});
    EXPECT_EQ(compare_made(a, b).verdict, ReportVerdict::inconclusive);
}

TEST(Comparison, ADisturbedRunIsInconclusive) {
    MadeCapture a, b;
    a.query(1, "SELECT v FROM t", {one("x")});
    b.query(1, "SELECT v FROM t", {failed("57P01", "terminating connection due to administrator command")});
    const Report report = compare_made(a, b);
    EXPECT_EQ(report.verdict, ReportVerdict::inconclusive);
    ASSERT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.findings[0].cause, Cause::environment);
}

TEST(Comparison, DifferentDigestKeysCannotBeCompared) {
    MadeCapture a, b;
    b.made_header().key_id = "00000000000000bb";
    const auto report = compare_captures({&a, &b, nullptr, nullptr}, {});
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, Errc::inconclusive);
    EXPECT_NE(report.error().message.find("digest key"), std::string::npos);
}

TEST(Comparison, DamageIsSaid) {
    MadeCapture a, b;
    a.query(1, "SELECT 1", {one("x")});
    b.query(1, "SELECT 1", {one("x")});
    b.made_damage().trailer_missing = true;
    Report report = compare_made(a, b);
    EXPECT_EQ(report.verdict, ReportVerdict::same);
    ASSERT_EQ(report.remarks.size(), 2U);
    EXPECT_NE(report.remarks[1].find("not complete"), std::string::npos);
    a.made_damage().trailer_missing = true;
    report = compare_made(a, b);
    EXPECT_EQ(report.verdict, ReportVerdict::inconclusive) << "neither says how much there should be";
}

TEST(Comparison, TheMemoryLimitIsKeptAndCounted) {
    MadeCapture a, b;
    for (int i = 0; i < 2000; ++i) a.query(1, "SELECT 1", {one("x")});
    for (int i = 0; i < 2000; ++i) a.query(2, "SELECT 1", {one("x")});
    for (int i = 0; i < 2000; ++i) b.query(2, "SELECT 1", {one("x")});
    for (int i = 0; i < 2000; ++i) b.query(1, "SELECT 1", {one("x")});
    const Report whole = compare_made(a, b);
    EXPECT_EQ(whole.coverage.compared, 4000U);
    const Report limited = compare_made(a, b, nullptr, nullptr, 200U << 10U);
    EXPECT_LT(limited.coverage.compared, 4000U);
    EXPECT_EQ(limited.verdict, ReportVerdict::inconclusive);
    EXPECT_EQ(limited.coverage.compared + limited.coverage.not_compared.at("candidate: memory limit"), 4000U);
}

TEST(Comparison, ManyDifferentPlacesShareACell) {
    MadeCapture a, b;
    for (std::size_t i = 0; i < Tally::kMaxCells + 50; ++i) {
        const Bytes sql = "SELECT c" + std::to_string(i) + " FROM t";
        a.query(1, sql, {done("SELECT 0")});
        b.query(1, sql, {failed("42703", "no column")});
    }
    const Report report = compare_made(a, b);
    EXPECT_EQ(report.findings.size(), Tally::kMaxCells + 1);
    EXPECT_EQ(report.diverged, Tally::kMaxCells + 50) << "none is dropped";
}

/// Random results of random shape, damaged at random: nothing may crash or be counted twice.
TEST(Comparison, StepsAreEitherComparedOrCounted) {
    std::mt19937 random(42);
    const auto any_result = [&random]() -> StepResult {
        switch (random() % 6) {
            case 0: return failed(random() % 2 ? "42703" : "25P02", "x");
            case 1: return of_outcome(StepOutcome::skipped);
            case 2: return of_outcome(StepOutcome::unanswered);
            case 3: return done(random() % 2 ? "COMMIT" : "ROLLBACK");
            default: return rows({{"a"}}, {{std::to_string(random() % 2)}});
        }
    };
    for (int run = 0; run < 200; ++run) {
        MadeCapture sides[3];
        std::uint64_t steps = 0;
        for (int i = 0; i < 40; ++i) {
            const std::uint64_t session = 1 + random() % 3;
            for (MadeCapture& side : sides) {
                if (random() % 10 == 0) {
                    side.leave_out(session);
                    continue;
                }
                std::vector<StepResult> results;
                for (std::uint32_t k = random() % 4; k > 0; --k) results.push_back(any_result());
                if (&side == &sides[0]) steps += results.size();
                side.query(session, "SELECT 1; SELECT 2; SELECT 3", std::move(results), "ITE"[random() % 3]);
            }
        }
        const Report report = compare_made(sides[0], sides[1], &sides[2]);
        std::uint64_t left_out = 0;
        for (const auto& [why, count] : report.coverage.not_compared) left_out += count;
        EXPECT_EQ(report.coverage.steps, steps);
        EXPECT_EQ(report.coverage.compared + left_out, steps);
        EXPECT_FALSE(to_text(report, {}).empty());
    }
}

}  // namespace
}  // namespace understudy::compare
