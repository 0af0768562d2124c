#include "core/net/conninfo.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/net/server.hpp"
#include "tests/support/throwaway_cluster.hpp"

namespace understudy::net {
namespace {

using ::testing::HasSubstr;

/// With an environment of its own: an empty home, and no PG variable but those that a test sets.
class ConninfoTest : public ::testing::Test {
protected:
    void SetUp() override {
        for (const char* name : {"PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGDATABASE", "PGPASSWORD", "PGPASSFILE",
                                 "PGSERVICE", "PGSERVICEFILE", "PGSSLMODE", "PGSSLROOTCERT", "PGCONNECT_TIMEOUT",
                                 "PGSYSCONFDIR", "PGCHANNELBINDING", "PGSSLCERT", "PGSSLKEY"}) {
            unsetenv(name);
        }
        setenv("HOME", directory_.path().c_str(), 1);
    }
    void TearDown() override { SetUp(); }
    [[nodiscard]] static ConnectionInfo parse(const std::string& text) { return parse_conninfo(text).value(); }
    [[nodiscard]] static std::string refusal(const std::string& text) {
        const auto parsed = parse_conninfo(text);
        EXPECT_FALSE(parsed) << text;
        return parsed ? "" : parsed.error().message;
    }
    std::string write(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories(std::filesystem::path(directory_.file(name)).parent_path());
        std::ofstream(directory_.file(name)) << text;
        std::filesystem::permissions(directory_.file(name), std::filesystem::perms(0600));
        return directory_.file(name);
    }
    testing::TemporaryDirectory directory_;
};

TEST_F(ConninfoTest, StringThenServiceThenEnvironmentThenDefault) {
    setenv("PGSERVICEFILE", write("services", "[s]\nhost=of-service\nuser=of-service\n[t]\nport=1\n").c_str(), 1);
    setenv("PGPORT", "7777", 1);
    setenv("PGUSER", "of-environment", 1);
    setenv("PGSERVICE", "t", 1);
    const ConnectionInfo info = parse("service=s host=of-string");
    EXPECT_EQ(info.hosts[0].host, "of-string");
    EXPECT_EQ(info.user, "of-service");
    EXPECT_EQ(info.hosts[0].port, "7777") << "nothing of the service in PGSERVICE, which the string overrules";
    EXPECT_EQ(info.database, "of-service") << "the user's name";
    EXPECT_FALSE(info.database_given);
    EXPECT_EQ(parse("").hosts[0].port, "1");
    setenv("PGSERVICE", "gone", 1);
    EXPECT_THAT(refusal(""), HasSubstr("\"gone\" is not defined"));
}

TEST_F(ConninfoTest, AServiceMayNameOnlyWhatLibpqKnows) {
    setenv("PGSERVICEFILE", write("services", "[s]\nhots=typo\n").c_str(), 1);
    EXPECT_THAT(refusal("service=s"), HasSubstr("no parameter hots"));
}

TEST_F(ConninfoTest, Urls) {
    const ConnectionInfo info = parse(
        "postgresql://ann:s%20t@one:5433,two,[::1]:9/shop?sslmode=require&channel_binding=require&connect_timeout=7");
    ASSERT_EQ(info.hosts.size(), 3U);
    EXPECT_EQ(info.hosts[0].port, "5433");
    EXPECT_EQ(info.hosts[1].host, "two");
    EXPECT_EQ(info.hosts[1].port, "5432");
    EXPECT_EQ(info.hosts[2].host, "::1");
    EXPECT_EQ(info.password, "s t");
    EXPECT_TRUE(info.database_given);
    EXPECT_EQ(info.tls.mode, SslMode::require);
    EXPECT_EQ(info.channel_binding, pgwire::ChannelBinding::require);
    EXPECT_EQ(info.connect_timeout, Duration::seconds(7));
    EXPECT_EQ(info.to_string(), "host=one,two,::1 port=5433,5432,9 user=ann dbname=shop");
}

TEST_F(ConninfoTest, SeveralHosts) {
    const ConnectionInfo info = parse("host=a,b hostaddr=10.0.0.1,10.0.0.2 port=1,2");
    EXPECT_EQ(info.hosts[1].host, "b");
    EXPECT_EQ(info.hosts[1].address, "10.0.0.2");
    EXPECT_EQ(info.hosts[1].port, "2");
    EXPECT_EQ(parse("hostaddr=10.0.0.1 port=1").hosts[0].host, "");
    EXPECT_TRUE(parse("host=/tmp").hosts[0].is_unix());
    EXPECT_FALSE(parse("host=/tmp hostaddr=10.0.0.1").hosts[0].is_unix());
    EXPECT_THAT(refusal("host=a,b hostaddr=10.0.0.1"), HasSubstr("do not fit"));
    EXPECT_THAT(refusal("host=a,b port=1,2,3"), HasSubstr("do not fit"));
}

TEST_F(ConninfoTest, TlsFilesOfTheHomeCountWhereTheyAre) {
    EXPECT_EQ(parse("host=a").tls.root_certificate, "");
    const std::string root = write(".postgresql/root.crt", "x");
    const std::string certificate = write(".postgresql/postgresql.crt", "x");
    EXPECT_THAT(refusal("host=a"), HasSubstr("no private key"));
    const std::string key = write(".postgresql/postgresql.key", "x");
    const TlsClientOptions tls = parse("host=a").tls;
    EXPECT_EQ(tls.root_certificate, root);
    EXPECT_EQ(tls.certificate, certificate);
    EXPECT_EQ(tls.key, key);
    EXPECT_EQ(parse("host=a sslrootcert=/named sslmode=require").tls.root_certificate, "/named");
    EXPECT_EQ(parse("host=a sslmode=disable").tls.root_certificate, "");
}

TEST_F(ConninfoTest, TlsSettings) {
    const TlsClientOptions tls =
        parse("host=a ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.3 sslsni=0 sslcrl=/c").tls;
    EXPECT_EQ(tls.min_version, "TLSv1.3");
    EXPECT_EQ(tls.max_version, "TLSv1.3");
    EXPECT_FALSE(tls.sni);
    EXPECT_EQ(tls.crl, "/c");
    EXPECT_EQ(parse("host=a").tls.mode, SslMode::prefer);
    EXPECT_EQ(parse("host=a sslrootcert=system").tls.mode, SslMode::verify_full);
    setenv("PGSSLMODE", "verify-ca", 1);
    EXPECT_EQ(parse("host=a").tls.mode, SslMode::verify_ca);
}

TEST_F(ConninfoTest, WhatIsNotSupportedIsSaid) {
    for (const char* more : {"gssencmode=require", "target_session_attrs=read-write", "requirepeer=postgres"}) {
        const auto parsed = parse_conninfo(std::string("host=a ") + more);
        ASSERT_FALSE(parsed) << more;
        EXPECT_EQ(parsed.error().code, Errc::unsupported);
    }
    EXPECT_EQ(parse_conninfo("host=a sslmode=sometimes").error().code, Errc::usage);
    EXPECT_EQ(parse_conninfo("host=a connect_timeout=soon").error().code, Errc::usage);
    EXPECT_EQ(refusal("host=a paswort=geheim").find("geheim"), std::string::npos) << "no secrets in messages";
}

TEST_F(ConninfoTest, TheStringsPasswordIsItsUsersOnly) {
    const std::string credentials = write("credentials", "*:*:shop:bob:bobs\n");
    write(".pgpass", "*:*:*:bob:not this\nlocalhost:*:*:carl:carls\n*:*:*:ann:not this\n");
    const Server server = Server::prepare(parse("hostaddr=127.0.0.1 user=ann password=anns"), credentials).value();
    const HostEntry& entry = server.addresses()[0].entry;
    EXPECT_EQ(server.password_for(entry, "shop", "ann"), "anns");
    EXPECT_EQ(server.password_for(entry, "shop", "bob"), "bobs");
    EXPECT_EQ(server.password_for(entry, "other", "bob"), "not this") << "the credentials say nothing of that database";
    EXPECT_EQ(server.password_for(entry, "shop", "carl"), "") << "another host";
    EXPECT_EQ(server.password_for({"/var/run/postgresql", "", "5432"}, "shop", "carl"), "carls")
        << "the default socket directory is localhost";
    EXPECT_EQ(server.password_for(entry, "shop", "dora"), "");
    std::filesystem::permissions(credentials, std::filesystem::perms(0644));
    EXPECT_FALSE(Server::prepare(parse("hostaddr=127.0.0.1"), credentials));
}

TEST_F(ConninfoTest, FilesThatAreNamedHaveToBeThere) {
    const auto missing = Server::prepare(parse("hostaddr=127.0.0.1 sslmode=require sslrootcert=/nowhere"));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, Errc::usage);
    EXPECT_THAT(missing.error().message, HasSubstr("/nowhere"));
    EXPECT_FALSE(Server::prepare(parse("hostaddr=127.0.0.1 sslmode=verify-ca")));
    EXPECT_TRUE(Server::prepare(parse("host=/tmp sslmode=verify-ca"))) << "a Unix socket has no TLS";
    EXPECT_FALSE(Server::prepare(parse("hostaddr=127.0.0.1 ssl_min_protocol_version=SSLv3")));
}

}  // namespace
}  // namespace understudy::net
