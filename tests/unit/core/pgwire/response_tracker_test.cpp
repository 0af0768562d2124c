#include "core/pgwire/response_tracker.hpp"

#include <gtest/gtest.h>

#include "tests/support/dialogue.hpp"

namespace understudy::pgwire {
namespace {

using testing::Dialogue;
namespace be = testing::be;
namespace fe = testing::fe;

// The situations of PostgreSQL's documentation, "Message Flow". Each script is also replayed with the
// connection ending after each frame.
void expect_track(const Dialogue& talk, const std::string& expected) {
    EXPECT_EQ(talk.track(), expected);
    EXPECT_EQ(talk.check_every_ending(), "");
}

TEST(ResponseTracker, SimpleQuery) {
    Dialogue talk;
    talk.client(fe::query("select 1"))
        .server(be::row_description({{"a"}}) + be::row({"1"}) + be::complete("SELECT 1") + be::ready());
    expect_track(talk, "Q0.0+ Z0=I");
}

TEST(ResponseTracker, QueryOfSeveralStatementsIsOneStepForEach) {
    Dialogue talk;
    talk.client(fe::query("begin; insert; select")).server(be::complete("BEGIN") + be::complete("INSERT 0 1"));
    talk.server(be::row_description({{"a"}}) + be::row({"1"}) + be::complete("SELECT 1") + be::ready('T'));
    expect_track(talk, "Q0.0+ Q0.1+ Q0.2+ Z0=T");
}

TEST(ResponseTracker, ErrorInTheMiddleEndsTheQuery) {
    Dialogue talk;
    talk.client(fe::query("insert; bad; insert")).server(be::complete("INSERT 0 1") + be::error("42P01") + be::ready());
    talk.client(fe::query("select 2")).server(be::complete("SELECT 2") + be::ready());
    expect_track(talk, "Q0.0+ Q0.1! Z0=I Q1.0+ Z1=I");
}

TEST(ResponseTracker, ErrorAmongTheRows) {
    Dialogue talk;
    talk.client(fe::query("select"))
        .server(be::row_description({{"a"}}) + be::row({"1"}) + be::error("22012") + be::ready());
    expect_track(talk, "Q0.0! Z0=I");
}

TEST(ResponseTracker, EmptyQuery) {
    Dialogue talk;
    talk.client(fe::query("")).server(be::empty_query() + be::ready());
    talk.client(fe::parse("", "") + fe::bind("", "") + fe::describe_portal() + fe::execute() + fe::sync());
    talk.server(be::parsed_and_bound() + be::no_data() + be::empty_query() + be::ready());
    expect_track(talk, "Q0.0_ Z0=I P1.0+ B1.1+ D1.2+ E1.3_ Z1=I");
}

TEST(ResponseTracker, ExtendedQuery) {
    Dialogue talk;
    talk.client(fe::parse("s", "select $1", {23}) + fe::describe_statement("s") + fe::sync());
    talk.server(be::parse_complete() + be::parameter_description({23}) + be::row_description({{"a", 23}}) +
                be::ready());
    talk.client(fe::bind("p", "s", {1}, {"1"}) + fe::describe_portal("p") + fe::execute("p") + fe::close_portal("p") +
                fe::sync());
    talk.server(be::bind_complete() + be::row_description({{"a", 23, 1}}) + be::row({"1"}) + be::complete("SELECT 1"));
    talk.server(be::close_complete() + be::ready());
    expect_track(talk, "P0.0+ D0.1+ Z0=I B1.0+ D1.1+ E1.2+ C1.3+ Z1=I");
}

TEST(ResponseTracker, SeveralStatementsBeforeOneSync) {
    Dialogue talk;
    talk.client(fe::unnamed("a") + fe::unnamed("b") + fe::sync());
    talk.server(be::parsed_and_bound() + be::complete("INSERT 0 1") + be::parsed_and_bound() +
                be::complete("INSERT 0 2"));
    talk.server(be::ready());
    expect_track(talk, "P0.0+ B0.1+ E0.2+ P0.3+ B0.4+ E0.5+ Z0=I");
}

TEST(ResponseTracker, PipelinedExchanges) {
    Dialogue talk;
    talk.client(fe::unnamed("a") + fe::sync() + fe::unnamed("b") + fe::sync() + fe::query("c"));
    talk.server(be::parsed_and_bound() + be::complete("INSERT 0 1") + be::ready());
    talk.server(be::parsed_and_bound() + be::error("23505") + be::ready() + be::complete("INSERT 0 3") + be::ready());
    expect_track(talk, "P0.0+ B0.1+ E0.2+ Z0=I P1.0+ B1.1+ E1.2! Z1=I Q2.0+ Z2=I");
}

TEST(ResponseTracker, SyncAloneIsAnExchange) {
    Dialogue talk;
    talk.client(fe::sync()).server(be::ready()).client(fe::query("a")).server(be::complete("A") + be::ready());
    expect_track(talk, "Z0=I Q1.0+ Z1=I");
}

// After an error in the extended protocol the server discards everything up to the next Sync.

TEST(ResponseTracker, ErrorDiscardsToTheSyncSentAlready) {
    Dialogue talk;
    talk.client(fe::unnamed("bad") + fe::unnamed("b") + fe::close_statement("x") + fe::sync() + fe::query("c"));
    talk.server(be::error("42601") + be::ready() + be::complete("C 3") + be::ready());
    expect_track(talk, "P0.0! B0.1- E0.2- P0.3- B0.4- E0.5- C0.6- Z0=I Q1.0+ Z1=I");
}

TEST(ResponseTracker, ErrorDiscardsToASyncSentLater) {
    Dialogue talk;
    talk.client(fe::parse("", "bad") + fe::flush()).server(be::error("42601"));
    talk.client(fe::bind("", "") + fe::execute() + fe::flush())
        .client(fe::unnamed("b"))
        .client(fe::sync())
        .server(be::ready());
    expect_track(talk, "P0.0! B0.1- E0.2- P0.3- B0.4- E0.5- Z0=I");
}

TEST(ResponseTracker, QueryAfterAnUnsyncedParse) {
    Dialogue talk;
    talk.client(fe::parse("s", "good") + fe::query("select 1"))
        .server(be::parse_complete() + be::complete("SELECT 1") + be::ready());
    expect_track(talk, "P0.0+ Q0.1+ Z0=I");
}

TEST(ResponseTracker, QueryAfterAnUnsyncedFailedParseIsDiscarded) {
    Dialogue talk;
    talk.client(fe::parse("s", "bad") + fe::query("select 1") + fe::function_call(1) + fe::query("x") + fe::sync());
    talk.server(be::error("42601") + be::ready()).client(fe::query("a")).server(be::complete("A") + be::ready());
    expect_track(talk, "P0.0! Q0.1- Z0=- F1.0- Z1=- Q2.0- Z2=- Z3=I Q4.0+ Z4=I");
}

TEST(ResponseTracker, QueryAfterAKnownErrorIsDiscardedAtOnce) {
    Dialogue talk;
    talk.client(fe::parse("s", "bad") + fe::flush()).server(be::error("42601")).client(fe::query("select 1"));
    talk.client(fe::sync()).server(be::ready());
    expect_track(talk, "P0.0! Q0.1- Z0=- Z1=I");
}

TEST(ResponseTracker, DeferredConstraintFailsAtSync) {
    Dialogue talk;
    talk.client(fe::unnamed("insert") + fe::sync() + fe::query("b"));
    talk.server(be::parsed_and_bound() + be::complete("INSERT 0 1") + be::error("23503") + be::ready());
    talk.server(be::complete("B") + be::ready());
    expect_track(talk, "P0.0+ B0.1+ E0.2+ S0.3! Z0=I Q1.0+ Z1=I");
}

TEST(ResponseTracker, FlushWithoutSync) {
    Dialogue talk;
    talk.client(fe::unnamed("a") + fe::flush()).server(be::parsed_and_bound() + be::complete("A 1"));
    talk.client(fe::unnamed("b") + fe::flush()).server(be::parsed_and_bound() + be::complete("B 2"));
    talk.client(fe::sync()).server(be::ready());
    expect_track(talk, "P0.0+ B0.1+ E0.2+ P0.3+ B0.4+ E0.5+ Z0=I");
}

TEST(ResponseTracker, SuspendedPortal) {
    Dialogue talk;
    talk.client(fe::parse("", "a") + fe::bind("c", "") + fe::execute("c", 2) + fe::flush());
    talk.server(be::parsed_and_bound() + be::row({"1"}) + be::row({"2"}) + be::portal_suspended());
    talk.client(fe::execute("c", 2) + fe::sync()).server(be::row({"3"}) + be::complete("SELECT 3") + be::ready());
    expect_track(talk, "P0.0+ B0.1+ E0.2~ E0.3+ Z0=I");
}

TEST(ResponseTracker, DescribeOfAStatementWithoutRows) {
    Dialogue talk;
    talk.client(fe::describe_statement("s") + fe::describe_statement("t") + fe::sync());
    talk.server(be::parameter_description({}) + be::no_data() + be::parameter_description({23}) +
                be::row_description({{"a"}}));
    talk.server(be::ready());
    expect_track(talk, "D0.0+ D0.1+ Z0=I");
}

TEST(ResponseTracker, FunctionCall) {
    Dialogue talk;
    talk.client(fe::function_call(1598) + fe::function_call(2)).server(be::function_result("0.5") + be::ready());
    talk.server(be::error("42883") + be::ready());
    expect_track(talk, "F0.0+ Z0=I F1.0! Z1=I");
}

TEST(ResponseTracker, FunctionCallThatFailsAtItsCommitIsAnErrorOnce) {
    Dialogue talk;
    talk.client(fe::function_call(1598)).server(be::function_result("x") + be::error("23503") + be::ready());
    expect_track(talk, "F0.0! Z0=I");
}

// What belongs to no step.

TEST(ResponseTracker, AsynchronousMessagesAnywhere) {
    const Bytes noise = be::notice("n") + be::notification("c") + be::parameter("TimeZone", "UTC");
    Dialogue talk;
    talk.server(noise)
        .client(fe::unnamed("a") + fe::sync())
        .server(noise + be::parse_complete() + noise + be::bind_complete());
    talk.server(noise + be::complete("SET") + noise + be::ready() + noise);
    talk.client(fe::query("b")).server(noise + be::complete("B") + noise + be::ready() + noise);
    expect_track(talk, "P0.0+ B0.1+ E0.2+ Z0=I Q1.0+ Z1=I");
}

TEST(ResponseTracker, FatalErrorWhenIdle) {
    Dialogue talk;
    talk.client(fe::query("a")).server(be::complete("A") + be::ready() + be::error("57P01", "terminating", "FATAL"));
    expect_track(talk, "Q0.0+ Z0=I fatal");
}

TEST(ResponseTracker, FatalErrorAfterADiscardedExchange) {
    Dialogue talk;
    talk.client(fe::parse("", "bad") + fe::flush())
        .server(be::error("42601") + be::error("57P01", "terminating", "FATAL"));
    expect_track(talk, "P0.0! fatal");
}

TEST(ResponseTracker, FatalErrorInTheMidst) {
    Dialogue talk;
    talk.client(fe::query("select pg_sleep(9)") + fe::query("b")).server(be::error("57P01", "terminating", "FATAL"));
    expect_track(talk, "Q0.0! pending: Q0.1 Q1.0");
    Dialogue extended;
    extended.client(fe::unnamed("a") + fe::sync())
        .server(be::parse_complete() + be::error("57P01", "terminating", "FATAL"));
    expect_track(extended, "P0.0+ B0.1! E0.2- pending: S0.3");
}

TEST(ResponseTracker, AnErrorThatAnswersNothingAndLeavesTheSessionIsUnexpected) {
    Dialogue talk;
    talk.server(be::error("42601"));
    EXPECT_EQ(talk.track(), "unexpected:E");
}

TEST(ResponseTracker, UnexpectedMessagesChangeNothing) {
    const Bytes stray = be::portal_suspended() + be::close_complete() + be::row({"1"}) + be::copy_out() +
                        be::copy_in() + be::function_result("1") + be::complete("X") + be::empty_query();
    Dialogue talk;
    talk.server(stray + be::parse_complete() + be::ready()).client(fe::parse("", "a")).server(stray + be::ready());
    talk.client(fe::sync()).server(be::parse_complete() + stray + be::ready());
    EXPECT_EQ(talk.track(),
              "unexpected:s unexpected:3 unexpected:D unexpected:H unexpected:G unexpected:V unexpected:C "
              "unexpected:I "
              "unexpected:1 unexpected:Z unexpected:s unexpected:3 unexpected:D unexpected:H unexpected:G "
              "unexpected:V "
              "unexpected:C unexpected:I unexpected:Z P0.0+ unexpected:s unexpected:3 unexpected:D unexpected:H "
              "unexpected:G unexpected:V unexpected:C unexpected:I Z0=I");
    EXPECT_EQ(Dialogue()
                  .server(testing::split_frames(Bytes("R\0\0\0\x08\0\0\0\0K\0\0\0\x04v\0\0\0\x04?\0\0\0\x04", 24))[0])
                  .track(),
              "unexpected:R");
}

TEST(ResponseTracker, SecondFunctionCallResponseIsUnexpected) {
    Dialogue talk;
    talk.client(fe::function_call(1)).server(be::function_result("1") + be::function_result("2") + be::ready());
    EXPECT_EQ(talk.track(), "unexpected:V F0.0+ Z0=I");
}

TEST(ResponseTracker, MessagesOfStartUpAndUnknownOnesAreRefused) {
    Dialogue talk;
    talk.client(Bytes("p\0\0\0\x04", 5) + Bytes("?\0\0\0\x04", 5) + fe::terminate());
    EXPECT_EQ(talk.track(), "refused:p refused:?");
}

TEST(ResponseTracker, ReadyWithoutItsAnswersEndsThemAsIncomplete) {
    Dialogue talk;
    talk.client(fe::unnamed("a") + fe::sync() + fe::query("b") + fe::function_call(1))
        .server(be::parse_complete() + be::ready());
    talk.server(be::ready('T') + be::ready('E'));
    EXPECT_EQ(talk.track(), "P0.0+ B0.1? E0.2? Z0=I Q1.0? Z1=T F2.0? Z2=E");
}

TEST(ResponseTracker, MalformedBodiesHaveNoNames) {
    Dialogue talk;
    talk.client(Bytes("P\0\0\0\x05x", 6) + Bytes("B\0\0\0\x05x", 6) + Bytes("D\0\0\0\x05x", 6) + fe::sync());
    talk.server(be::error("08P01") + Bytes("Z\0\0\0\x04", 5));
    EXPECT_EQ(talk.track(), "P0.0! B0.1- D0.2- S0.3? Z0=-");
}

class NoListener final : public TrackerListener {
public:
    void on_step_ended(const Pending&, Ending ending) override { endings.push_back(ending); }
    void on_exchange_ended(std::uint32_t, char) override {}
    std::vector<Ending> endings;
};

TEST(ResponseTracker, LimitOfPendingMessages) {
    NoListener listener;
    ResponseTracker tracker(listener);
    const Bytes parse = fe::parse("", "");
    for (std::size_t i = 0; i < ResponseTracker::kMaxPending; ++i) {
        ASSERT_FALSE(tracker.on_frontend(testing::view_frame(parse)).unexpected);
    }
    EXPECT_TRUE(tracker.certain());
    const Placement refused = tracker.on_frontend(testing::view_frame(fe::execute()));
    EXPECT_TRUE(refused.unexpected);
    EXPECT_EQ(tracker.pending().size(), ResponseTracker::kMaxPending);
    // The message that was left out will be answered too: what comes next must not get its answer.
    EXPECT_FALSE(tracker.certain());
    tracker.on_backend(testing::view_frame(be::parse_complete()));
    EXPECT_EQ(listener.endings, std::vector<Ending>{Ending::incomplete});
}

TEST(ResponseTracker, PlacesAndNames) {
    NoListener listener;
    ResponseTracker tracker(listener, 7);
    EXPECT_FALSE(tracker.inside_exchange());
    tracker.on_frontend(testing::view_frame(fe::bind("portal", "statement", {1, 0})));
    EXPECT_TRUE(tracker.inside_exchange());
    ASSERT_NE(tracker.head(), nullptr);
    EXPECT_EQ(tracker.head()->name, "portal");
    EXPECT_EQ(tracker.head()->statement, "statement");
    EXPECT_EQ(tracker.head()->result_formats, Bytes("\0\1\0\0", 4));
    EXPECT_EQ(tracker.head()->ordinal, 7U);
    tracker.on_frontend(testing::view_frame(fe::close_statement("x")));
    EXPECT_EQ(tracker.pending().back().target, 'S');
    EXPECT_FALSE(tracker.pending().back().flushed);
    const Placement flush = tracker.on_frontend(testing::view_frame(fe::flush()));
    EXPECT_EQ(flush.step, 2U);
    EXPECT_TRUE(tracker.pending().back().flushed);
    tracker.on_frontend(testing::view_frame(fe::execute("e")));
    EXPECT_FALSE(tracker.pending().back().flushed);
    tracker.on_frontend(testing::view_frame(fe::sync()));
    EXPECT_TRUE(tracker.pending()[2].flushed);
    EXPECT_EQ(tracker.next_ordinal(), 8U);
}

}  // namespace
}  // namespace understudy::pgwire
