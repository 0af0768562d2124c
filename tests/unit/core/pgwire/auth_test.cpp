#include "core/pgwire/auth.hpp"

#include <gtest/gtest.h>

namespace understudy::pgwire {
namespace {

// RFC 7677, section 3. Its client names its user, which PostgreSQL's clients leave empty: the RFC's own
// numbers check the computation, and the conversations below were computed with Python's hashlib.
const Bytes kNonce = "rOprNGfwEbeRWgbNEkqO";
const Bytes kServerNonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const Bytes kServerFirst = "r=" + kServerNonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

Bytes from_hex(BytesView hex) {
    Bytes out;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        out.push_back(static_cast<char>(std::stoi(Bytes(hex.substr(i, 2)), nullptr, 16)));
    }
    return out;
}

TEST(Md5Password, is_what_postgresql_computes) {
    EXPECT_EQ(md5_password("alice", "secret", "\x01\x02\x03\x04"), "md598a0412b9c31436fc53776e863350083");
}

TEST(ScramKeys, know_the_vector_of_rfc_7677) {
    const Bytes auth_message = "n=user,r=" + kNonce + "," + kServerFirst + ",c=biws,r=" + kServerNonce;
    const ScramKeys keys = scram_keys("pencil", from_hex("5b6d99689d12358eeca04b141236fa81"), 4096, auth_message);
    // base64 dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ= and 6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=
    EXPECT_EQ(keys.client_proof, from_hex("747cdb65aa56224e2352137e52d7bdcad6a0f738df30782caa69a2cfb0277554"));
    EXPECT_EQ(keys.server_signature, from_hex("eabae24d1062db75a9451ff0b6ea7e98c8546549ff741e672d3251b2397de46e"));
}

TEST(ScramClient, holds_a_conversation_without_channel_binding) {
    ScramClient client("pencil", kNonce);
    EXPECT_EQ(client.client_first(), "n,,n=,r=" + kNonce);
    const auto final = client.client_final(kServerFirst);
    ASSERT_TRUE(final) << final.error().message;
    EXPECT_EQ(*final, "c=biws,r=" + kServerNonce + ",p=qvT2SWdEH5Q06albL+hjSYuUhCG7VndFyzIb7CK4n9k=");
    EXPECT_TRUE(client.verify("v=3HO6Qt1M4MKJrmlKaoOqLAI0/0TV0HZe7J9H3MBtSOg="));
    EXPECT_TRUE(client.verify("v=3HO6Qt1M4MKJrmlKaoOqLAI0/0TV0HZe7J9H3MBtSOg=,x=extension"));
}

TEST(ScramClient, binds_to_the_channel) {
    Bytes certificate_hash;
    for (char c = 0; c < 32; ++c) certificate_hash.push_back(c);
    ScramClient client("pencil", kNonce, certificate_hash);
    EXPECT_EQ(client.client_first(), "p=tls-server-end-point,,n=,r=" + kNonce);
    const auto final = client.client_final(kServerFirst);
    ASSERT_TRUE(final) << final.error().message;
    EXPECT_EQ(*final, "c=cD10bHMtc2VydmVyLWVuZC1wb2ludCwsAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=,r=" +
                          kServerNonce + ",p=Q8h71kjaoMzNI7dPksDrhRE/5mTUObF0fUHVIgBOWQg=");
    EXPECT_TRUE(client.verify("v=ykwoqH8mLqO5AQCeuwwf6lsj9f8zyJZT/CcvAbN4Ssc="));
}

TEST(ScramClient, says_when_the_server_did_not_offer_the_binding_it_could_do) {
    EXPECT_EQ(ScramClient("pencil", kNonce, "", true).client_first(), "y,,n=,r=" + kNonce);
}

TEST(ScramClient, does_not_believe_a_server_without_proof) {
    ScramClient client("pencil", kNonce);
    // Before client_final there is nothing to compare with, and an empty signature must not be equal to it.
    EXPECT_FALSE(client.verify("v="));
    ASSERT_TRUE(client.client_final(kServerFirst));
    for (const BytesView message :
         {"", "v=", "v=AAAA", "v=3HO6Qt1M4MKJrmlKaoOqLAI0/0TV0HZe7J9H3MBtSOk=", "e=other-error",
          "3HO6Qt1M4MKJrmlKaoOqLAI0/0TV0HZe7J9H3MBtSOg=", "v= 3HO6Qt1M4MKJrmlKaoOqLAI0/0TV0HZe7J9H3MBtSOg="}) {
        const auto verified = client.verify(message);
        ASSERT_FALSE(verified) << message;
        EXPECT_EQ(verified.error().code, Errc::auth) << message;
    }
}

TEST(ScramClient, refuses_a_nonce_that_is_not_a_continuation_and_absurd_iteration_counts) {
    const auto code_of = [](const Bytes& server_first) {
        ScramClient client("pencil", kNonce);
        const auto final = client.client_final(server_first);
        EXPECT_FALSE(final) << server_first;
        return final ? Errc::io : final.error().code;
    };
    EXPECT_EQ(code_of("r=somebody,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"), Errc::auth);
    EXPECT_EQ(code_of("r=" + kNonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"), Errc::auth);
    EXPECT_EQ(code_of("r=" + kServerNonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=0"), Errc::auth);
    EXPECT_EQ(code_of("r=" + kServerNonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=10000001"), Errc::auth);
    EXPECT_EQ(code_of("r=" + kServerNonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=99999999999999"), Errc::auth);
    EXPECT_EQ(code_of("r=" + kServerNonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=-1"), Errc::malformed);
    EXPECT_EQ(code_of("r=" + kServerNonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i="), Errc::malformed);
    EXPECT_EQ(code_of("r=" + kServerNonce + ",s=W22Z*J0SNY7soEsUEjb6gQ==,i=4096"), Errc::malformed);
    EXPECT_EQ(code_of("r=" + kServerNonce + ",s=W22,i=4096"), Errc::malformed);
    EXPECT_EQ(code_of("r=" + kServerNonce + ",s=,i=4096"), Errc::malformed);
    EXPECT_EQ(code_of("m=ext,r=" + kServerNonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"), Errc::malformed);
    EXPECT_EQ(code_of(""), Errc::malformed);
}

}  // namespace
}  // namespace understudy::pgwire
