#include "replay/session/session_machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "core/pgwire/frontend_messages.hpp"
#include "tests/unit/replay/session/machine_run.hpp"

namespace understudy::replay {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
namespace fe = testing::fe;
namespace be = testing::be;

const Bytes kDone = be::complete("SELECT 1") + be::ready();

std::unique_ptr<MachineRun> three_queries(double speed, std::int64_t answer_ms = 1) {
    auto made = std::make_unique<MachineRun>(MachineRun::Options{speed, false, {}, {}});
    MachineRun& run = *made;
    run.request(10, 0, 0, fe::query("one"), after(0)).request(110, 1, 0, fe::query("two"), after(1));
    run.request(210, 2, 0, fe::query("three"), after(2)).end(300);
    for (int i = 0; i < 3; ++i) run.answer(kDone, answer_ms);
    run.run();
    return made;
}

TEST(SessionMachine, RequestsGoOutWhenTheyAreDue) {
    EXPECT_EQ(three_queries(1)->log(), "10 send Q; 110 send Q; 210 send Q; 300 close X");
    EXPECT_EQ(three_queries(2)->log(), "5 send Q; 55 send Q; 105 send Q; 150 close X");
    EXPECT_EQ(three_queries(0.5)->log(), "20 send Q; 220 send Q; 420 send Q; 600 close X");
}

TEST(SessionMachine, AtMaxTheAnswersAloneSetThePace) {
    EXPECT_EQ(three_queries(0, 7)->log(), "0 send Q; 7 send Q; 14 send Q; 21 close X");
}

TEST(SessionMachine, LatenessDoesNotAddUp) {
    // The first two answers take 150 ms each; the third request is late by what is left of that, and no more.
    MachineRun run;
    run.request(0, 0, 0, fe::query("one"), after(0)).request(100, 1, 0, fe::query("two"), after(1));
    run.request(400, 2, 0, fe::query("three"), after(2)).end(500);
    run.answer(kDone, 150).answer(kDone, 150).answer(kDone, 1).run();
    EXPECT_EQ(run.log(), "0 send Q; 150 send Q; 400 send Q; 500 close X");
    EXPECT_EQ(run.stats().late_requests, 1U);
    EXPECT_EQ(run.stats().lag(LagCause::target).count(), 1U);
}

TEST(SessionMachine, AnswersHaveTheTimeAtWhichTheyCame) {
    MachineRun run;
    run.request(0, 0, 0, fe::query("one"), after(0)).request(9000, 1, 0, fe::query("two"), after(1)).end(9100);
    run.answer(kDone, 5).answer(kDone, 5).run();
    for (const Event& event : run.events()) {
        const auto* response = std::get_if<Response>(&event);
        if (response == nullptr || response->ordinal.value() != 0) continue;
        const auto& asked = std::get<Request>(run.events().front());
        EXPECT_EQ((response->ready - asked.time).to_milliseconds(), 5.0);
    }
    EXPECT_EQ(run.stats().lag(LagCause::target).count(), 0U) << "nobody waited";
}

TEST(SessionMachine, WhatIsWrittenHasTheRecordedNumbersAndTheTargetsAnswers) {
    EXPECT_EQ(three_queries(0)->written(),
              "> 0.0 Q seen 0.0\n< 0.0 Statement+{SELECT 1} ready I\n"
              "> 1.0 Q seen 1.0\n< 1.0 Statement+{SELECT 1} ready I\n"
              "> 2.0 Q seen 2.0\n< 2.0 Statement+{SELECT 1} ready I\nclosed terminated by the client\n");
}

TEST(SessionMachine, PipelinesGoOutWithoutWaitingForTheirAnswers) {
    MachineRun run({0, false, {}, {}});
    run.request(0, 0, 0, fe::unnamed() + fe::sync(), after(0)).request(0, 1, 0, fe::unnamed() + fe::sync(), after(0));
    run.request(50, 2, 0, fe::query("q"), after(1)).end(60);
    const Bytes one = be::parsed_and_bound() + be::complete("A") + be::ready();
    run.answer(one, 5).answer(one, 8).answer(kDone, 9).run();
    EXPECT_EQ(run.log(), "0 send PBES; 0 send PBES; 5 send Q; 14 close X");
}

TEST(SessionMachine, FlushInsideAnExchangeIsWaitedFor) {
    MachineRun run({0, false, {}, {}});
    run.request(0, 0, 0, fe::parse("s", "select 1") + fe::describe_statement("s") + fe::flush(), after(0));
    run.request(10, 0, 2, fe::bind("", "s") + fe::execute() + fe::sync(), after(0, 2)).end(20);
    run.answer(be::parse_complete() + be::parameter_description({}) + be::no_data(), 6);
    run.answer(be::bind_complete() + be::complete("SELECT 0") + be::ready(), 6).run();
    EXPECT_EQ(run.log(), "0 send PDH; 6 send BES; 12 close X");
    EXPECT_THAT(run.written(), HasSubstr("> 0.2 BES seen 0.2\n< 0.2 Bind+ Execute+{SELECT 0} ready I\n"));
}

TEST(SessionMachine, AFailedParseBehindAFlushDoesNotStallTheRestOfTheExchange) {
    MachineRun run({0, false, {}, {}});
    run.request(0, 0, 0, fe::parse("s", "select 1") + fe::describe_statement("s") + fe::flush(), after(0));
    run.request(10, 0, 2, fe::bind("", "s") + fe::execute() + fe::sync(), after(0, 2)).end(20);
    run.answer(be::error("42P01"), 6).answer(be::ready(), 6).run();
    EXPECT_EQ(run.log(), "0 send PDH; 6 send BES; 12 close X");
    EXPECT_THAT(run.written(), HasSubstr("< 0.2 Bind- Execute- ready I"));
}

TEST(SessionMachine, CopyDataWaitsUntilTheTargetAsksForIt) {
    MachineRun run({0, false, {}, {}});
    run.request(0, 0, 0, fe::query("copy t from stdin"), after(0));
    run.request(5, 0, 0, fe::copy_data("1\n") + fe::copy_done(), in_copy(0, 0))
        .request(9, 1, 0, fe::query("q"), after(1))
        .end(9);
    run.answer(be::copy_in(), 4).answer(be::complete("COPY 1") + be::ready(), 3).answer(kDone).run();
    EXPECT_EQ(run.log(), "0 send Q; 4 send dc; 7 send Q; 8 close X");
}

TEST(SessionMachine, DataOfACopyThatFailsOnTheTargetIsNotSent) {
    MachineRun run({0, false, {}, {}});
    run.request(0, 0, 0, fe::query("copy t from stdin"), after(0))
        .request(5, 0, 0, fe::copy_data("1\n"), in_copy(0, 0));
    run.request(6, 0, 0, fe::copy_done(), in_copy(0, 0)).request(9, 1, 0, fe::query("q"), after(1)).end(9);
    run.answer(be::error("42P01") + be::ready()).answer(kDone).run();
    EXPECT_EQ(run.log(), "0 send Q; 1 send Q; 2 close X");
    EXPECT_THAT(
        run.written(),
        HasSubstr("Statement!{42P01 it failed} ready I\n< 0.0 unknownx{note the target did not ask for the data"));
    EXPECT_EQ(run.stats().requests_not_sent, 2U);
}

TEST(SessionMachine, AnExtendedCopyThatFailsOnTheTargetStillGetsItsSync) {
    MachineRun run({0, false, {}, {}});
    run.request(0, 0, 0, fe::unnamed("copy t from stdin") + fe::flush(), after(0));
    run.request(5, 0, 2, fe::copy_data("1\n") + fe::copy_done() + fe::sync(), in_copy(0, 2));
    run.request(9, 1, 0, fe::query("q"), after(1)).end(9);
    run.answer(be::parsed_and_bound() + be::error("42P01")).answer(be::ready()).answer(kDone).run();
    EXPECT_EQ(run.log(), "0 send PBEH; 1 send S; 2 send Q; 3 close X");
    EXPECT_THAT(run.written(), HasSubstr("< 1.0 Statement+{SELECT 1} ready I"));
}

TEST(SessionMachine, ACopyThatOnlyTheTargetBeginsIsEndedForTheClientThatHasNoData) {
    const Bytes failed = be::error("57014");
    MachineRun simple({0, false, {}, {}});
    simple.request(0, 0, 0, fe::query("copy t from stdin"), after(0)).request(9, 1, 0, fe::query("q"), after(1)).end(9);
    simple.answer(be::copy_in()).answer(failed + be::ready()).answer(kDone).run();
    EXPECT_EQ(simple.log(), "0 send Q; 1 send f; 2 send Q; 3 close X");
    MachineRun extended({0, false, {}, {}});
    extended.request(0, 0, 0, fe::unnamed("copy t from stdin") + fe::sync(), after(0))
        .request(9, 1, 0, fe::query("q"), after(1))
        .end(9);
    extended.answer(be::parsed_and_bound() + be::copy_in()).answer(failed + be::ready()).answer(kDone).run();
    EXPECT_EQ(extended.log(), "0 send PBES; 1 send fS; 2 send Q; 3 close X");
    EXPECT_THAT(extended.written(), HasSubstr("> 1.0 Q seen 1.0\n< 1.0 Statement+{SELECT 1} ready I"));
}

TEST(SessionMachine, ACopyThatOnlyTheTargetBeginsIsEndedBeforeTheSyncThatItWouldIgnore) {
    MachineRun run({0, false, {}, {}});
    run.request(0, 0, 0, fe::unnamed("copy t from stdin") + fe::flush(), after(0));
    run.request(5, 0, 3, fe::sync(), after(0, 3)).request(9, 1, 0, fe::query("q"), after(1)).end(9);
    run.answer(be::parsed_and_bound() + be::copy_in())
        .answer(be::error("57014"))
        .answer(be::ready())
        .answer(kDone)
        .run();
    EXPECT_EQ(run.log(), "0 send PBEH; 1 send f; 2 send S; 3 send Q; 4 close X");
}

TEST(SessionMachine, ACopyThatOnlyTheTargetBeginsIsEndedAtTheSessionsEnd) {
    for (const SessionEnd end : {SessionEnd::terminate, SessionEnd::still_open}) {
        MachineRun run({0, false, {}, {}});
        run.request(0, 0, 0, fe::query("copy t from stdin"), after(0)).end(9, end);
        run.answer(be::copy_in()).answer(be::error("57014") + be::ready()).run();
        EXPECT_THAT(run.log(), HasSubstr("0 send Q; 1 send f; 2 close"));
    }
}

TEST(SessionMachine, HeldBackStatementsKeepTheNumbersOfWhatFollows) {
    MachineRun run({0, false, {}, {}});
    run.request(0, 0, 0, fe::query("a"), after(0)).request(1, 1, 0, fe::query("alter system reset all"), after(1));
    run.request(2, 2, 0, fe::query("b"), after(2)).end(3).answer(kDone).answer(kDone).run();
    EXPECT_EQ(run.log(), "0 send Q; 1 send Q; 2 close X");
    EXPECT_THAT(run.written(), HasSubstr("< 1.0 unknownx{note held back: ALTER SYSTEM"));
    EXPECT_THAT(run.written(), HasSubstr("> 2.0 Q seen 1.0\n< 2.0 Statement+"));
    MachineRun allowed({0, false, {"ALTER SYSTEM"}, {}});
    allowed.request(0, 0, 0, fe::query("alter system reset all"), after(0)).end(3).answer(kDone).run();
    EXPECT_EQ(allowed.log(), "0 send Q; 1 close X");
}

TEST(SessionMachine, AnExchangeHeldBackInItsMiddleIsEndedWithASync) {
    MachineRun run({0, false, {}, {}});
    run.request(0, 0, 0, fe::unnamed("a") + fe::flush(), after(0));
    run.request(1, 0, 3, fe::unnamed("alter system reset all") + fe::sync(), after(0, 3))
        .request(2, 1, 0, fe::query("b"), after(1));
    run.end(3).answer(be::parsed_and_bound() + be::complete("A")).answer(be::ready()).answer(kDone).run();
    EXPECT_EQ(run.log(), "0 send PBEH; 1 send S; 2 send Q; 3 close X");
    EXPECT_THAT(run.written(), HasSubstr("> 1.0 Q seen 1.0\n< 1.0 Statement+"));
}

TEST(SessionMachine, AHeldBackMessageInSeveralRecordsIsJudgedAsOne) {
    const Bytes query = fe::query("select 1; alter system reset all");
    MachineRun run({0, false, {}, {}});
    run.request(0, 0, 0, query.substr(0, 12), after(0)).request(0, 0, 0, query.substr(12), after(0));
    run.request(2, 1, 0, fe::query("b"), after(1)).end(3).answer(kDone).run();
    EXPECT_EQ(run.log(), "0 send Q; 1 close X");
    EXPECT_THAT(run.written(), HasSubstr("held back: ALTER SYSTEM"));
    MachineRun cut({0, false, {}, {}});
    cut.request(0, 0, 0, query.substr(0, 12), after(0)).run();
    EXPECT_EQ(cut.log(), "0 close");
    EXPECT_THAT(cut.written(), HasSubstr("the capture ends inside this message"));
}

TEST(SessionMachine, UnresolvedExchangesAreSkippedAndSaid) {
    MachineRun run({0, true, {}, {}});
    run.request(0, 3, 0, fe::bind("", "s") + fe::execute() + fe::sync(), after(3), true);
    run.request(2, 4, 0, fe::query("b"), after(4)).end(3).answer(kDone).run();
    EXPECT_EQ(run.log(), "0 send Q; 1 close X");
    EXPECT_THAT(run.written(), HasSubstr("< 3.0 unknownx{note its statement was prepared before the capture began}"));
    EXPECT_THAT(run.written(), HasSubstr("> 4.0 Q"));
}

TEST(SessionMachine, CancelsComeAsLongAfterTheRequestAsRecorded) {
    for (const auto& [speed, log] :
         std::vector<std::pair<double, std::string>>{{1, "100 send Q; 150 cancel; 200 close X"},
                                                     {2, "50 send Q; 75 cancel; 140 close X"},
                                                     {0, "0 send Q; 50 cancel; 90 close X"}}) {
        MachineRun run({speed, false, {}, {}});
        run.request(100, 0, 0, fe::query("sleep"), after(0)).cancel(150).end(200);
        run.answer(be::error("57014") + be::ready(), 90).run();
        EXPECT_EQ(run.log(), log);
    }
}

TEST(SessionMachine, ACancelOfNothingIsDropped) {
    MachineRun idle({0.5, false, {}, {}});
    idle.cancel(50).request(100, 0, 0, fe::query("q"), after(0)).end(200).answer(kDone).run();
    EXPECT_EQ(idle.log(), "200 send Q; 400 close X");
    MachineRun answered({0, false, {}, {}});
    answered.request(0, 0, 0, fe::query("q"), after(0)).cancel(50).request(60, 1, 0, fe::query("r"), after(1)).end(70);
    answered.answer(kDone, 10).answer(kDone, 10).run();
    EXPECT_THAT(answered.log(), Not(HasSubstr("cancel"))) << "it would hit the next one";
}

TEST(SessionMachine, SessionsThatWereOpenAtTheEndAreClosedOnceAnswered) {
    MachineRun run({0, false, {}, {}});
    run.request(0, 0, 0, fe::query("q"), after(0)).answer(kDone, 8).run();
    EXPECT_EQ(run.log(), "0 send Q; 8 close");
    EXPECT_THAT(run.written(), EndsWith("ready I\nclosed terminated by the client\n"));
}

TEST(SessionMachine, AnExchangeThatTheClientNeverSyncedIsNotCommittedForIt) {
    MachineRun run({0, false, {}, {}});
    run.request(0, 0, 0, fe::unnamed("insert") + fe::flush(), after(0)).end(5);
    run.answer(be::parsed_and_bound() + be::complete("INSERT 0 1")).run();
    EXPECT_EQ(run.log(), "0 send PBEH; 1 close X");
}

TEST(SessionMachine, AClientThatHungUpInTheMiddleDoesSoAgain) {
    MachineRun run({0, false, {}, {}});
    run.request(0, 0, 0, fe::query("q"), after(0)).end(5, SessionEnd::connection).answer(kDone, 8).run();
    EXPECT_EQ(run.log(), "0 send Q; 0 close");
    EXPECT_THAT(run.written(), HasSubstr("< 0.0 Statement*"));
    EXPECT_THAT(run.written(), EndsWith("closed connection closed\n"));
}

TEST(SessionMachine, WhatIsNotThePostgresqlProtocolEndsTheSession) {
    MachineRun run({0, false, {}, {}});
    run.request(0, 0, 0, fe::query("q"), after(0)).end(5).answer(Bytes("T\0\0\0\x01", 5)).run();
    EXPECT_THAT(run.written(), EndsWith("closed failed\n"));
    EXPECT_EQ(run.stats().sessions_failed, 1U);
}

/// A script with every situation.
std::unique_ptr<MachineRun> everything(std::optional<std::size_t> lose_after) {
    auto made = std::make_unique<MachineRun>(MachineRun::Options{0, false, {}, lose_after});
    MachineRun& run = *made;
    run.request(0, 0, 0, fe::query("a"), after(0)).answer(kDone);
    run.request(1, 1, 0, fe::parse("s", "x") + fe::flush(), after(1)).answer(be::parse_complete());
    run.request(2, 1, 1, fe::bind("", "s") + fe::execute() + fe::sync(), after(1, 1));
    run.answer(be::bind_complete() + be::complete("B") + be::ready());
    run.request(3, 2, 0, fe::query("copy t from stdin"), after(2)).answer(be::copy_in());
    run.request(4, 2, 0, fe::copy_data("1\n"), in_copy(2, 0)).answer("");
    run.request(5, 2, 0, fe::copy_done(), in_copy(2, 0)).answer(be::complete("COPY 1") + be::ready());
    run.request(6, 3, 0, fe::query("checkpoint"), after(3));
    run.request(7, 4, 0, fe::unnamed() + fe::sync(), after(4))
        .answer(be::parsed_and_bound() + be::complete("D") + be::ready());
    run.request(7, 5, 0, fe::query("b"), after(4)).answer(kDone).end(8);
    run.run();
    return made;
}

TEST(SessionMachine, ALossAtEveryStepLeavesEveryRequestRecordedOnce) {
    const std::size_t moves = everything({})->moves();
    ASSERT_GT(moves, 10U);
    EXPECT_THAT(everything({})->written(), EndsWith("closed terminated by the client\n"));
    for (std::size_t at = 0; at < moves; ++at) {
        SCOPED_TRACE(at);
        const auto played = everything(at);
        const MachineRun& run = *played;
        EXPECT_THAT(run.log(), Not(HasSubstr("for ever")));
        EXPECT_THAT(run.written(), EndsWith("closed failed\n"));
        EXPECT_EQ(run.stats().sessions_failed, 1U);
        EXPECT_EQ(run.stats().queued_bytes, 0U);
        EXPECT_EQ(run.stats().requests_sent + run.stats().requests_not_sent, 9U);
        std::uint64_t lost = 0;
        std::uint64_t asked = 0;
        for (const Event& event : run.events()) {
            if (std::holds_alternative<Request>(event)) {
                ++asked;
                EXPECT_EQ(lost, 0U) << "nothing is sent after the loss";
            }
            const auto* response = std::get_if<Response>(&event);
            if (response == nullptr) continue;
            for (const StepResult& result : response->results) {
                if (result.outcome != StepOutcome::not_sent || result.note.starts_with("held back")) continue;
                ++lost;
                EXPECT_THAT(result.note, HasSubstr("connection lost: the test says so"));
            }
        }
        const bool held_back = run.written().find("note held back") != std::string::npos;
        EXPECT_EQ(asked + lost + (held_back ? 1U : 0U), 9U);
    }
}

TEST(SessionMachine, TheServersLastWordsAreInTheRecord) {
    MachineRun run({0, false, {}, 2});
    run.request(0, 0, 0, fe::query("a"), after(0)).request(9, 1, 0, fe::query("b"), after(1)).end(10);
    run.answer(kDone + be::error("57P01", "terminating connection due to administrator command", "FATAL")).run();
    const auto& closed = std::get<SessionClosed>(run.events().back());
    ASSERT_TRUE(closed.error);
    EXPECT_EQ(closed.error->sqlstate(), "57P01");
    EXPECT_THAT(closed.note, HasSubstr("terminating connection due to administrator command (57P01)"));
}

}  // namespace
}  // namespace understudy::replay
