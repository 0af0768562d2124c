#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/sql/fingerprint.hpp"
#include "replay/plan/pause_line.hpp"
#include "replay/plan/quiet_moment.hpp"
#include "replay/plan/warm_plan.hpp"
#include "replay/plan/warmed.hpp"
#include "tests/unit/replay/plan/planned_list.hpp"

namespace understudy::replay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
namespace fe = testing::fe;

constexpr Duration kSecond = Duration::seconds(1);

void play(PlannedSink& sink, const std::vector<Event>& events) {
    for (const Event& event : events) sink.on_planned({Event(event), {}, false});
}

// Two sessions; a transaction of the first lasts from 10 to 40, the second asks from 20 to 60.
std::vector<Event> overlapping() {
    return {opened(1, 0),
            state(1, 0),
            opened(2, 0),
            state(2, 0),
            asks(1, 0, 10, fe::query("begin")),
            ready(1, 0, 11, 'T'),
            asks(2, 0, 20, fe::query("select pg_sleep(0.04)")),
            asks(1, 1, 30, fe::query("commit")),
            ready(1, 1, 40),
            ready(2, 0, 60),
            asks(1, 2, 70, fe::query("select 3"))};
}

TEST(QuietMoment, IsTheFirstWithTheFewestSessionsAtWork) {
    QuietMoment quiet(ms(15), kSecond);
    play(quiet, overlapping());
    EXPECT_EQ(quiet.open(), 0U);
    EXPECT_EQ(quiet.moment(), ms(60) + Duration::nanoseconds(1));
    EXPECT_TRUE(quiet.done());
}

TEST(QuietMoment, WithinTheWaitEvenIfSomeAreAtWorkThen) {
    QuietMoment quiet(ms(25), Duration::milliseconds(20));
    play(quiet, overlapping());
    EXPECT_EQ(quiet.open(), 1U);
    EXPECT_EQ(quiet.moment(), ms(40) + Duration::nanoseconds(1));
}

TEST(QuietMoment, IsTheTimeAskedForWhereNobodyIsAtWorkThen) {
    QuietMoment quiet(ms(5), kSecond);
    play(quiet, overlapping());
    EXPECT_EQ(quiet.moment(), ms(5));
    EXPECT_EQ(quiet.open(), 0U);
    QuietMoment past(ms(500), kSecond);
    play(past, overlapping());
    EXPECT_FALSE(past.open()) << "nothing comes after it";
}

TEST(PauseLine, NoExchangeIsOnBothSidesAndAnOpenTransactionMayEnd) {
    PlannedList list;
    PauseLine line(ms(25), Duration::seconds(3), list);
    play(line, overlapping());
    EXPECT_EQ(list.log, "1 opened; 1 state 0; 2 opened; 2 state 0; 1.0 sent; 2.0 sent; 1.1 sent") << "1.2 is kept";
    EXPECT_FALSE(line.due()) << "records of before may still come";
    play(line, {opened(3, 2026)});
    EXPECT_TRUE(line.due());
    line.resume();
    EXPECT_FALSE(line.pending());
    play(line, {asks(2, 1, 3000, fe::query("select 4"))});
    EXPECT_EQ(list.log,
              "1 opened; 1 state 0; 2 opened; 2 state 0; 1.0 sent; 2.0 sent; 1.1 sent; 1.2 sent; 3 opened; 2.1 sent");
}

TEST(PauseLine, APipelinedExchangeThatBeginsLaterIsKeptWithAllThatFollows) {
    PlannedList list;
    PauseLine line(ms(25), Duration::seconds(3), list);
    play(line, {opened(1, 0), state(1, 0), asks(1, 0, 20, fe::query("select 1")), asks(1, 1, 26, fe::query("select 2")),
                ready(1, 0, 27), ready(1, 1, 28, 'T'), asks(1, 2, 29, fe::query("commit")), ready(1, 2, 30),
                closed(1, 31), asks(2, 0, 24, fe::query("late record")), ready(2, 0, 40)});
    EXPECT_EQ(list.log, "1 opened; 1 state 0; 1.0 sent; 2.0 sent");
    play(line, {opened(9, 3000)});
    EXPECT_TRUE(line.due());
    line.resume();
    EXPECT_EQ(list.log, "1 opened; 1 state 0; 1.0 sent; 2.0 sent; 1.1 sent; 1.2 sent; 1 closed; 9 opened");
}

TEST(PauseLine, WaitsNoLongerThanItIsToldTo) {
    PlannedList list;
    PauseLine line(ms(25), Duration::seconds(3), list);
    play(line, {opened(1, 0), state(1, 0), asks(1, 0, 20, fe::parse("s", "select 1") + fe::flush()), opened(2, 3000)});
    EXPECT_FALSE(line.due()) << "an exchange is open";
    play(line, {opened(3, 3025)});
    EXPECT_TRUE(line.due());
}

TEST(PauseLine, WithoutAWaitATransactionStaysOpen) {
    PlannedList list;
    PauseLine line(ms(25), Duration(), list);
    play(line, overlapping());
    EXPECT_EQ(list.log, "1 opened; 1 state 0; 2 opened; 2 state 0; 1.0 sent; 2.0 sent");
}

TEST(PauseLine, WhoIsInsideATransactionEvenThenGoesOnToItsEnd) {
    PlannedList list;
    PauseLine line(ms(25), Duration(), list);
    play(line, overlapping());
    play(line, {opened(9, 3000)});
    ASSERT_TRUE(line.due());
    EXPECT_FALSE(line.somebody_goes_on());
    line.let_go_on();
    EXPECT_EQ(list.log, "1 opened; 1 state 0; 2 opened; 2 state 0; 1.0 sent; 2.0 sent; 1.1 sent") << "its commit";
    EXPECT_FALSE(line.somebody_goes_on());
    line.resume();
    EXPECT_EQ(list.log, "1 opened; 1 state 0; 2 opened; 2 state 0; 1.0 sent; 2.0 sent; 1.1 sent; 1.2 sent; 9 opened");
}

TEST(PauseLine, WhatComesLaterIsForThemAlone) {
    PlannedList list;
    PauseLine line(ms(25), Duration(), list);
    play(line, {opened(1, 0), state(1, 0), opened(2, 0), state(2, 0), asks(1, 0, 10, fe::query("begin")),
                ready(1, 0, 11, 'T'), opened(3, 3000)});
    line.let_go_on();
    EXPECT_TRUE(line.somebody_goes_on());
    play(line, {asks(2, 0, 4000, fe::query("select 1")), asks(1, 1, 4100, fe::query("select 2")),
                ready(1, 1, 4110, 'T'), ready(2, 0, 4120), asks(1, 2, 9000, fe::query("commit")), ready(1, 2, 9001),
                asks(1, 3, 9100, fe::query("select 3"))});
    EXPECT_EQ(list.log, "1 opened; 1 state 0; 2 opened; 2 state 0; 1.0 sent; 1.1 sent; 1.2 sent");
    EXPECT_FALSE(line.somebody_goes_on());
    line.resume();
    EXPECT_EQ(list.log,
              "1 opened; 1 state 0; 2 opened; 2 state 0; 1.0 sent; 1.1 sent; 1.2 sent; 3 opened; 2.0 sent; 1.3 sent");
}

TEST(PauseLine, MemoryEndsTheWaitToo) {
    PlannedList list;
    PauseLine line(ms(25), Duration::seconds(1000), list);
    play(line, {opened(1, 0), state(1, 0), asks(1, 0, 20, fe::flush())});
    const Bytes large(PauseLine::kMaxKeptBytes / 4, 'x');
    for (std::uint32_t i = 0; i < 4; ++i) play(line, {asks(2, i, 30, large)});
    EXPECT_TRUE(line.due());
}

TEST(PauseLine, ATimeAfterTheEndLeavesThePausePending) {
    PlannedList list;
    PauseLine line(ms(500), kSecond, list);
    play(line, overlapping());
    EXPECT_FALSE(line.due());
    EXPECT_TRUE(line.pending());
}

std::vector<Event> preparing() {
    return {opened(1, 0),
            state(1, 0),
            opened(2, 0),
            state(2, 0),
            asks(1, 0, 10, fe::parse("early", "select * from item") + fe::sync()),
            ready(1, 0, 11),
            asks(1, 1, 110, fe::parse("late", "select $1", {23}) + fe::bind("", "late") + fe::execute() + fe::sync()),
            asks(1, 2, 120, fe::parse("early", "again") + fe::parse("", "unnamed") + fe::parse("late", "twice")),
            asks(1, 3, 130, fe::close_statement("closed") + fe::parse("closed", "after its Close") + fe::sync()),
            asks(2, 0, 140, fe::query("discard all")),
            asks(2, 1, 150, fe::parse("gone", "would be dropped") + fe::sync()),
            opened(3, 160),
            state(3, 160),
            asks(3, 0, 170, fe::parse("fresh", "select 1") + fe::sync()),
            closed(1, 5000)};
}

TEST(WarmPlan, TellsWhatIsHeldAndWhatHeldSessionsWillPrepare) {
    WarmPlan plan(ms(100), true);
    play(plan, preparing());
    const HeldSessions held = plan.held();
    EXPECT_EQ(held.sessions, 2U);
    EXPECT_EQ(held.statements, 1U);
    ASSERT_EQ(held.later.size(), 1U) << "not of a session that drops all, nor of one that opens later";
    const PreparedStatement late{"late", "select $1", {23}};
    EXPECT_THAT(held.later.at(SessionId(1)), ElementsAre(late));
    using Counts = std::map<std::uint64_t, std::uint64_t>;
    EXPECT_EQ(held.fingerprints,
              (Counts{{sql::fingerprint("select * from item").value, 1}, {sql::fingerprint("select $1").value, 1}}));
}

TEST(WarmPlan, WithoutLookingAheadItEndsSoonAndNamesWhatIsPrepared) {
    WarmPlan plan(ms(100), false);
    play(plan, preparing());
    EXPECT_TRUE(plan.done());
    const HeldSessions held = plan.held();
    EXPECT_EQ(held.statements, 1U);
    EXPECT_THAT(held.later, IsEmpty());
    EXPECT_EQ(held.fingerprints.size(), 1U);
}

TEST(Warmed, TheFirstParseOfTheSameTextGoesUnderANameThatNobodyUses) {
    Warmed warmed;
    warmed.add({"s", "select 1", {}});
    warmed.add({"t", "select 2", {}});
    const Bytes rest = fe::bind("", "s") + fe::execute() + fe::sync();
    Bytes frames = fe::parse("u", "select 1") + fe::parse("s", "select 1") + rest;
    EXPECT_EQ(warmed.elide(frames), 1U);
    EXPECT_EQ(frames, fe::parse("u", "select 1") + fe::parse("understudy.warm.1", "") + rest);
    frames = fe::parse("s", "select 1") + fe::sync();
    EXPECT_EQ(warmed.elide(frames), 0U) << "once";
    EXPECT_EQ(frames, fe::parse("s", "select 1") + fe::sync());
    frames = fe::parse("t", "another text") + fe::sync();
    EXPECT_EQ(warmed.elide(frames), 0U);
    EXPECT_EQ(frames, fe::parse("t", "another text") + fe::sync());
}

}  // namespace
}  // namespace understudy::replay
