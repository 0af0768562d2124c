#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/replay/session/machine_run.hpp"

namespace understudy::replay {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fe = testing::fe;
namespace be = testing::be;

const Bytes kDone = be::complete("SELECT 1") + be::ready();

Event left_out(std::uint32_t ordinal, const std::string& why) {
    Response note{SessionId(1), Ordinal(ordinal), StepIndex(), {}, 0, {}};
    note.results.emplace_back();
    note.results.back().outcome = StepOutcome::not_sent;
    note.results.back().note = why;
    return note;
}

Event to_prepare(const Bytes& name, const Bytes& sql) {
    SessionState state;
    state.session = SessionId(1);
    state.statements = {{name, sql, {}}};
    return state;
}

TEST(PlannedEvents, WhatIsLeftOutIsRecordedAsNotSentInItsPlace) {
    MachineRun run;
    run.request(10, 0, 0, fe::query("one"), after(0)).planned(left_out(1, "left out: as the user wants it"));
    run.request(30, 2, 0, fe::query("three"), after(2)).end(40).answer(kDone).answer(kDone).run();
    EXPECT_EQ(run.log(), "10 send Q; 30 send Q; 40 close X");
    EXPECT_THAT(run.written(), HasSubstr("note left out: as the user wants it"));
    EXPECT_THAT(run.written(), HasSubstr("> 2.0 Q"));
    EXPECT_EQ(run.stats().requests_not_sent, 1U);
    EXPECT_EQ(run.stats().queued_bytes, 0U);
}

TEST(PlannedEvents, TheRestOfAnExchangeThatIsLeftOutEndsWithASyncOfOurs) {
    MachineRun run;
    run.request(10, 0, 0, fe::parse("", "select 1") + fe::flush(), after(0)).planned(left_out(0, "left out: why"));
    run.request(30, 1, 0, fe::query("two"), after(1)).end(40);
    run.answer(be::parse_complete()).answer(be::ready()).answer(kDone).run();
    EXPECT_EQ(run.log(), "10 send PH; 30 send S; 31 send Q; 40 close X");
}

TEST(PlannedEvents, StatementsArePreparedEarlyOnceWhatWasAskedIsAnsweredAndTheirParseIsElided) {
    MachineRun run;
    run.request(10, 0, 0, fe::query("one"), after(0)).planned(to_prepare("s", "select 1"));
    const Bytes parse = fe::parse("s", "select 1");
    run.request(50, 1, 0, parse + fe::bind("", "s") + fe::execute() + fe::sync(), after(1)).end(90);
    run.answer(kDone, 7).answer(be::parse_complete() + be::bind_complete() + kDone).run();
    EXPECT_EQ(run.log(), "10 send Q; 17 prepare; 50 send PBES; 90 close X");
    EXPECT_THAT(run.sent(), Not(HasSubstr(parse)));
    EXPECT_THAT(run.sent(), HasSubstr("understudy.warm.1"));
    // What is recorded is what the client sent: the statement keeps its text and the steps their places.
    EXPECT_THAT(run.written(), HasSubstr("> 1.0 PBES"));
    bool recorded = false;
    for (const Event& event : run.events()) {
        const auto* request = std::get_if<Request>(&event);
        recorded = recorded || (request != nullptr && request->frames.find(parse) != Bytes::npos);
    }
    EXPECT_TRUE(recorded);
    EXPECT_EQ(run.stats().parses_elided, 1U);
}

TEST(PlannedEvents, InsideATransactionNothingIsPreparedEarly) {
    MachineRun run;
    run.request(10, 0, 0, fe::query("begin"), after(0)).planned(to_prepare("s", "select 1"));
    run.request(50, 1, 0, fe::parse("s", "select 1") + fe::sync(), after(1)).end(90);
    run.answer(be::complete("BEGIN") + be::ready('T')).answer(be::parse_complete() + be::ready('T')).run();
    EXPECT_EQ(run.log(), "10 send Q; 50 send PS; 90 close X");
    EXPECT_THAT(run.sent(), HasSubstr(fe::parse("s", "select 1")));
    EXPECT_EQ(run.stats().statements_not_warmed, 1U);
}

}  // namespace
}  // namespace understudy::replay
