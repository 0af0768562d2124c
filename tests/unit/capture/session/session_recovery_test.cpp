#include <gmock/gmock.h>

#include "tests/unit/capture/session/session_fixture.hpp"

namespace understudy::capture {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

const Bytes kAnswer = be::complete("SELECT 1") + be::ready();

TEST(SessionRecovery, ASearchForFramesEnds) {
    Decoding talk(false);
    const Bytes noise(1U << 20U, '~');
    for (int i = 0; i < 20; ++i) talk.client(noise);
    EXPECT_THAT(talk.all<SessionClosed>(), SizeIs(1));
    EXPECT_EQ(talk.end(), "not PostgreSQL");
}

TEST(SessionRecovery, JoinsAtTheClientsFrames) {
    Decoding talk(false);
    talk.client(fe::bind("", "s1") + fe::execute() + fe::sync());
    talk.server(wire::frame('2', "") + be::complete("INSERT 0 1") + be::ready());
    talk.client(fe::query("select 1")).server(kAnswer).client(fe::query("select 1")).server(kAnswer).close();
    EXPECT_EQ(talk.text(),
              "> 0.0 BES seen 0.0 unresolved\n< 0.0 Bind? Execute?{INSERT 0 1} Sync? ready -\n"
              "> 1.0 Q seen 1.0\n< 1.0 Statement?{SELECT 1} ready -\n"
              "> 2.0 Q seen 2.0\n< 2.0 Statement+{SELECT 1} ready I\n");
    EXPECT_TRUE(talk.all<SessionOpened>()[0].joined);
    ASSERT_THAT(talk.all<SessionState>(), SizeIs(1));
    EXPECT_FALSE(talk.all<SessionState>()[0].complete);
    EXPECT_EQ(talk.all<SessionState>()[0].transaction_status, '\0');
    EXPECT_EQ(talk.count("sessions.joined"), 1U);
}

TEST(SessionRecovery, AfterALongSilenceNothingSentBeforeIsStillAnswered) {
    Decoding talk(false);
    talk.context.seen_since = testing::at_ms(-5000);
    talk.connect(false);
    talk.client(fe::query("select 1")).server(kAnswer).close();
    EXPECT_EQ(talk.text(), "> 0.0 Q seen 0.0\n< 0.0 Statement+{SELECT 1} ready I\n");
    talk.connect(false);
    talk.server(kAnswer).client(fe::query("select 2")).server(kAnswer).close();
    EXPECT_THAT(talk.text(), HasSubstr("< 0.0 Statement?")) << "it was a long one";
}

/// What passes between two moments of rest shows that each exchange is answered before the next one.
TEST(SessionRecovery, AClientThatMayPipelineIsPairedAgainWhenItHasRestedTwice) {
    for (const bool caught_up : {true, false}) {
        Decoding talk(false);
        talk.caught_up = caught_up;
        talk.server(kAnswer);
        for (const char* tag : {"SELECT 1", "SELECT 2"}) {
            talk.client(fe::query(tag) + fe::query(tag)).server(be::complete(tag) + be::ready());
            talk.server(be::complete(tag) + be::ready());
        }
        talk.close();
        EXPECT_THAT(talk.text(), HasSubstr("< 0.0 Statement?"));
        EXPECT_THAT(talk.text(), HasSubstr("< 1.0 Statement?"));
        EXPECT_THAT(talk.text(), HasSubstr(caught_up ? "< 2.0 Statement+{SELECT 2}" : "< 2.0 Statement?"));
        EXPECT_THAT(talk.text(), HasSubstr(caught_up ? "< 3.0 Statement+{SELECT 2}" : "< 3.0 Statement?"));
    }
}

/// Joined where the first of two was sent already: more answers than exchanges.
TEST(SessionRecovery, ARestWithMoreAnswersThanExchangesBeforeProvesNothing) {
    Decoding talk(false);
    talk.server(kAnswer).client(fe::query("2"));
    talk.server(be::complete("SELECT 1") + be::ready()).server(be::complete("SELECT 2") + be::ready());
    talk.client(fe::query("3")).server(be::complete("SELECT 3") + be::ready());
    talk.client(fe::query("4")).server(be::complete("SELECT 4") + be::ready()).close();
    EXPECT_THAT(talk.text(), Not(HasSubstr("Statement+{SELECT 1}")));
    EXPECT_THAT(talk.text(), HasSubstr("< 1.0 Statement?"));
    EXPECT_THAT(talk.text(), HasSubstr("< 2.0 Statement+{SELECT 4}"));
}

/// Rest proves nothing of a client that sends the third exchange when the first of two is answered.
TEST(SessionRecovery, AClientSeenToOvertakeAnswersIsPairedAgainAfterSilenceOnly) {
    Decoding talk;
    talk.log_in().client(fe::query("1")).client(fe::query("2")).server(kAnswer).client(fe::query("3"));
    talk.server(kAnswer).server(kAnswer).client_gap();
    for (int i = 0; i < 5; ++i) talk.client(fe::query("4")).server(be::complete("SELECT 4") + be::ready());
    talk.close();
    EXPECT_THAT(talk.text(), Not(HasSubstr("Statement+{SELECT 4}")));
}

TEST(SessionRecovery, OnlyTheSynWasMissed) {
    Decoding talk(false);
    talk.log_in().client(fe::query("select 1")).server(kAnswer).close();
    EXPECT_FALSE(talk.all<SessionOpened>()[0].joined);
    EXPECT_EQ(talk.all<SessionState>()[0].identity.user, "ann");
    EXPECT_THAT(talk.text(), HasSubstr("Statement+{SELECT 1} ready I"));
}

TEST(SessionRecovery, JoinsAfterALargeResultHoweverLongItIs) {
    Decoding talk(false);
    const Bytes piece(1U << 20U, 'r');
    for (int i = 0; i < 20; ++i) talk.server(piece);  // more than kMaxSearch
    talk.server("row" + kAnswer);
    for (int i = 0; i < 2; ++i) talk.client(fe::query("select 2")).server(be::complete("SELECT 2") + be::ready());
    talk.close();
    EXPECT_EQ(talk.text(),
              "> 0.0 Q seen 0.0\n< 0.0 Statement?{SELECT 2} ready -\n"
              "> 1.0 Q seen 1.0\n< 1.0 Statement+{SELECT 2} ready I\n");
    EXPECT_EQ(talk.end(), "connection closed");
}

/// A client that pipelines may have asked for what is being answered where the capture begins.
TEST(SessionRecovery, AnAnswerAlreadyOnItsWayIsNotTakenForThatToTheFirstMessageSeen) {
    Decoding talk(false);
    talk.server("row" + be::row({"1"}));
    talk.client(fe::query("insert")).server(kAnswer);
    talk.server(be::complete("INSERT 0 1") + be::ready());
    talk.client(fe::query("select 3")).server(be::complete("SELECT 3") + be::ready());
    talk.client(fe::query("select 4")).server(be::complete("SELECT 4") + be::ready()).close();
    EXPECT_THAT(talk.text(), HasSubstr("< 0.0 Statement?"));
    EXPECT_THAT(talk.text(), Not(HasSubstr("Statement+{SELECT 1}")));
    EXPECT_THAT(talk.text(), HasSubstr("Statement+{SELECT 4}"));
}

TEST(SessionRecovery, JoinsInTheMiddleOfACopy) {
    Decoding talk(false);
    talk.client("f of a row\n" + fe::copy_data("1\n"));  // begins inside a message
    EXPECT_THAT(talk.all<SessionOpened>(), SizeIs(0));
    talk.client(fe::copy_data("2\n") + fe::copy_data("3\n")).client(fe::copy_done());
    talk.server(be::complete("COPY 9") + be::ready());
    for (const char* tag : {"SELECT 1", "SELECT 2", "SELECT 3"}) {
        talk.client(fe::query("select")).server(be::complete(tag) + be::ready());
    }
    talk.close();
    EXPECT_TRUE(talk.all<SessionOpened>()[0].joined);
    EXPECT_THAT(talk.text(), Not(HasSubstr("COPY 9")));
    EXPECT_THAT(talk.text(), HasSubstr("Statement+{SELECT 3} ready I"));
    EXPECT_EQ(talk.end(), "connection closed");
}

TEST(SessionRecovery, ResynchronisesAfterAGapOfTheServer) {
    Decoding talk;
    talk.log_in().client(fe::query("select 1")).server_gap().server("rest of a row" + kAnswer);
    talk.client(fe::query("select 2")).server(be::complete("SELECT 2") + be::ready());
    talk.client(fe::query("select 3")).server(be::complete("SELECT 3") + be::ready()).close();
    EXPECT_THAT(talk.text(), HasSubstr("gap server 9"));
    EXPECT_THAT(talk.text(), Not(HasSubstr("Statement+{SELECT 1}")));
    EXPECT_THAT(talk.text(), HasSubstr("Statement+{SELECT 3} ready I"));
    EXPECT_EQ(talk.count("loss.gaps"), 1U);
    EXPECT_EQ(talk.count("loss.gap_bytes"), 9U);
    EXPECT_GT(talk.count("loss.unparsed_bytes"), 0U);
}

TEST(SessionRecovery, ResynchronisesAfterAGapOfTheClient) {
    Decoding talk;
    talk.log_in().client(fe::query("select 1").substr(0, 8)).client_gap().client("t of it;");
    talk.server(kAnswer);
    talk.client(fe::query("select 2")).server(be::complete("SELECT 2") + be::ready());
    talk.client(fe::query("select 3")).server(be::complete("SELECT 3") + be::ready()).close();
    EXPECT_THAT(talk.text(), HasSubstr("gap client 9"));
    EXPECT_THAT(talk.text(), Not(HasSubstr("SELECT 1")));
    EXPECT_THAT(talk.text(), HasSubstr("Statement+{SELECT 3} ready I"));
}

/// A capture may show an answer before what it answers, when the directions come through different queues.
TEST(SessionRecovery, AnAnswerSeenBeforeItsRequestIsNotTakenForThatToAnother) {
    Decoding talk;
    talk.log_in().server(kAnswer).client(fe::query("select 1"));
    for (const char* tag : {"SELECT 2", "SELECT 3", "SELECT 4"}) {
        talk.client(fe::query(tag)).server(be::complete(tag) + be::ready());
    }
    talk.close();
    EXPECT_THAT(talk.text(), HasSubstr("gap client 0"));
    EXPECT_THAT(talk.text(), HasSubstr("< 0.0 Statement?"));
    EXPECT_THAT(talk.text(), HasSubstr("< 3.0 Statement+{SELECT 4} ready I"));
    EXPECT_EQ(talk.count("loss.unexpected_messages"), 1U);
}

TEST(SessionRecovery, BytesThatAreNoFramesAreAGap) {
    Decoding talk;
    talk.log_in().server(Bytes("Z\xff\xff\xff\xff", 5)).client(fe::query("select 1")).server(kAnswer).close();
    EXPECT_EQ(talk.count("loss.gaps"), 1U);
    EXPECT_EQ(talk.end(), "connection closed");
}

TEST(SessionRecovery, ALostStartUpIsEnteredAsASessionThatWasOpen) {
    Decoding talk;
    talk.client_gap(100).server_gap(100);
    for (int i = 0; i < 3; ++i) talk.client(fe::query("select 1")).server(kAnswer);
    talk.close();
    EXPECT_TRUE(talk.all<SessionOpened>()[0].joined);
    EXPECT_THAT(talk.text(), HasSubstr("Statement+{SELECT 1} ready I"));
    Decoding lost;
    lost.client_gap(100).close();
    EXPECT_THAT(lost.all<SessionClosed>(), SizeIs(1)) << "it was not silent";
    EXPECT_EQ(lost.count("sessions.silent"), 0U);
    EXPECT_EQ(lost.count("loss.sessions_not_entered"), 1U);
    Decoding answer(false);
    answer.server(kAnswer).close();
    EXPECT_EQ(answer.count("loss.sessions_not_entered"), 0U) << "it asked nothing";
}

TEST(SessionRecovery, ALostPartOfTheServersLogInLosesNothingElse) {
    Decoding talk;
    talk.client(wire::startup()).server_gap(13).client(wire::password("secret")).server(wire::logged_in());
    talk.client(fe::query("select 1")).server(kAnswer).close();
    EXPECT_EQ(talk.all<SessionState>()[0].identity.process_id, 77U);
    EXPECT_EQ(talk.text(), "> 0.0 Q seen 0.0\n< 0.0 Statement+{SELECT 1} ready I\n");
    EXPECT_EQ(talk.count("loss.gap_bytes"), 13U);
}

TEST(SessionRecovery, WhenTheEndOfTheLogInIsLostTheFirstRequestTellsIt) {
    Decoding talk;
    talk.client(wire::startup()).server_gap(300);
    for (const char* tag : {"SELECT 1", "SELECT 2", "SELECT 3"}) {
        talk.client(fe::query(tag)).server(be::complete(tag) + be::ready());
    }
    talk.close();
    ASSERT_THAT(talk.all<SessionState>(), SizeIs(1));
    EXPECT_EQ(talk.all<SessionState>()[0].identity.user, "ann");
    EXPECT_FALSE(talk.all<SessionState>()[0].complete);
    EXPECT_FALSE(talk.all<SessionOpened>()[0].joined);
    EXPECT_THAT(talk.text(), HasSubstr("< 2.0 Statement+{SELECT 3} ready I"));
}

TEST(SessionRecovery, ALostPasswordLosesNothingElse) {
    Decoding talk;
    talk.client(wire::startup()).client_gap(40).server(wire::logged_in());
    talk.client(fe::query("select 1")).server(kAnswer).close();
    EXPECT_FALSE(talk.all<SessionOpened>()[0].joined);
    EXPECT_EQ(talk.all<SessionState>()[0].identity.user, "ann");
    EXPECT_TRUE(talk.all<SessionState>()[0].complete);
    EXPECT_EQ(talk.text(), "> 0.0 Q seen 0.0\n< 0.0 Statement+{SELECT 1} ready I\n");
    EXPECT_EQ(talk.count("loss.gap_bytes"), 40U);
}

}  // namespace
}  // namespace understudy::capture
