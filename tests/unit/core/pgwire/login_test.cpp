#include "core/pgwire/login.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/byte_writer.hpp"
#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "tests/support/frames.hpp"

namespace understudy::pgwire {
namespace {

using ::testing::HasSubstr;
using testing::view_frame;
namespace be = testing::be;

Bytes authentication(std::uint32_t code, BytesView rest = {}) {
    Bytes body;
    ByteWriter writer(body);
    writer.u32(code);
    writer.bytes(rest);
    Bytes frame = "R";
    ByteWriter(frame).u32(static_cast<std::uint32_t>(body.size() + 4));
    return frame + body;
}
const Bytes kPlain("SCRAM-SHA-256\0\0", 15);
const Bytes kBoth("SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0", 34);
Bytes password(BytesView data) { return encode_frontend(PasswordMessage{Bytes(data)}); }

class LoginTest : public ::testing::Test {
protected:
    static Login make(const Bytes& secret, LoginSecurity security = {}) {
        StartupMessage startup;
        startup.parameters = {{"user", "user"}, {"database", "shop"}};
        return {startup, secret, "rOprNGfwEbeRWgbNEkqO", std::move(security)};
    }
    static LoginSecurity tls(ChannelBinding binding, const Bytes& data = "certificate's hash") {
        return {true, data, binding, {}};
    }
    static Error failure(Login& login, const Bytes& frame) {
        const auto answer = login.on_frame(view_frame(frame));
        EXPECT_FALSE(answer);
        return answer ? Error() : answer.error();
    }
    static Bytes answer(Login& login, const Bytes& frame) { return login.on_frame(view_frame(frame)).value(); }
};

TEST_F(LoginTest, TrustLeadsToReadyAndTellsKeyAndSettings) {
    Login login = make("");
    const auto first = decode_startup(login.first()).value();
    EXPECT_EQ(std::get<StartupMessage>(first).get("database"), "shop");
    EXPECT_EQ(answer(login, authentication(Authentication::ok)), "");
    EXPECT_EQ(answer(login, be::parameter("server_version", "15.4")), "");
    EXPECT_EQ(answer(login, be::notice("welcome")), "");
    const Bytes key(
        "K\0\0\0\x0c\0\0\0\x2a"
        "abcd",
        13);
    EXPECT_EQ(answer(login, key), "");
    EXPECT_FALSE(login.done());
    EXPECT_EQ(answer(login, be::ready()), "");
    EXPECT_TRUE(login.done());
    EXPECT_EQ(login.process_id(), 42U);
    EXPECT_EQ(login.secret_key(), "abcd");
    ASSERT_EQ(login.settings().size(), 1U);
    EXPECT_EQ(login.settings()[0], (std::pair<Bytes, Bytes>("server_version", "15.4")));
}

TEST_F(LoginTest, CleartextPasswordEndsWithNul) {
    Login login = make("secret");
    EXPECT_EQ(answer(login, authentication(Authentication::cleartext_password)), password(Bytes("secret\0", 7)));
}

TEST_F(LoginTest, Md5) {
    Login login = make("secret");
    // echo -n secretuser | md5sum; then of that and the salt "salt".
    const Bytes expected = md5_password("user", "secret", "salt");
    EXPECT_EQ(expected.size(), 35U);
    EXPECT_EQ(answer(login, authentication(Authentication::md5_password, "salt")), password(expected + '\0'));
}

TEST_F(LoginTest, ScramOfRfc7677) {
    // RFC 7677, section 3; the user name is empty in PostgreSQL, so only the shape of the proof is known
    // here.
    Login login = make("pencil");
    const Bytes initial = answer(login, authentication(Authentication::sasl, kPlain));
    EXPECT_THAT(initial, HasSubstr(Bytes("SCRAM-SHA-256\0", 14)));
    EXPECT_THAT(initial, HasSubstr("n,,n=,r=rOprNGfwEbeRWgbNEkqO"));
    const Bytes server_first = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    const Bytes final = answer(login, authentication(Authentication::sasl_continue, server_first));
    EXPECT_THAT(final, HasSubstr("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p="));
    EXPECT_EQ(failure(login, authentication(Authentication::sasl_final, "v=AAAA")).code, Errc::auth)
        << "a server that cannot prove itself";
}

TEST_F(LoginTest, AScramNonceOfAnotherIsRefused) {
    Login login = make("pencil");
    answer(login, authentication(Authentication::sasl, Bytes("SCRAM-SHA-256\0\0", 15)));
    EXPECT_EQ(
        failure(login, authentication(Authentication::sasl_continue, "r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")).code,
        Errc::auth);
    EXPECT_FALSE(make("pencil").on_frame(view_frame(authentication(Authentication::sasl_continue, "junk"))));
}

TEST_F(LoginTest, AMissingPasswordIsSaid) {
    for (const std::uint32_t code :
         {Authentication::cleartext_password, Authentication::md5_password, Authentication::sasl}) {
        Login login = make("");
        const Error error = failure(login, authentication(code, Bytes("SCRAM-SHA-256\0\0", 15)));
        EXPECT_EQ(error.code, Errc::auth);
        EXPECT_THAT(error.message, HasSubstr("PGPASSWORD"));
        EXPECT_THAT(error.message, HasSubstr("\"user\""));
    }
}

TEST_F(LoginTest, OtherMethodsAreUnsupportedWithOrWithoutPassword) {
    for (const char* secret : {"", "secret"}) {
        Login login = make(secret);
        const Error error = failure(login, authentication(7));  // GSS
        EXPECT_EQ(error.code, Errc::unsupported);
        EXPECT_THAT(error.message, HasSubstr("code 7"));
    }
    Login login = make("secret");
    EXPECT_EQ(failure(login, authentication(Authentication::sasl, Bytes("OAUTHBEARER\0\0", 13))).code,
              Errc::unsupported);
}

TEST_F(LoginTest, ChannelBindingWhereBothCan) {
    for (const ChannelBinding binding : {ChannelBinding::prefer, ChannelBinding::require}) {
        Login login = make("pencil", tls(binding));
        const Bytes initial = answer(login, authentication(Authentication::sasl, kBoth));
        EXPECT_THAT(initial, HasSubstr(Bytes("SCRAM-SHA-256-PLUS\0", 19)));
        EXPECT_THAT(initial, HasSubstr("p=tls-server-end-point,,n=,r="));
        EXPECT_TRUE(login.showed_password());
    }
}

TEST_F(LoginTest, WithoutChannelBindingSaysWhy) {
    Login unwilling = make("pencil", tls(ChannelBinding::disable));
    EXPECT_THAT(answer(unwilling, authentication(Authentication::sasl, kBoth)), HasSubstr("n,,n=,r="));
    Login not_offered = make("pencil", tls(ChannelBinding::prefer));
    EXPECT_THAT(answer(not_offered, authentication(Authentication::sasl, kPlain)), HasSubstr("y,,n=,r="))
        << "a server that did offer it learns that somebody took it away";
    Login no_hash = make("pencil", tls(ChannelBinding::prefer, ""));
    EXPECT_THAT(answer(no_hash, authentication(Authentication::sasl, kBoth)), HasSubstr("n,,n=,r="));
    Login plain = make("pencil");
    EXPECT_EQ(failure(plain, authentication(Authentication::sasl, kBoth)).code, Errc::auth)
        << "a server without TLS cannot offer it";
}

TEST_F(LoginTest, ChannelBindingThatIsRequiredIsNotGivenUp) {
    LoginSecurity no_tls;
    no_tls.channel_binding = ChannelBinding::require;
    for (const LoginSecurity& security : {no_tls, tls(ChannelBinding::require), tls(ChannelBinding::require, "")}) {
        for (const Bytes& request :
             {authentication(Authentication::ok), authentication(Authentication::cleartext_password),
              authentication(Authentication::md5_password, "salt"), authentication(Authentication::sasl, kPlain)}) {
            Login login = make("pencil", security);
            const Error error = failure(login, request);
            EXPECT_EQ(error.code, Errc::auth);
            EXPECT_THAT(error.message, HasSubstr("channel_binding=require"));
            EXPECT_FALSE(login.showed_password());
        }
    }
    Login no_hash = make("pencil", tls(ChannelBinding::require, ""));
    EXPECT_THAT(failure(no_hash, authentication(Authentication::sasl, kBoth)).message, HasSubstr("certificate"));
}

TEST_F(LoginTest, AScramServerHasToProveItself) {
    Login login = make("pencil");
    answer(login, authentication(Authentication::sasl, kPlain));
    EXPECT_EQ(failure(login, authentication(Authentication::ok)).code, Errc::auth) << "it let us in without its proof";
    Login again = make("pencil");
    answer(again, authentication(Authentication::sasl, kPlain));
    EXPECT_EQ(failure(again, authentication(Authentication::sasl_final, "v=AAAA")).code, Errc::protocol)
        << "before the salt";
}

TEST_F(LoginTest, RequireAuthLimitsWhatIsAnswered) {
    LoginSecurity security;
    security.methods = AuthMethods::parse("scram-sha-256").value();
    for (const Bytes& request : {authentication(Authentication::ok), authentication(Authentication::cleartext_password),
                                 authentication(Authentication::md5_password, "salt")}) {
        Login login = make("pencil", security);
        EXPECT_THAT(failure(login, request).message, HasSubstr("require_auth"));
    }
    Login login = make("pencil", security);
    EXPECT_NE(answer(login, authentication(Authentication::sasl, kPlain)), "");
}

TEST_F(LoginTest, RequireAuthIsAListOfNamesOrOfExceptions) {
    const AuthMethods most = AuthMethods::parse("!password,!md5").value();
    EXPECT_FALSE(most.permits(AuthMethod::md5));
    EXPECT_TRUE(most.permits(AuthMethod::none));
    const AuthMethods two = AuthMethods::parse("none,scram-sha-256").value();
    EXPECT_TRUE(two.permits(AuthMethod::none));
    EXPECT_FALSE(two.permits(AuthMethod::password));
    for (const char* wrong : {"md5,!password", "kerberos", "md5,", ",", "!"}) {
        EXPECT_FALSE(AuthMethods::parse(wrong)) << wrong;
    }
}

TEST_F(LoginTest, ARefusalComesInTheServersWords) {
    Login login = make("wrong");
    const Error error = failure(login, be::error("28P01", "password authentication failed for user \"user\"", "FATAL"));
    EXPECT_EQ(error.code, Errc::auth);
    EXPECT_THAT(error.message, HasSubstr("password authentication failed for user \"user\" (28P01)"));
    EXPECT_EQ(login.refusal_sqlstate(), "28P01");
}

TEST_F(LoginTest, WhatIsNoLoginMessageIsAProtocolError) {
    Login login = make("");
    EXPECT_EQ(failure(login, be::complete("SELECT 1")).code, Errc::protocol);
    EXPECT_EQ(failure(login, Bytes("R\0\0\0\x06\0\0", 7)).code, Errc::protocol) << "cut short";
    EXPECT_EQ(failure(login, Bytes("E\0\0\0\x05X", 6)).code, Errc::protocol) << "an error without fields";
}

}  // namespace
}  // namespace understudy::pgwire
