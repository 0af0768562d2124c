// Whole comparisons of captures made by hand: what is noise, unconfirmed or downstream.
#include <gtest/gtest.h>

#include "tests/support/answers.hpp"

namespace understudy::compare {
namespace {

using namespace testing;
namespace oid = pgwire::type_oid;

StepResult one(const Bytes& value) { return rows({{"v", oid::text}}, {{value}}); }

TEST(SetApart, WhatTheControlShowsAsWellIsNoise) {
    MadeCapture a;
    a.query(1, "SELECT now()", {one("10:00")});
    a.query(1, "SELECT v FROM t", {one("x")});
    MadeCapture c;
    c.query(1, "SELECT now()", {one("10:05")});
    c.query(1, "SELECT v FROM t", {one("x")});
    MadeCapture b;
    b.query(1, "SELECT now()", {one("10:10")});
    b.query(1, "SELECT v FROM t", {one("x")});
    Report report = compare_made(a, b, &c);
    EXPECT_EQ(report.verdict, ReportVerdict::same);
    EXPECT_EQ(report.noise, 1U);
    ASSERT_EQ(report.noise_places.size(), 1U);
    EXPECT_EQ(compare_made(a, b).verdict, ReportVerdict::divergent) << "without a control nobody knows";

    MadeCapture changed;
    changed.query(1, "SELECT now()", {one("10:10")});
    changed.query(1, "SELECT v FROM t", {one("y")});
    report = compare_made(a, changed, &c);
    EXPECT_EQ(report.verdict, ReportVerdict::divergent);
    EXPECT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.noise, 1U);
}

/// `stray`: another statement of the control differs by chance.
void fill(MadeCapture& capture, const Bytes& value, const Bytes& stray) {
    capture.query(1, "SELECT v FROM t", {one(value)});
    capture.query(2, "SELECT w FROM u", {one(stray)});
}

TEST(SetApart, AConfirmationRunDecidesOnALoneDifference) {
    MadeCapture a, b, c, again, not_again;
    fill(a, "x", "s");
    fill(b, "y", "s");
    fill(c, "x", "other");
    fill(again, "y", "s");
    fill(not_again, "x", "s");
    Report report = compare_made(a, b, &c);
    EXPECT_EQ(report.verdict, ReportVerdict::same);
    EXPECT_EQ(report.unconfirmed, 1U) << "listed, not dropped";
    EXPECT_EQ(compare_made(a, b, &c, &again).verdict, ReportVerdict::divergent);
    report = compare_made(a, b, &c, &not_again);
    EXPECT_EQ(report.verdict, ReportVerdict::same);
    EXPECT_EQ(report.unconfirmed, 1U);
}

TEST(SetApart, WidespreadUnconfirmedDifferencesForbidTheVerdictSame) {
    MadeCapture a, b, c;
    for (std::uint64_t session = 1; session <= 4; ++session) {
        a.query(session, "SELECT v FROM t", {one("x")});
        b.query(session, "SELECT v FROM t", {one("y")});
        c.query(session, "SELECT v FROM t", {one("x")});
    }
    a.query(9, "SELECT w FROM u", {one("s")});
    b.query(9, "SELECT w FROM u", {one("s")});
    c.query(9, "SELECT w FROM u", {one("other")});
    EXPECT_EQ(compare_made(a, b, &c).verdict, ReportVerdict::inconclusive);
}

TEST(SetApart, SchemaErrorsAreNeverNoise) {
    MadeCapture a, b, c;
    for (int i = 0; i < 10; ++i) {
        a.query(1, "SELECT w FROM u", {one("s")});
        c.query(1, "SELECT w FROM u", {one(std::to_string(i))});
        b.query(1, "SELECT w FROM u", {i == 5 ? failed("42P01", "relation \"u\" does not exist") : one("s")});
    }
    const Report report = compare_made(a, b, &c);
    EXPECT_EQ(report.verdict, ReportVerdict::divergent);
    ASSERT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.findings[0].sqlstate, "42P01");
}

TEST(SetApart, ADeadlockThatTheControlMetElsewhereIsNoise) {
    MadeCapture a, b, c;
    const auto deadlock = failed("40P01", "deadlock detected");
    for (auto* side : {&a, &b, &c}) {
        side->query(1, "UPDATE a SET x = 1", {side == &b ? deadlock : done("UPDATE 1")});
        side->query(2, "UPDATE b SET x = 1", {side == &c ? deadlock : done("UPDATE 1")});
    }
    const Report report = compare_made(a, b, &c);
    EXPECT_EQ(report.verdict, ReportVerdict::same);
    EXPECT_EQ(report.noise, 1U);
    const Report alone = compare_made(a, b);
    ASSERT_EQ(alone.findings.size(), 1U);
    EXPECT_EQ(alone.findings[0].cause, Cause::lock_or_timeout);
}

TEST(SetApart, ReadsOfWhatAFailedStatementShouldHaveWrittenAreDownstream) {
    MadeCapture a, b;
    a.query(1, "INSERT INTO orders (total) VALUES (5)", {done("INSERT 0 1")});
    b.query(1, "INSERT INTO orders (total) VALUES (5)", {failed("23502", "null value in column \"customer\"")});
    a.query(2, "SELECT count(*) FROM orders", {one("8")});
    b.query(2, "SELECT count(*) FROM orders", {one("7")});
    a.query(2, "SELECT count(*) FROM items", {one("8")});
    b.query(2, "SELECT count(*) FROM items", {one("7")});
    const Report report = compare_made(a, b);
    ASSERT_EQ(report.findings.size(), 2U);
    EXPECT_EQ(report.findings[0].downstream, 1U);
    EXPECT_EQ(report.findings[1].statement, "SELECT count(*) FROM items") << "nothing spoiled that";
    EXPECT_EQ(report.downstream, 1U);
}

TEST(SetApart, ADifferenceBeforeTheErrorStandsForItself) {
    MadeCapture a, b;
    for (int i = 0; i < 2; ++i) {
        a.query(2, "SELECT count(*) FROM orders", {one("8")});
        b.query(2, "SELECT count(*) FROM orders", {one("7")});
        a.query(1, "INSERT INTO orders (total) VALUES (5)", {done("INSERT 0 1")});
        b.query(1, "INSERT INTO orders (total) VALUES (5)", {failed("23502", "null value in column \"customer\"")});
    }
    const Report report = compare_made(a, b);
    EXPECT_EQ(report.findings.size(), 2U);
    EXPECT_EQ(report.downstream, 0U);
}

TEST(SetApart, WhatAFailedTransactionHadWrittenBeforeIsSpoiledToo) {
    MadeCapture a, b;
    for (auto* side : {&a, &b}) {
        side->query(1, "BEGIN", {done("BEGIN")}, 'T');
        side->query(1, "INSERT INTO orders VALUES (5)", {done("INSERT 0 1")}, 'T');
    }
    a.query(1, "INSERT INTO lines VALUES (5)", {done("INSERT 0 1")}, 'T');
    b.query(1, "INSERT INTO lines VALUES (5)", {failed("42703", "no column")}, 'E');
    a.query(1, "COMMIT", {done("COMMIT")});
    b.query(1, "COMMIT", {done("ROLLBACK")});
    a.query(2, "SELECT total FROM orders", {rows({{"total"}}, {{"5"}})});
    b.query(2, "SELECT total FROM orders", {rows({{"total"}}, {})});
    const Report report = compare_made(a, b);
    EXPECT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.downstream, 1U);
}

using Drawn = std::vector<std::optional<Bytes>>;  // what an INSERT returns, time after time

Report drawn(const Drawn& baseline, const Drawn& control, const Drawn& candidate, const Drawn& again,
             std::uint32_t type = oid::timestamptz) {
    MadeCapture a("a"), b("b"), c("c"), d("d");
    for (const auto& [capture, values] : std::vector<std::pair<MadeCapture*, const Drawn*>>{
             {&a, &baseline}, {&b, &candidate}, {&c, &control}, {&d, &again}}) {
        for (const auto& value : *values) {
            capture->query(1, "INSERT INTO parcels DEFAULT VALUES RETURNING id, sent",
                           {rows({{"id"}, {"sent", type}}, {{"7", value}})});
        }
    }
    return compare_made(a, b, &c, &d);
}

const Drawn kA{"2024-01-01 00:00:01+00", "2024-01-01 00:00:02+00", "2024-01-01 00:00:03+00"};
const Drawn kC{"2024-01-01 01:00:01+00", "2024-01-01 01:00:02+00", "2024-01-01 01:00:03+00"};
const Drawn kB{"2024-01-01 02:00:01+00", "2024-01-01 02:00:02+00", "2024-01-01 02:00:03+00"};
const Drawn kD{"2024-01-01 03:00:01+00", "2024-01-01 03:00:02+00", "2024-01-01 03:00:03+00"};

TEST(Frozen, AClockThatStandsStillOnTheCandidateIsAFinding) {
    EXPECT_EQ(drawn(kA, kC, kB, kD).verdict, ReportVerdict::same) << "clocks that go";
    for (const std::optional<Bytes>& value : Drawn{std::nullopt, "2000-01-01 00:00:00+00"}) {
        const Report report = drawn(kA, kC, Drawn(3, value), Drawn(3, value));
        EXPECT_EQ(report.verdict, ReportVerdict::divergent);
        ASSERT_EQ(report.findings.size(), 1U);
        EXPECT_EQ(report.findings[0].place, "column sent");
        EXPECT_NE(report.findings[0].explanation.find("always the same value"), std::string::npos);
    }
}

TEST(Frozen, RandomNumbersOfNoKnownTypeCountToo) {
    const Drawn none(3, std::nullopt);
    EXPECT_EQ(drawn({"a", "b", "c"}, {"d", "e", "f"}, none, none, oid::text).findings.size(), 1U);
}

TEST(Frozen, NothingIsSaidWhereChanceCanBeAllThatItIs) {
    const Drawn day1(3, "2024-01-01 00:00:00+00"), day2(3, "2024-01-02 00:00:00+00"), day3(3, "2024-01-03 00:00:00+00");
    EXPECT_EQ(drawn(day1, day2, day3, day3).verdict, ReportVerdict::same) << "a clock cut to days, and midnights between";
    EXPECT_EQ(drawn(kA, kC, day1, day2).verdict, ReportVerdict::same) << "the candidate's runs differ";
    EXPECT_EQ(drawn(kA, day3, day3, day3).verdict, ReportVerdict::same) << "the control has it as well";
    const Drawn a(kA.begin(), kA.end() - 1), c(kC.begin(), kC.end() - 1), two(2, std::nullopt);
    EXPECT_EQ(drawn(a, c, two, two).verdict, ReportVerdict::same) << "too few to tell";
}

/// A statement that takes so long in each run; 0: it is not there.
Report stalled(std::int64_t baseline, std::int64_t candidate, std::int64_t confirmation, const char* source = "replay") {
    MadeCapture a("a"), b("b"), c("c"), d("d");
    for (auto& [capture, ms] : std::vector<std::pair<MadeCapture*, std::int64_t>>{
             {&a, baseline}, {&b, candidate}, {&c, baseline}, {&d, confirmation}}) {
        capture->made_header().source = source;
        capture->slow(ms);
        capture->query(1, "SELECT status FROM orders WHERE id = 1", {rows({{"status"}}, {{"1"}})});
    }
    return confirmation == 0 ? compare_made(a, b) : compare_made(a, b, &c, &d);
}

TEST(Stall, IsAFindingWhenItComesAgain) {
    const Report report = stalled(2, 900, 1100);
    ASSERT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.findings[0].kind, DivergenceKind::stall);
    EXPECT_EQ(report.findings[0].cause, Cause::lock_or_timeout);
    EXPECT_EQ(report.verdict, ReportVerdict::divergent);
}

TEST(Stall, IsNotChargedToWhatWaitedBehindIt) {
    MadeCapture a("a"), b("b"), c("c"), d("d");
    for (MadeCapture* capture : {&a, &b, &c, &d}) {
        capture->made_header().source = "replay";
        const bool slow = capture == &b || capture == &d;
        capture->pipeline(1, {{"SELECT pg_sleep(0)", slow ? 900 : 1}, {"SELECT 1", 1}});
    }
    const Report report = compare_made(a, b, &c, &d);
    ASSERT_EQ(report.findings.size(), 1U);
    EXPECT_NE(report.findings[0].statement.find("pg_sleep"), Bytes::npos);
}

TEST(Stall, OfOneRunAloneIsUnconfirmed) {
    for (const std::int64_t confirmation : {0, 2}) {
        const Report report = stalled(2, 900, confirmation);
        EXPECT_EQ(report.verdict, ReportVerdict::same) << confirmation;
        EXPECT_EQ(report.unconfirmed_places.size(), 1U);
    }
}

TEST(Stall, IsFarLongerAndBetweenReplaysOnly) {
    EXPECT_EQ(stalled(2, 400, 400).verdict, ReportVerdict::same) << "less than half a second";
    EXPECT_EQ(stalled(200, 900, 900).verdict, ReportVerdict::same) << "less than ten times";
    EXPECT_EQ(stalled(2, 900, 900, "packets").verdict, ReportVerdict::same) << "production's own times";
}

}  // namespace
}  // namespace understudy::compare
