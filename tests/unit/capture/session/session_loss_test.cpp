// What a session lost is said with its end; who it is, when somebody tells.

#include <gmock/gmock.h>

#include "tests/unit/capture/session/session_fixture.hpp"

namespace understudy::capture {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

const Bytes kAnswer = be::complete("SELECT 1") + be::ready();

TEST(SessionLoss, ASessionThatLostNothingSaysNothing) {
    Decoding talk;
    talk.log_in().client(fe::query("select 1")).server(kAnswer).client(fe::terminate()).close();
    EXPECT_THAT(talk.all<Counters>(), IsEmpty());
}

TEST(SessionLoss, IsCountedBySessionAndInTotal) {
    Decoding talk;
    talk.log_in().client(fe::query("select 1")).server_gap(9).server("rest" + kAnswer);
    talk.client(fe::query("select 2")).server(kAnswer).client(fe::query("select 3")).server(kAnswer).close();
    ASSERT_THAT(talk.all<Counters>(), SizeIs(1));
    EXPECT_EQ(talk.all<Counters>()[0].session, SessionId(1));
    EXPECT_THAT(talk.all<Counters>()[0].values,
                ElementsAre(Pair("loss.gap_bytes", 9), Pair("loss.gaps", 1), Pair("loss.incomplete_steps", 1),
                            Pair("loss.unparsed_bytes", 4)));
    talk.connect();
    talk.log_in().client_gap(5).close();
    ASSERT_THAT(talk.all<Counters>(), SizeIs(2));
    EXPECT_THAT(talk.all<Counters>()[1].values, ElementsAre(Pair("loss.gap_bytes", 5), Pair("loss.gaps", 1)));
    EXPECT_EQ(talk.count("loss.gaps"), 2U);
    EXPECT_EQ(talk.count("loss.gap_bytes"), 14U);
    EXPECT_EQ(talk.count("loss.incomplete_steps"), 1U);
    EXPECT_TRUE(std::holds_alternative<SessionClosed>(talk.list.events.back())) << "the end comes last";
}

TEST(SessionLoss, OfAJoinedSession) {
    Decoding talk(false);
    talk.server("row" + be::row({"1"})).client("f of a message");
    talk.server(kAnswer);
    talk.client(fe::bind("", "S_1") + fe::execute() + fe::sync());
    talk.server(wire::frame('2', "") + kAnswer).close();
    ASSERT_THAT(talk.all<Counters>(), SizeIs(1));
    EXPECT_THAT(talk.all<Counters>()[0].values,
                ElementsAre(Pair("loss.bytes_before_join", 3 + 12 + 14 + kAnswer.size()),
                            Pair("loss.incomplete_steps", 3), Pair("requests.unresolved", 1)));
}

TEST(SessionLoss, CancelKeysGoWithTheirSession) {
    Decoding talk;
    talk.log_in().client(fe::terminate()).close();
    EXPECT_THAT(talk.context.cancel_keys, IsEmpty());
    talk.connect();
    talk.client(wire::startup()).server(wire::logged_in(8, "SECOND..")).close(CloseReason::reset);
    EXPECT_THAT(talk.context.cancel_keys, IsEmpty());
}

/// Keys of protocol 3.2 have up to 256 bytes; the server may offer an older minor version before.
TEST(SessionLoss, Protocol32IsUnderstood) {
    Decoding talk;
    const Bytes key(200, 'k');
    Bytes negotiate;
    ByteWriter out(negotiate);
    out.u32(196'608 + 2);
    out.u32(1);
    out.bytes(Bytes("_pq_.x\0", 7));
    talk.client(pgwire::encode_startup(pgwire::StartupMessage{196'609 + 1, {{"user", "ann"}, {"_pq_.x", "1"}}}));
    talk.server(wire::frame('v', negotiate) + wire::logged_in(9, key));
    talk.client(fe::query("select 1")).server(kAnswer);
    auto busy = std::move(talk.decoder);
    talk.connect();
    talk.client(wire::cancel(9, key)).close();
    ASSERT_THAT(talk.all<CancelSent>(), SizeIs(1));
    EXPECT_EQ(talk.all<CancelSent>()[0].session, SessionId(1));
    EXPECT_EQ(talk.all<SessionOpened>()[0].identity.protocol, 196'610U);
    EXPECT_EQ(talk.count("messages.backend.NegotiateProtocolVersion"), 1U);
    EXPECT_EQ(talk.text(), "> 0.0 Q seen 0.0\n< 0.0 Statement+{SELECT 1} ready I\n");
}

SessionIdentity bob() {
    SessionIdentity known;
    known.user = "bob";
    known.database = "shop";
    known.application = "web";
    known.process_id = 42;
    return known;
}

TEST(SessionIdentify, BeforeAndAfterTheSessionIsJoined) {
    for (const bool before : {true, false}) {
        Decoding talk(false);
        if (before) talk.decoder->identify(bob(), testing::at_ms(1));
        talk.client(fe::query("select 1")).server(kAnswer);
        if (!before) talk.decoder->identify(bob(), testing::at_ms(7));
        talk.decoder->identify(SessionIdentity{}, testing::at_ms(8));
        ASSERT_THAT(talk.all<SessionState>(), SizeIs(before ? 1 : 2));
        const SessionState state = talk.all<SessionState>().back();
        EXPECT_EQ(state.identity.user, "bob");
        EXPECT_EQ(state.identity.application, "web");
        EXPECT_EQ(state.identity.client, "10.0.0.2:40000");
        EXPECT_TRUE(state.identity.identified);
        EXPECT_FALSE(state.complete);
        EXPECT_EQ(state.next_ordinal, Ordinal(before ? 0 : 1));
        EXPECT_EQ(state.transaction_status, before ? '\0' : 'I');
    }
}

TEST(SessionIdentify, AStartUpPacketKnowsBetter) {
    Decoding talk;
    talk.log_in();
    talk.decoder->identify(bob(), testing::at_ms(7));
    ASSERT_THAT(talk.all<SessionState>(), SizeIs(1));
    EXPECT_EQ(talk.all<SessionState>()[0].identity.user, "ann");
    Decoding other(false);
    SessionIdentity known = bob();
    known.server = "10.9.9.9:5432";
    other.decoder->identify(known, testing::at_ms(1));
    other.client(fe::query("select 1"));
    EXPECT_EQ(other.all<SessionState>().at(0).identity.user, "") << "of another server";
}

}  // namespace
}  // namespace understudy::capture
