#include "capture/session/session_decoder.hpp"

#include <gmock/gmock.h>

#include "tests/unit/capture/session/session_fixture.hpp"

namespace understudy::capture {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;

const Bytes kAnswer = be::complete("SELECT 1") + be::ready();

TEST(SessionDecoder, LogsInAndRecordsWhatFollows) {
    Decoding talk;
    talk.client(wire::startup({{"user", "ann"}, {"application_name", "shop"}, {"options", "-c a.password=hunter2"}}));
    ASSERT_THAT(talk.all<SessionOpened>(), SizeIs(1));
    const SessionOpened opened = talk.all<SessionOpened>()[0];
    EXPECT_FALSE(opened.joined);
    EXPECT_EQ(opened.identity.user, "ann");
    EXPECT_EQ(opened.identity.database, "ann") << "the server's default";
    EXPECT_EQ(opened.identity.application, "shop");
    EXPECT_EQ(opened.identity.client, "10.0.0.2:40000");
    EXPECT_EQ(opened.identity.protocol, 196'608U);
    EXPECT_THAT(opened.identity.startup[2], Pair("options", "-c a.password=*******"));

    talk.server(wire::logged_in());
    ASSERT_THAT(talk.all<SessionState>(), SizeIs(1));
    const SessionState state = talk.all<SessionState>()[0];
    EXPECT_TRUE(state.complete);
    EXPECT_EQ(state.identity.process_id, 77U);
    EXPECT_EQ(state.transaction_status, 'I');
    EXPECT_THAT(state.settings, ElementsAre(Pair("server_version", "15.4")));

    talk.client(fe::query("select 1")).server(kAnswer).client(fe::terminate()).close();
    EXPECT_EQ(talk.text(), "> 0.0 Q seen 0.0\n< 0.0 Statement+{SELECT 1} ready I\n");
    EXPECT_EQ(talk.end(), "terminated by the client");
    EXPECT_EQ(talk.count("loss.unexpected_messages"), 0U);
}

TEST(SessionDecoder, ReadsAnyCutOfTheStreams) {
    Decoding whole;
    whole.client(wire::ssl_request()).server("N").log_in().client(fe::query("select 1")).server(kAnswer).close();
    Decoding cut;
    const auto by_byte = [](BytesView bytes, auto&& give) {
        for (const char& byte : bytes) give(BytesView(&byte, 1));
    };
    const auto client = [&](BytesView piece) { cut.client(piece); };
    const auto server = [&](BytesView piece) { cut.server(piece); };
    by_byte(wire::ssl_request(), client);
    cut.server("N");
    by_byte(wire::startup(), client);
    by_byte(wire::logged_in(), server);
    by_byte(fe::query("select 1"), client);
    by_byte(kAnswer, server);
    cut.close();
    EXPECT_THAT(whole.text(), HasSubstr("Statement+{SELECT 1} ready I"));
    EXPECT_EQ(cut.all<SessionOpened>()[0].identity, whole.all<SessionOpened>()[0].identity);
    EXPECT_EQ(cut.all<Request>().size(), 1U);
    EXPECT_EQ(cut.all<Request>()[0].frames, whole.all<Request>()[0].frames);
    EXPECT_EQ(cut.all<Response>().back().transaction_status, 'I');
}

TEST(SessionDecoder, GoesOnInClearWhenEncryptionIsRefused) {
    Decoding talk;
    talk.client(wire::gss_request()).server("N").client(wire::ssl_request()).server("N").log_in();
    talk.client(fe::query("select 1")).server(kAnswer).close();
    EXPECT_THAT(talk.text(), HasSubstr("Statement+{SELECT 1}"));
    EXPECT_EQ(talk.count("messages.backend.EncryptionRefused"), 2U);
    EXPECT_EQ(talk.count("messages.frontend.SSLRequest"), 1U);
    EXPECT_EQ(talk.count("messages.frontend.GSSENCRequest"), 1U);
    EXPECT_EQ(talk.end(), "connection closed");
}

TEST(SessionDecoder, EncryptedSessionsAreCountedAndNotFramed) {
    const Bytes hello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
    Decoding tls;
    tls.client(wire::ssl_request()).server("S").client(hello).server(hello).close();
    Decoding gss;
    gss.client(wire::gss_request()).server("G").client("anything").close();
    Decoding direct;  // sslnegotiation=direct
    direct.client(hello).server(hello).close();
    Decoding midway(false);
    midway.server(Bytes("\x17\x03\x03\x00\x20", 5) + Bytes(32, 'x')).close();
    for (Decoding* talk : {&tls, &gss, &direct, &midway}) {
        EXPECT_EQ(talk->end(), "encrypted");
        EXPECT_THAT(talk->all<SessionOpened>(), SizeIs(1));
        EXPECT_THAT(talk->all<SessionClosed>(), SizeIs(1));
        EXPECT_EQ(talk->text(), "");
        EXPECT_EQ(talk->count("sessions.encrypted"), 1U);
    }
}

TEST(SessionDecoder, ACancelRequestIsOfTheSessionWhoseKeyItHas) {
    Decoding talk;
    talk.client(wire::startup()).server(wire::logged_in(77, "KEY!"));
    talk.connect();
    talk.client(wire::startup()).server(wire::logged_in(78, Bytes(32, 'k')));  // protocol 3.2's longer key
    talk.connect();
    talk.client(wire::cancel(77, "KEY!")).close();
    EXPECT_EQ(talk.end(), "cancel request");
    talk.connect();
    talk.client(wire::cancel(78, Bytes(32, 'k'))).close();
    talk.connect();
    talk.client(wire::cancel(78, "KEY!")).close();
    const auto cancels = talk.all<CancelSent>();
    ASSERT_THAT(cancels, SizeIs(3));
    EXPECT_EQ(cancels[0].session, SessionId(1));
    EXPECT_EQ(cancels[1].session, SessionId(2));
    EXPECT_EQ(cancels[2].session, SessionId()) << "a key that was never seen";
    EXPECT_EQ(talk.count("messages.frontend.CancelRequest"), 3U);
    EXPECT_THAT(talk.written(), Not(HasSubstr("KEY!")));
}

TEST(SessionDecoder, ARefusedLoginKeepsItsError) {
    Decoding talk;
    talk.client(wire::startup()).server(wire::authentication(5, "salt")).client(wire::password("md5secret"));
    talk.server(be::error("28P01", "password authentication failed for user \"ann\"", "FATAL")).close();
    EXPECT_EQ(talk.end(), "refused by the server");
    ASSERT_TRUE(talk.all<SessionClosed>()[0].error.has_value());
    EXPECT_EQ(talk.all<SessionClosed>()[0].error->sqlstate(), "28P01");
    EXPECT_THAT(talk.all<SessionState>(), SizeIs(0));
    EXPECT_EQ(talk.count("messages.backend.ErrorResponse"), 1U);
}

TEST(SessionDecoder, AFullServerMayRefuseAtAnyTime) {
    const Bytes full = be::error("53300", "sorry, too many clients already", "FATAL");
    Decoding first;  // before it has read anything
    first.server(full).close();
    Decoding instead_of_encryption;
    instead_of_encryption.client(wire::ssl_request()).server(full).close();
    Decoding unclosed;
    unclosed.client(wire::startup()).server(full).close(CloseReason::end_of_capture);
    for (Decoding* talk : {&first, &instead_of_encryption, &unclosed}) {
        EXPECT_EQ(talk->end(), "refused by the server");
        ASSERT_THAT(talk->all<SessionClosed>(), SizeIs(1));
        ASSERT_TRUE(talk->all<SessionClosed>()[0].error.has_value());
        EXPECT_EQ(talk->all<SessionClosed>()[0].error->sqlstate(), "53300");
    }
}

TEST(SessionDecoder, ReplicationIsRecognisedAndNotDecoded) {
    for (const char* value : {"true", "database", "1", "on"}) {
        Decoding talk;
        talk.client(wire::startup({{"user", "rep"}, {"replication", value}})).server(wire::logged_in());
        talk.client(fe::query("START_REPLICATION 0/0")).server(wire::frame('W', Bytes(3, '\0'))).close();
        EXPECT_EQ(talk.end(), "replication") << value;
        EXPECT_EQ(talk.text(), "");
    }
    Decoding refused;
    refused.client(wire::startup({{"user", "rep"}, {"replication", "true"}}));
    refused.server(be::error("28000", "no pg_hba.conf entry", "FATAL")).close();
    EXPECT_EQ(refused.end(), "refused by the server");
    Decoding ordinary;
    ordinary.client(wire::startup({{"user", "ann"}, {"replication", "false"}})).server(wire::logged_in());
    ordinary.client(fe::query("select 1")).server(kAnswer).close();
    EXPECT_THAT(ordinary.text(), HasSubstr("Statement+"));
}

TEST(SessionDecoder, OtherProtocolsAreSaidOnce) {
    const std::vector<Bytes> others{"GET / HTTP/1.1\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n",
                                    Bytes("\0\0\0\x08\0\x02\0\0", 8), Bytes("\0\0\0\x0c\0\x03\0\0user", 12)};
    for (const Bytes& other : others) {
        Decoding talk;
        talk.client(other).client(other).server("HTTP/1.1 200 OK").close();
        EXPECT_EQ(talk.end(), "not PostgreSQL") << other;
        EXPECT_THAT(talk.all<SessionClosed>(), SizeIs(1));
    }
    Decoding server_first;
    server_first.server("220 mail.example.org ESMTP").close();
    EXPECT_EQ(server_first.end(), "not PostgreSQL");
    Decoding midway(false);
    midway.client("GET / HTTP/1.1\r\n\r\n").server("HTTP/1.1 200 OK").close();
    EXPECT_EQ(midway.end(), "not PostgreSQL");
    EXPECT_EQ(midway.count("loss.bytes_before_join"), 33U);
}

TEST(SessionDecoder, WhatIsOpenAtTheEndIsSaid) {
    Decoding talk;
    talk.log_in().client(fe::query("select pg_sleep(9)")).close(CloseReason::end_of_capture);
    EXPECT_EQ(talk.end(), "open at the end");
    EXPECT_THAT(talk.text(), HasSubstr("< 0.0 Statement*"));
}

TEST(SessionDecoder, TheServersLastErrorIsKept) {
    Decoding talk;
    talk.log_in().server(be::error("57P01", "terminating connection", "FATAL")).close();
    EXPECT_EQ(talk.end(), "connection closed");
    ASSERT_TRUE(talk.all<SessionClosed>()[0].error.has_value());
    EXPECT_EQ(talk.all<SessionClosed>()[0].error->sqlstate(), "57P01");
}

TEST(SessionDecoder, AConnectionThatSaysNothingIsOnlyCounted) {
    Decoding silent;
    silent.close();
    EXPECT_THAT(silent.list.events, SizeIs(0));
    EXPECT_EQ(silent.count("sessions.silent"), 1U);
    Decoding asked;
    asked.client(wire::ssl_request()).server("N").close();  // a client that insists on encryption
    EXPECT_EQ(asked.end(), "connection closed");
    EXPECT_EQ(asked.count("sessions.silent"), 0U);
}

TEST(SessionDecoder, AuthenticationIsInNoEvent) {
    for (const ResultsPolicy policy : {ResultsPolicy::digest, ResultsPolicy::sample, ResultsPolicy::full}) {
        Decoding talk(true, policy);
        talk.client(wire::startup()).server(wire::authentication(10, Bytes("SCRAM-SHA-256\0\0", 15)));
        talk.client(wire::frame('p', "SCRAM-SHA-256;n,,n=,r=CLIENTNONCE"))
            .server(wire::authentication(11, "r=SERVERNONCE"));
        talk.client(wire::frame('p', "c=biws,p=CLIENTPROOF")).server(wire::authentication(12, "v=SERVERPROOF"));
        talk.server(wire::logged_in(77, "CANCELKEY"));
        talk.client(wire::password("LATE-PASSWORD")).client(fe::query("select 1")).server(kAnswer).close();
        for (const char* secret : {"NONCE", "PROOF", "CANCELKEY", "LATE-PASSWORD", "SCRAM"}) {
            EXPECT_THAT(talk.written(), Not(HasSubstr(secret)));
        }
        EXPECT_EQ(talk.count("messages.frontend.PasswordMessage"), 3U);
        EXPECT_EQ(talk.count("messages.backend.Authentication"), 4U);
    }
    Decoding midway(false);  // joined inside of a login
    midway.client(wire::password("hunter2")).server(wire::logged_in(77, "CANCELKEY")).close();
    EXPECT_THAT(midway.written(), Not(HasSubstr("hunter2")));
    EXPECT_THAT(midway.written(), Not(HasSubstr("CANCELKEY")));
    Decoding torn;  // a password message of which a part is missing
    torn.client(wire::startup()).server(wire::authentication(3)).client(wire::password("hunter2hunter2").substr(0, 9));
    torn.client_gap(2)
        .client("hunter2")
        .server(wire::logged_in())
        .client(fe::query("select 1"))
        .server(kAnswer)
        .close();
    EXPECT_THAT(torn.written(), Not(HasSubstr("hunter")));
}

TEST(SessionDecoder, PasswordLiteralsAreHidden) {
    Decoding talk;
    talk.log_in()
        .client(fe::query("alter role ann password 'hunter2'"))
        .server(be::complete("ALTER ROLE") + be::ready());
    talk.client(fe::parse("p", "create role bob password 'hunter2'") + fe::sync());
    talk.server(be::parse_complete() + be::ready()).close();
    EXPECT_THAT(talk.written(), Not(HasSubstr("hunter2")));
    EXPECT_THAT(talk.written(), HasSubstr("alter role ann password '*******'"));
    EXPECT_THAT(talk.text(), HasSubstr("Statement+{ALTER ROLE}"));
    EXPECT_THAT(talk.text(), HasSubstr("Parse+"));
    EXPECT_EQ(talk.count("requests.with_hidden_password"), 2U);
}

}  // namespace
}  // namespace understudy::capture
