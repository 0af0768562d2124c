#include "compare/history/nights.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "compare/history/history_text.hpp"
#include "compare/history/retention.hpp"
#include "tests/support/made_runs.hpp"

namespace understudy::compare {
namespace {

using testing::made_fingerprint;
using testing::night_time;

/// A run of a night that has these findings (by number); statements 0 to 9 were asked.
ObservedRun night(int number, const std::vector<int>& findings) {
    ObservedRun run = testing::made_run(number, "nightly", 0, 10).observed;
    for (const int finding : findings) {
        RunFinding one;
        one.key = {made_fingerprint(finding), "value", "column total", ""};
        one.id = fmt::format("f{:07x}", finding);
        one.severity = "wrong answer";
        one.count = 3;
        run.findings.push_back(std::move(one));
    }
    run.summary.verdict = findings.empty() ? "same" : "divergent";
    return run;
}

/// Nights from the oldest on, each with whether finding 1 is there ('x'), not ('.'), not asked ('-'), or whether the run is
/// inconclusive ('?'); judged as of the last.
NightsComparison judged(const std::string& nights) {
    std::vector<ObservedRun> earlier;
    for (std::size_t i = 0; i < nights.size(); ++i) {
        ObservedRun run = night(static_cast<int>(i), nights[i] == 'x' ? std::vector<int>{1} : std::vector<int>{});
        if (nights[i] == '?') run.summary.verdict = "inconclusive";
        if (nights[i] == '-') std::erase(run.asked, made_fingerprint(1));
        earlier.insert(earlier.begin(), std::move(run));
    }
    const ObservedRun tonight = earlier.front();
    earlier.erase(earlier.begin());
    return against_earlier(tonight, earlier);
}

std::string state_of(const std::string& nights) {
    const auto comparison = judged(nights);
    return comparison.changes.empty() ? "nothing" : std::string(to_string(comparison.changes[0].state));
}

TEST(Nights, WhatBecameOfAFinding) {
    EXPECT_EQ(state_of(".x"), "new");
    EXPECT_EQ(state_of("x"), "new");
    EXPECT_EQ(state_of("xx"), "persisting");
    EXPECT_EQ(state_of("x."), "gone");
    EXPECT_EQ(state_of("x.."), "nothing");
    EXPECT_EQ(state_of(".."), "nothing");
    EXPECT_EQ(state_of("x....x"), "new");
    EXPECT_EQ(state_of("x.x.x"), "flapping");
    EXPECT_EQ(state_of(".x.x"), "flapping");
    EXPECT_EQ(state_of("x.x."), "flapping");
    EXPECT_EQ(state_of("x.x.."), "nothing");
}

TEST(Nights, FlappingIsForgottenAfterSomeNights) {
    EXPECT_EQ(state_of("x.x.xxxxx"), "flapping");
    EXPECT_EQ(state_of("x.x.xxxxxxxxxx"), "persisting");
}

TEST(Nights, ANightThatCannotSayIsNoEvidence) {
    EXPECT_EQ(state_of("x?"), "unknown");
    EXPECT_EQ(state_of("x-"), "unknown");
    EXPECT_EQ(state_of("x?x"), "persisting");
    EXPECT_EQ(state_of("x-x"), "persisting");
    EXPECT_EQ(state_of("x-."), "gone");
    EXPECT_EQ(state_of(".?x"), "new");
    EXPECT_EQ(state_of("?x"), "new");
    const auto comparison = judged("x??x");
    EXPECT_EQ(comparison.passed_over, 2U);
    EXPECT_EQ(comparison.before.id, night(0, {}).summary.id);
}

TEST(Nights, WhatIsListedNowhereIsNotTakenForUnasked) {
    // A finding whose statement the list of what was asked does not know at all: its absence is believed.
    ObservedRun before = night(0, {20});
    const ObservedRun tonight = night(1, {});
    EXPECT_EQ(against_earlier(tonight, {before}).count(NightState::gone), 1U);
    before.asked.push_back(made_fingerprint(20));
    EXPECT_EQ(against_earlier(tonight, {before}).count(NightState::unknown), 1U);
}

TEST(Nights, SinceIsTheFirstNightWithoutAGap) {
    const auto comparison = judged("x.xx?x");
    ASSERT_EQ(comparison.changes.size(), 1U);
    EXPECT_EQ(comparison.changes[0].since, night(2, {}).summary.id);
    EXPECT_EQ(comparison.changes[0].seen_in, 4U);
    EXPECT_EQ(comparison.changes[0].looked_at, 5U);
}

TEST(Nights, AFindingIsItsStatementKindPlaceAndState) {
    ObservedRun before = night(0, {1});
    ObservedRun tonight = night(1, {1});
    tonight.findings[0].key.place = "column other";
    const auto comparison = against_earlier(tonight, {before});
    EXPECT_EQ(comparison.count(NightState::fresh), 1U);
    EXPECT_EQ(comparison.count(NightState::gone), 1U);
}

TEST(Nights, TwoRunsAreComparedWithoutTheOthers) {
    const auto comparison = against_run(night(9, {1, 2}), night(3, {2, 3}));
    EXPECT_EQ(comparison.count(NightState::fresh), 1U);
    EXPECT_EQ(comparison.count(NightState::persisting), 1U);
    EXPECT_EQ(comparison.count(NightState::gone), 1U);
    EXPECT_EQ(comparison.before.id, night(3, {}).summary.id);
    const std::string text = to_text(comparison);
    EXPECT_NE(text.find("new: wrong answer f0000001 value (column total)"), std::string::npos) << text;
    EXPECT_NE(text.find("1 new, 0 flapping, 1 persisting, 1 gone"), std::string::npos) << text;
}

TEST(HistorySection, FailsWhereSomethingBecameSlowerTonightAndOnlyThen) {
    const std::vector<ObservedRun> earlier{night(0, {})};
    ObservedRun tonight = night(1, {});
    TrendReport trends;
    Trend trend;
    trend.fingerprint = made_fingerprint(4);
    trend.ratio = 1.5;
    trends.trends.push_back(trend);
    RunFinding finding;
    finding.key = {trend.fingerprint, "trend", "median", ""};
    finding.id = "trend-4";
    tonight.findings.push_back(finding);
    EXPECT_EQ(history_section(against_earlier(tonight, earlier), {}, trends).state, SectionState::failed);
    ObservedRun next = night(2, {});
    next.findings.push_back(finding);
    EXPECT_EQ(history_section(against_earlier(next, {tonight, earlier[0]}), {}, trends).state, SectionState::passed);
}

TEST(Retention, KeepsTheNewestReleasesAndOneOfEachJob) {
    std::vector<RunSummary> runs;
    for (int i = 0; i < 10; ++i) runs.push_back(night(i, {}).summary);
    runs.push_back(testing::made_run(0, "other").observed.summary);
    runs[2].release = "7.2";
    const auto ids = [&](std::initializer_list<std::size_t> which) {
        std::vector<std::string> list;
        for (const std::size_t i : which) list.push_back(runs[i].id);
        return list;
    };
    EXPECT_EQ(runs_to_remove(runs, {6, 0}, night_time(9)), ids({0, 1, 3}));
    EXPECT_EQ(runs_to_remove(runs, {0, 4}, night_time(9)), ids({0, 1, 3, 4}));
    EXPECT_EQ(runs_to_remove(runs, {0, 0}, night_time(9000)), ids({}));
    // However old: the newest of each job.
    EXPECT_EQ(runs_to_remove(runs, {0, 1}, night_time(9000)).size(), 8U);
}

TEST(RunId, OnlyWhatIsOneIsTakenForOne) {
    const std::string id = make_run_id(night_time(0), 0x11f3aU);
    EXPECT_EQ(id, "20260101T030000000Z-1f3a");
    EXPECT_TRUE(is_run_id(id));
    for (const char* other : {"", "20260101T030000000Z-1F3a", "20260101T030000000Z-1f3", "2026010/T030000000Z-1f3a",
                              "20260101T030000000Z-1f3a/", "20260101x030000000Z-1f3a", "20260101T030000000Z_1f3a"}) {
        EXPECT_FALSE(is_run_id(other)) << other;
    }
    EXPECT_EQ(night_text(id), "2026-01-01 03:00");
}

TEST(PlainUtf8, WhatIsNoneIsReplacedAndNothingIsCutInTwo) {
    EXPECT_EQ(plain_utf8("größe ‹x› 𝄞", 100), "größe ‹x› 𝄞");
    EXPECT_EQ(plain_utf8(std::string("a\0b\xff\xc0\x80", 6), 100), "a\uFFFDb\uFFFD\uFFFD\uFFFD");
    EXPECT_EQ(plain_utf8("\xed\xa0\x80", 100), "\uFFFD\uFFFD\uFFFD");  // a surrogate
    EXPECT_EQ(plain_utf8("aßß", 4), "aß");
    EXPECT_EQ(plain_utf8("ab\xe2\x80", 100), "ab\uFFFD\uFFFD");
}

}  // namespace
}  // namespace understudy::compare
