#include "app/inspect/follower.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/unit/app/inspect/events.hpp"

namespace understudy::app::inspect {
namespace {

class Log final : public FollowListener {
public:
    void on_step(const FollowedStep& step) override {
        const std::string latency = step.latency ? fmt::format("{}", step.latency->to_milliseconds()) : "-";
        steps.push_back(fmt::format("{}.{} {} {} {} {}", step.ordinal.value(), step.step.value(),
                                    to_string(step.result.kind), to_string(step.result.outcome), latency,
                                    step.sql ? *step.sql : "?"));
    }
    void on_session_end(const SessionInfo& session) override { sessions.push_back(session); }

    std::vector<std::string> steps;
    std::vector<SessionInfo> sessions;
};

Log follow(const std::vector<Event>& events) {
    Log log;
    Follower follower(log, true);
    for (const Event& event : events) follower.on_event(event);
    follower.finish();
    EXPECT_EQ(follower.left_out(), 0U);
    return log;
}

using Steps = std::vector<std::string>;

TEST(Follower, FindsTheStatementOfAnExecuteThroughParseAndBind) {
    const Log log = follow({
        opened(1, 0),
        request(1, 0, 1, frames(parse("s1", "SELECT 1"), bind("", "s1"), execute(""), pgwire::Sync{})),
        response(1, 0, 5,
                 {result(StepKind::parse, 2), result(StepKind::bind, 3), result(StepKind::execute, 5, "SELECT 1", 1)}),
        request(1, 1, 10,
                frames(bind("p", "s1"), pgwire::Describe{pgwire::Target::portal, "p"}, execute("p"),
                       pgwire::Close{pgwire::Target::statement, "s1"}, bind("", "s1"), pgwire::Sync{})),
        response(1, 1, 15,
                 {result(StepKind::bind, 11), result(StepKind::describe, 12), result(StepKind::execute, 13),
                  result(StepKind::close, 14), error(StepKind::bind, 15, "26000")}),
        closed(1, 20, SessionEnd::terminate),
    });
    EXPECT_EQ(log.steps,
              (Steps{"0.0 Parse complete 1 SELECT 1", "0.1 Bind complete 2 SELECT 1", "0.2 Execute complete 4 SELECT 1",
                     "1.0 Bind complete 1 SELECT 1", "1.1 Describe complete 2 SELECT 1",
                     "1.2 Execute complete 3 SELECT 1", "1.3 Close complete 1 SELECT 1", "1.4 Bind error 2 ?"}));
    ASSERT_EQ(log.sessions.size(), 1U);
    EXPECT_EQ(log.sessions[0].exchanges, 2U);
    EXPECT_EQ(log.sessions[0].errors, 1U);
    EXPECT_EQ(log.sessions[0].end, SessionEnd::terminate);
    EXPECT_FALSE(log.sessions[0].joined);
}

TEST(Follower, TakesStatementsPreparedBeforeTheCaptureFromSessionState) {
    SessionState state;
    state.session = SessionId(1);
    state.time = at(0);
    state.identity.user = "bob";
    state.statements.push_back({"old", "SELECT 2", {}});
    const Log log = follow({state, request(1, 0, 1, frames(bind("", "old"), execute(""), pgwire::Sync{})),
                            response(1, 0, 3, {result(StepKind::bind, 2), result(StepKind::execute, 3)}),
                            request(1, 1, 4, frames(bind("", "never seen"), execute(""), pgwire::Sync{})),
                            response(1, 1, 6, {result(StepKind::bind, 5), result(StepKind::execute, 6)})});
    EXPECT_EQ(log.steps, (Steps{"0.0 Bind complete 1 SELECT 2", "0.1 Execute complete 2 SELECT 2",
                                "1.0 Bind complete 1 ?", "1.1 Execute complete 2 ?"}));
    EXPECT_TRUE(log.sessions[0].joined);
    EXPECT_EQ(log.sessions[0].identity.user, "bob");
    EXPECT_FALSE(log.sessions[0].end);
}

TEST(Follower, SplitsAQueryIntoItsStatements) {
    const Log log = follow(
        {request(1, 0, 1, frames(pgwire::Query{"BEGIN; SELECT 1;; SELECT 2"})),
         response(1, 0, 0, {result(StepKind::statement, 2)}),
         response(1, 0, 9, {result(StepKind::statement, 4), error(StepKind::statement, 8, "22012")}, 1),
         request(1, 1, 10, frames(pgwire::Query{"SELECT 1; SELEC 2"})),
         response(1, 1, 11, {error(StepKind::statement, 11, "42601")}), request(1, 2, 12, frames(pgwire::Query{" "})),
         response(1, 2, 13, {outcome(StepKind::statement, 13, StepOutcome::empty)})});
    EXPECT_EQ(log.steps, (Steps{"0.0 Statement complete 1 BEGIN", "0.1 Statement complete 2 SELECT 1",
                                "0.2 Statement error 4 SELECT 2", "1.0 Statement error 1 SELECT 1; SELEC 2",
                                "2.0 Statement empty 1 "}));
}

TEST(Follower, ShowsSkippedStepsWithTheirOwnText) {
    const Log log = follow(
        {request(1, 0, 1, frames(parse("", "SELECT old"), bind("", ""), execute(""), pgwire::Sync{})),
         response(1, 0, 2, {result(StepKind::parse, 2), result(StepKind::bind, 2), result(StepKind::execute, 2)}),
         request(1, 1, 3, frames(parse("", "SELECT new"), bind("", ""), execute(""), pgwire::Sync{})),
         response(1, 1, 5,
                  {error(StepKind::parse, 4, "42703"), outcome(StepKind::bind, 4, StepOutcome::skipped),
                   outcome(StepKind::execute, 4, StepOutcome::skipped)}),
         request(1, 2, 6, frames(bind("", ""), execute(""), pgwire::Sync{})),
         response(1, 2, 8, {error(StepKind::bind, 7, "26000"), outcome(StepKind::execute, 7, StepOutcome::skipped)})});
    EXPECT_EQ(Steps(log.steps.begin() + 3, log.steps.end()),
              (Steps{"1.0 Parse error 1 SELECT new", "1.1 Bind skipped - SELECT new",
                     "1.2 Execute skipped - SELECT new", "2.0 Bind error 1 ?", "2.1 Execute skipped - ?"}));
}

TEST(Follower, AFailedParseLeavesTheStatementOfThatName) {
    const Log log = follow({request(1, 0, 1, frames(parse("s", "SELECT 1"), pgwire::Sync{})),
                            response(1, 0, 2, {result(StepKind::parse, 2)}),
                            request(1, 1, 3, frames(parse("s", "SELECT 2"), pgwire::Sync{})),
                            response(1, 1, 4, {error(StepKind::parse, 4, "42P05")}),
                            request(1, 2, 5, frames(bind("", "s"), pgwire::Sync{})),
                            response(1, 2, 6, {result(StepKind::bind, 6)})});
    EXPECT_EQ(log.steps.back(), "2.0 Bind complete 1 SELECT 1");
}

TEST(Follower, CountsServiceTimeFromTheAnswerBeforeInAPipeline) {
    const Log log = follow(
        {request(1, 0, 10, frames(pgwire::Query{"SELECT 1"})), request(1, 1, 11, frames(pgwire::Query{"SELECT 2"})),
         response(1, 0, 31, {result(StepKind::statement, 30)}), response(1, 1, 34, {result(StepKind::statement, 33)}),
         request(1, 2, 50, frames(pgwire::Query{"SELECT 3"})), response(1, 2, 54, {result(StepKind::statement, 54)})});
    EXPECT_EQ(log.steps, (Steps{"0.0 Statement complete 20 SELECT 1", "1.0 Statement complete 2 SELECT 2",
                                "2.0 Statement complete 4 SELECT 3"}));
}

TEST(Follower, AnExecuteTakesAsLongAsWhatWasSentWithIt) {
    const Log log =
        follow({request(1, 0, 10,
                        frames(parse("", "SELECT 1"), bind("", ""), execute(""), parse("", "SELECT 2"), bind("", ""),
                               execute(""), pgwire::Sync{})),
                response(1, 0, 19,
                         {result(StepKind::parse, 15), result(StepKind::bind, 15), result(StepKind::execute, 15),
                          result(StepKind::parse, 18), result(StepKind::bind, 18), result(StepKind::execute, 18)})});
    EXPECT_EQ(log.steps, (Steps{"0.0 Parse complete 5 SELECT 1", "0.1 Bind complete 5 SELECT 1",
                                "0.2 Execute complete 5 SELECT 1", "0.3 Parse complete 3 SELECT 2",
                                "0.4 Bind complete 3 SELECT 2", "0.5 Execute complete 3 SELECT 2"}));
}

TEST(Follower, ReportsWhatWasNeverAnswered) {
    const Log log = follow(
        {request(1, 0, 1, frames(parse("", "SELECT 1"), bind("", ""), pgwire::Sync{})),
         response(1, 0, 0, {result(StepKind::parse, 2)}), request(2, 0, 1, frames(pgwire::Query{"SELECT 2; SELECT 3"})),
         response(2, 0, 0, {result(StepKind::statement, 2)}), request(3, 7, 1, frames(pgwire::Query{"SELECT 4"}))});
    EXPECT_EQ(log.steps, (Steps{"0.0 Parse complete 1 SELECT 1", "0.0 Statement complete 1 SELECT 2",
                                "0.1 Bind unanswered - SELECT 1", "7.0 Statement unanswered - SELECT 4"}));
}

TEST(Follower, TakesAnExchangeWhoseEndWasRecordedBeforeItsRequest) {
    const Log log = follow({request(1, 0, 1, frames(parse("", "bad"), pgwire::Flush{})),
                            response(1, 0, 0, {error(StepKind::parse, 2, "42601")}),
                            response(1, 0, 3, {outcome(StepKind::statement, 3, StepOutcome::skipped)}, 1),
                            response(1, 1, 4, {outcome(StepKind::statement, 3, StepOutcome::skipped)}),
                            request(1, 1, 4, frames(pgwire::Query{"SELECT 1"})), closed(1, 9, SessionEnd::connection)});
    EXPECT_EQ(log.steps, (Steps{"0.0 Parse error 1 bad", "0.1 Statement skipped - ?", "1.0 Statement skipped - ?"}));
    EXPECT_EQ(log.sessions[0].exchanges, 2U);
}

TEST(Follower, ASessionGoesOnInTheNextFile) {
    SessionState state;
    state.session = SessionId(1);
    state.time = at(11);
    const Log log = follow({opened(1, 0), closed(1, 10, SessionEnd::still_open), state,
                            closed(1, 20, SessionEnd::terminate), opened(1, 30), closed(1, 31, SessionEnd::failed)});
    ASSERT_EQ(log.sessions.size(), 2U) << "the same session of another run is another one";
    EXPECT_EQ(log.sessions[0].end, SessionEnd::terminate);
    EXPECT_EQ(log.sessions[0].identity.user, "shop");
    EXPECT_EQ(elapsed(log.sessions[0].first, log.sessions[0].last), Duration::milliseconds(20));
}

TEST(Follower, CopyDataAfterTheEndOpensNothing) {
    const Log log = follow({request(1, 0, 1, frames(pgwire::Query{"COPY t FROM STDIN"})),
                            response(1, 0, 3, {error(StepKind::statement, 2, "22P02")}),
                            request(1, 0, 4, frames(pgwire::CopyData{"1\n"}, pgwire::CopyDone{}))});
    EXPECT_EQ(log.steps, (Steps{"0.0 Statement error 1 COPY t FROM STDIN"}));
    EXPECT_EQ(log.sessions[0].exchanges, 1U);
}

TEST(Follower, LeavesOutStepsPastItsLimitAndCountsThem) {
    Log log;
    Follower follower(log, false);
    Bytes many;
    while (many.size() < 5 * Follower::kMaxOpenSteps) pgwire::encode_frontend_to(many, pgwire::Sync{});
    follower.on_event(request(1, 0, 1, many));
    EXPECT_EQ(follower.left_out(), 1U) << "the exchange counts as one";
    follower.on_event(request(2, 0, 1, frames(pgwire::Sync{})));
    EXPECT_EQ(follower.left_out(), 2U);
    follower.on_event(response(1, 0, 2, {}));
    follower.on_event(request(2, 1, 3, frames(pgwire::Query{"SELECT 1"})));
    EXPECT_EQ(follower.left_out(), 2U) << "there is room again";
}

TEST(Follower, LeavesOutSessionsPastItsLimitAndCountsThem) {
    Log log;
    Follower follower(log, false);
    for (std::uint64_t id = 1; id <= Follower::kMaxOpenSessions; ++id) follower.on_event(opened(id, 1));
    EXPECT_EQ(follower.left_out(), 0U);
    follower.on_event(opened(1'000'000, 1));
    EXPECT_EQ(follower.left_out(), 1U);
    follower.on_event(closed(1, 2, SessionEnd::terminate));
    follower.on_event(opened(1'000'001, 3));
    EXPECT_EQ(follower.left_out(), 1U);
}

TEST(Elapsed, HoldsWhateverTheTimes) {
    EXPECT_EQ(elapsed(Timestamp::from_ns(INT64_MIN), Timestamp::from_ns(INT64_MAX)).count_ns(), INT64_MAX);
    EXPECT_EQ(elapsed(at(2), at(1)).count_ns(), 0);
    EXPECT_EQ(elapsed(Timestamp(), at(1)).count_ns(), 0);
    EXPECT_EQ(elapsed(at(1), at(2)), Duration::milliseconds(1));
}

}  // namespace
}  // namespace understudy::app::inspect
