#include "capture/log/log_assembler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/capture/log/assembled_log.hpp"

namespace understudy::capture {
namespace {

using testing::AssembledLog;
using testing::at_ms;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(LogAssembler, AStatementAndItsDurationAreOneExchange) {
    AssembledLog log;
    log.log(100, "statement: select 1").in("3/4");
    log.log(350, "duration: 250.125 ms").in("3/0");
    log.end();
    ASSERT_EQ(log.requests.size(), 1U);
    EXPECT_EQ(log.requests[0].time, at_ms(100));
    EXPECT_THAT(log.asked(), ElementsAre("Query(select 1)"));
    ASSERT_EQ(log.responses.size(), 1U);
    EXPECT_EQ(log.responses[0].results.at(0).outcome, StepOutcome::complete);
    EXPECT_EQ(log.responses[0].results.at(0).end, at_ms(100) + Duration::microseconds(250'125));
    EXPECT_EQ(log.responses[0].transaction_status, 'I');
}

TEST(LogAssembler, WithDurationsAloneALongStatementStartsWhenItDid) {
    AssembledLog log;
    log.log(5100, "duration: 5000.000 ms  statement: select pg_sleep(5)");
    log.end();
    ASSERT_EQ(log.requests.size(), 1U);
    EXPECT_EQ(log.requests[0].time, at_ms(100));
    EXPECT_EQ(log.responses.at(0).results.at(0).end, at_ms(5100));
    ASSERT_EQ(log.opened.size(), 1U);
    EXPECT_TRUE(log.opened[0].joined);
    EXPECT_EQ(log.opened[0].time, at_ms(100));
}

TEST(LogAssembler, ParseBindAndExecuteAreOneExchange) {
    AssembledLog log;
    log.log(100, "duration: 0.100 ms  parse <unnamed>: select $1::text");
    log.log(100, "duration: 0.050 ms  bind <unnamed>: select $1::text").detail("parameters: $1 = 'it''s'");
    log.log(101, "execute <unnamed>: select $1::text").detail("parameters: $1 = 'it''s'");
    log.log(101, "duration: 0.010 ms");
    log.log(102, "duration: 0.010 ms  execute <unnamed>: select 2");
    log.end();
    EXPECT_THAT(log.asked(), ElementsAre("Parse(, select $1::text) Bind(, , 'it's') Execute() Sync",
                                         "Parse(, select 2) Bind(, ) Execute() Sync"));
    ASSERT_EQ(log.responses.size(), 2U);
    const auto& steps = log.responses[0].results;
    ASSERT_EQ(steps.size(), 3U);
    EXPECT_EQ(steps[0].kind, StepKind::parse);
    EXPECT_EQ(steps[2].kind, StepKind::execute);
    EXPECT_EQ(steps[2].end - log.requests[0].time, Duration::microseconds(160));
    EXPECT_FALSE(log.requests[0].unresolved);
}

TEST(LogAssembler, ANamedStatementIsParsedOnce) {
    AssembledLog log;
    log.log(100, "execute S_1: select 1");
    log.log(101, "execute S_1: select 1");
    log.log(102, "execute S_1: select 2");
    log.log(103, "statement: DEALLOCATE ALL");
    log.log(104, "execute S_1/C_7: select 2");
    log.end();
    EXPECT_THAT(log.asked(),
                ElementsAre("Parse(S_1, select 1) Bind(, S_1) Execute() Sync", "Bind(, S_1) Execute() Sync",
                            "Close(S_1) Parse(S_1, select 2) Bind(, S_1) Execute() Sync", "Query(DEALLOCATE ALL)",
                            "Close(S_1) Parse(S_1, select 2) Bind(C_7, S_1) Execute(C_7) Sync"));
}

TEST(LogAssembler, AParseOfLongBeforeIsAnExchangeOfItsOwn) {
    AssembledLog log;
    log.log(100, "duration: 0.100 ms  parse S_1: select 1");
    log.log(5100, "duration: 0.100 ms  bind S_1: select 1");
    log.log(5100, "duration: 0.100 ms  execute S_1: select 1");
    log.log(6000, "duration: 0.100 ms  parse S_2: select 2");
    log.end();
    EXPECT_THAT(log.asked(),
                ElementsAre("Parse(S_1, select 1) Sync", "Bind(, S_1) Execute() Sync", "Parse(S_2, select 2) Sync"));
    EXPECT_GT(log.requests.at(1).time, at_ms(5000));
}

TEST(LogAssembler, AnErrorEndsTheStatementThatItNames) {
    AssembledLog log;
    log.log(100, "statement: select 1/0");
    log.error(101, "22012", "division by zero").statement("select 1/0").activity("SELECT");
    log.log(102, "statement: select 1");
    log.error(103, "42601", "syntax error at or near \"selec\"").statement("selec 2").activity("idle");
    log.end();
    EXPECT_THAT(log.asked(), ElementsAre("Query(select 1/0)", "Query(select 1)", "Query(selec 2)"));
    ASSERT_EQ(log.responses.size(), 3U);
    ASSERT_TRUE(log.responses[0].results.at(0).error);
    EXPECT_EQ(log.responses[0].results[0].error->sqlstate(), "22012");
    EXPECT_EQ(log.responses[0].results[0].error->severity(), "ERROR");
    EXPECT_EQ(log.responses[1].results.at(0).outcome, StepOutcome::complete);
    EXPECT_FALSE(log.responses[1].results[0].end.known());
    EXPECT_EQ(log.responses[2].results.at(0).outcome, StepOutcome::error);
}

TEST(LogAssembler, AnErrorOfParseOrBindSkipsWhatFollows) {
    AssembledLog log;
    log.error(100, "42601", "syntax error").statement("selec $1").activity("PARSE");
    log.log(101, "duration: 0.1 ms  parse <unnamed>: select $1::int");
    log.error(101, "22P02", "invalid input").statement("select $1::int").activity("BIND");
    log.log(102, "duration: 0.1 ms  parse <unnamed>: select 1/$1::int");
    log.error(102, "22012", "division by zero")
        .statement("select 1/$1::int")
        .activity("BIND")
        .context("unnamed portal with parameters: $1 = '0'");
    log.end();
    EXPECT_THAT(log.asked(), ElementsAre("Parse(, selec $1) Sync", "Parse(, select $1::int) Bind(, ) Execute() Sync",
                                         "Parse(, select 1/$1::int) Bind(, , '0') Execute() Sync"));
    EXPECT_TRUE(log.requests[1].unresolved) << "what was bound is not in the log";
    EXPECT_FALSE(log.requests[2].unresolved);
    ASSERT_EQ(log.responses.at(1).results.size(), 3U);
    EXPECT_EQ(log.responses[1].results[0].outcome, StepOutcome::complete);
    EXPECT_EQ(log.responses[1].results[1].outcome, StepOutcome::error);
    EXPECT_EQ(log.responses[1].results[2].outcome, StepOutcome::skipped);
    EXPECT_EQ(log.counter("log.parameters_unknown"), 1U);
}

TEST(LogAssembler, ErrorsWithoutAStatementAreAttributedOnlyWhenCertain) {
    AssembledLog certain;
    certain.log(100, "statement: select 1/0");
    certain.error(101, "22012", "division by zero").activity("SELECT");
    certain.end();
    EXPECT_EQ(certain.responses.at(0).results.at(0).outcome, StepOutcome::error);

    AssembledLog uncertain;
    uncertain.log(100, "statement: select 1");
    uncertain.error(101, "22012", "division by zero");
    uncertain.end();
    EXPECT_EQ(uncertain.counter("log.errors_without_statement"), 1U);
    EXPECT_EQ(uncertain.why.back(), "error without a statement");
}

TEST(LogAssembler, MarksWhatTheLogCutOrLacks) {
    AssembledLog log;
    log.log(100, "execute <unnamed>: select $1").detail("parameters: $1 = 'abcde...'");
    log.log(101, "execute <unnamed>: select $1");
    log.log(102, "statement: copy t from stdin");
    log.log(103, "duration: 1 ms");
    log.log(104, "execute fetch from S_1/C_1: select 1");
    log.end();
    EXPECT_TRUE(log.requests.at(0).unresolved);
    EXPECT_TRUE(log.requests.at(1).unresolved);
    EXPECT_EQ(log.responses.at(2).results.at(0).note, "COPY data is not in the log");
    EXPECT_TRUE(log.requests.at(3).unresolved);
    EXPECT_EQ(log.counter("log.truncated_parameters"), 1U);
    EXPECT_EQ(log.counter("log.parameters_unknown"), 1U);
    EXPECT_EQ(log.counter("log.copy_without_data"), 1U);
    EXPECT_EQ(log.counter("log.fetch_size_unknown"), 1U);
}

TEST(LogAssembler, SessionsOpenAndClose) {
    AssembledLog log;
    log.log(10, "connection received: host=127.0.0.1 port=45410");
    log.log(11, "connection authorized: user=ann database=shop application_name=my app");
    log.log(12, "statement: select 1");
    log.log(20, "disconnection: session time: 0:00:00.010 user=ann database=shop host=127.0.0.1 port=45410");
    log.log(30, "connection received: host=127.0.0.1 port=45411");
    log.error(31, "28P01", "password authentication failed for user \"ann\"", "FATAL");
    log.log(40, "statement: select 1").process(77);
    log.end();
    ASSERT_EQ(log.opened.size(), 3U);
    EXPECT_FALSE(log.opened[0].joined);
    EXPECT_EQ(log.opened[0].time, at_ms(10));
    EXPECT_EQ(log.opened[0].identity.user, "ann");
    EXPECT_EQ(log.opened[0].identity.database, "shop");
    EXPECT_EQ(log.opened[0].identity.application, "my app");
    EXPECT_EQ(log.opened[0].identity.client, "127.0.0.1:45410");
    EXPECT_EQ(log.opened[0].identity.process_id, 4711U);
    EXPECT_TRUE(log.opened[2].joined);
    EXPECT_NE(log.opened[0].session, log.opened[1].session);
    ASSERT_EQ(log.closed.size(), 3U);
    EXPECT_EQ(log.closed[0].end, SessionEnd::connection);
    EXPECT_EQ(log.closed[1].end, SessionEnd::refused);
    EXPECT_EQ(log.closed[2].end, SessionEnd::still_open);
    EXPECT_EQ(log.responses.at(0).results.at(0).outcome, StepOutcome::complete);
    EXPECT_EQ(log.responses.at(1).results.at(0).outcome, StepOutcome::unanswered);
}

TEST(LogAssembler, KeepsNoUserDataOfErrorsAndNoPasswords) {
    AssembledLog log;
    log.error(1, "22P02", "invalid input syntax for type integer: \"canary\"")
        .statement("select 1")
        .activity("SELECT")
        .detail("canary")
        .context("canary");
    log.error(2, "", "canary of raise").statement("select 2").activity("SELECT");
    log.error(3, "22023", "canary")
        .statement("select 3")
        .activity("SELECT")
        .context("PL/pgSQL function f() line 1 at RAISE");
    log.log(4, "statement: alter role ann password 'canary'");
    log.log(5, "execute <unnamed>: create role b password 'canary'");
    log.end();
    for (const Response& response : log.responses) {
        for (const StepResult& result : response.results) {
            if (!result.error) continue;
            for (const auto& [letter, text] : result.error->fields)
                EXPECT_THAT(text, Not(HasSubstr("canary"))) << letter;
        }
    }
    for (const Request& request : log.requests) EXPECT_THAT(request.frames, Not(HasSubstr("canary")));

    AssembledLog full(ResultsPolicy::full);
    full.error(1, "22P02", "of \"canary\"").statement("select 1").activity("SELECT").detail("canary");
    full.end();
    EXPECT_EQ(full.responses.at(0).results.at(0).error->get('D'), "canary");
}

TEST(LogAssembler, KeepsNoPasswordsOfConnectionStrings) {
    AssembledLog log;
    log.log(1, "connection authorized: user=ann database=d application_name=host=x password=canary");
    log.log(2, "execute <unnamed>: select dblink_connect($1), $2")
        .detail("parameters: $1 = 'host=x password=canary', $2 = 'word'");
    log.log(3, "duration: 0.100 ms  bind s: select dblink_connect($1)").detail("parameters: $1 = 'password=canary x=y'");
    log.log(3, "execute s: select dblink_connect($1)");
    log.end();
    EXPECT_THAT(log.asked(),
                ElementsAre("Parse(, select dblink_connect($1), $2) Bind(, , 'host=x password=******', 'word') "
                            "Execute() Sync",
                            "Parse(s, select dblink_connect($1)) Bind(, s, 'password=****** x=y') Execute() Sync"));
    ASSERT_EQ(log.opened.size(), 1U);
    EXPECT_EQ(log.opened[0].identity.application, "host=x password=******");
}

TEST(LogAssembler, ASessionsOrderIsThatOfItsLines) {
    AssembledLog log;
    for (int i = 0; i < 300; ++i) {
        // All in one millisecond, the clock going back once.
        log.log(i < 200 ? 5000 : 1000, "duration: 0.900 ms  statement: select " + std::to_string(i));
    }
    log.end();
    ASSERT_EQ(log.requests.size(), 300U);
    for (std::size_t i = 0; i < 300; ++i) {
        EXPECT_EQ(log.requests[i].ordinal, Ordinal(static_cast<std::uint32_t>(i)));
        EXPECT_EQ(testing::described(log.requests[i].frames), "Query(select " + std::to_string(i) + ")");
        EXPECT_LE(log.requests[i == 0 ? 0 : i - 1].time, log.requests[i].time);
    }
    EXPECT_EQ(log.counter("log.clock_went_back"), 1U);
}

TEST(LogAssembler, ManyStatementsOfAQueryAreAnsweredEach) {
    AssembledLog log;
    log.log(1, "duration: 1 ms  statement: select 1; select ';'; -- end");
    log.log(2, "duration: 1 ms  statement:  ");
    log.log(3, "statement: select 1; select 1/0");
    log.error(4, "22012", "division by zero").statement("select 1; select 1/0").activity("SELECT");
    log.end();
    EXPECT_EQ(log.responses.at(0).results.size(), 2U);
    EXPECT_EQ(log.responses.at(1).results.at(0).outcome, StepOutcome::empty);
    EXPECT_THAT(log.responses.at(2).results.at(0).note, HasSubstr("does not say which"));
}

TEST(LogAssembler, IgnoresWhatIsNotOfClients) {
    AssembledLog log;
    log.log(1, "duration: 5 ms  plan:\nQuery Text: select 1");
    log.log(2, "checkpoint starting: time");
    log.log(3, "duration: 5 ms");
    log.log(4, "statement: select 1").backend("autovacuum worker");
    log.end();
    EXPECT_TRUE(log.requests.empty());
    EXPECT_THAT(log.why, ElementsAre("plan of auto_explain", "no statement", "duration of what was not logged",
                                     "not of a client's session"));
}

TEST(LogAssembler, WhatFollowsASessionsEndIsAnotherSession) {
    AssembledLog log;
    log.log(1, "statement: select 1").id("6b03af66.1267");
    log.error(2, "57P01", "terminating connection", "FATAL").id("6b03af66.1267");
    log.log(2, "statement: select 2").id("6b03af66.1267");
    log.log(3, "statement: select 3").id("6b03af67.1267");
    log.log(3, "statement: select 4").id("6b03af66.1267");
    log.end();
    ASSERT_EQ(log.requests.size(), 4U);
    std::set<SessionId> sessions;
    for (const Request& request : log.requests) sessions.insert(request.session);
    EXPECT_EQ(sessions.size(), 4U);
    EXPECT_EQ(log.closed.size(), 4U);
}

TEST(LogAssembler, OpenSessionsAreBounded) {
    AssembledLog log;
    for (std::uint32_t i = 1; i <= LogAssembler::kMaxSessions + 10; ++i) log.log(i, "statement: select 1").process(i);
    log.end();
    EXPECT_EQ(log.opened.size(), LogAssembler::kMaxSessions + 10);
    EXPECT_EQ(log.closed.size(), log.opened.size());
    EXPECT_GT(log.counter("log.sessions_evicted"), 9U);
}

TEST(TimeOrder, PutsLongStatementsWhereTheyBegan) {
    AssembledLog log;
    log.log(1000, "duration: 1 ms  statement: select 1").process(1);
    log.log(5000, "duration: 1 ms  statement: select 2").process(1);
    log.log(6000, "duration: 5500 ms  statement: select 3").process(2);
    log.log(60'000, "duration: 1 ms  statement: select 4").process(1);
    log.log(61'000, "duration: 59000 ms  statement: select 5").process(3);
    log.end();
    EXPECT_THAT(log.asked(), ElementsAre("Query(select 3)", "Query(select 1)", "Query(select 2)", "Query(select 5)",
                                         "Query(select 4)"));
    EXPECT_EQ(log.counter("log.late_events"), 3U) << "session, state and request of the last, which began at 2 s";
}

}  // namespace
}  // namespace understudy::capture
