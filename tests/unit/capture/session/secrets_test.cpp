// What the decoder keeps of secrets, wherever in a session they come.

#include <gtest/gtest.h>

#include "tests/unit/capture/session/session_fixture.hpp"

namespace understudy::capture {
namespace {

constexpr BytesView kSecret = "s3cr3tw0rd";

TEST(SessionSecrets, PasswordsInSettingsAreNotKept) {
    const Bytes name = "host=h password=" + Bytes(kSecret);
    Decoding session;
    session.client(wire::startup({{"user", "ann"}, {"application_name", name}, {"options", "-c my." + name}}));
    session.server(wire::authentication(0) + be::parameter("application_name", name) + be::ready());
    session.client(fe::query("set application_name = '" + name + "'"));
    session.server(be::complete("SET") + be::parameter("application_name", name) + be::ready()).close();
    EXPECT_EQ(session.written().find(kSecret), Bytes::npos);
    const auto responses = session.all<Response>();
    ASSERT_EQ(responses.size(), 1U) << session.text();
    ASSERT_EQ(responses[0].results.at(0).parameters.size(), 1U) << session.text();
    EXPECT_EQ(responses[0].results[0].parameters[0].second, "host=h password=**********");
}

TEST(SessionSecrets, PasswordsInBoundConnectionStringsAreNotKept) {
    Decoding session;
    session.log_in().client(fe::parse("", "select dblink_connect($1)") +
                            fe::bind("", "", {}, {"host=h password=" + Bytes(kSecret)}) + fe::execute() + fe::sync());
    EXPECT_EQ(session.close().written().find(kSecret), Bytes::npos);
    EXPECT_EQ(session.count("requests.with_hidden_password"), 1U);
}

/// A Request holds 8 MiB: the statement comes in several, with the password across the cut.
TEST(SessionSecrets, PasswordsInStatementsOfManyRecordsAreNotKept) {
    for (std::size_t before : {Transcriber::kMaxRequestBytes - 60, Transcriber::kMaxRequestBytes - 40}) {
        Decoding session;
        const Bytes sql = "select '" + Bytes(before, 'x') + "'; alter role ann password '" + Bytes(kSecret) +
                          "'; select '" + Bytes(1U << 20U, 'y') + "'";
        const Bytes frame = fe::query(sql);
        session.log_in();
        for (std::size_t at = 0; at < frame.size(); at += 1'000'000) session.client(frame.substr(at, 1'000'000));
        session.close();
        Bytes stored;
        for (const Request& request : session.all<Request>()) stored += request.frames;
        EXPECT_GT(session.all<Request>().size(), 1U);
        EXPECT_EQ(stored.size(), frame.size());
        EXPECT_EQ(stored.find(kSecret), Bytes::npos);
    }
}

TEST(SessionSecrets, ASessionJoinedLateIsRedactedWithoutItsStatements) {
    Decoding session(false);
    RedactionRules rules;
    ASSERT_TRUE(rules.add("email"));
    const Redaction redaction(std::move(rules), DigestKey({}), nullptr, session.context.counters);
    session.context.redaction = &redaction;
    session.connect(false);
    const Bytes bind = fe::bind("", "S_1", {}, {Bytes(kSecret)}) + fe::execute() + fe::sync();
    session.client(bind).server(be::row({Bytes(kSecret)}) + be::complete("SELECT 1") + be::ready());
    session.client(bind).server(be::parsed_and_bound().substr(5) + be::row({Bytes(kSecret)}) +
                                be::complete("SELECT 1") + be::ready());
    EXPECT_EQ(session.close().written().find(kSecret), Bytes::npos);
    EXPECT_EQ(session.count("redact.unknown_statements"), 2U);
}

}  // namespace
}  // namespace understudy::capture
