#include "core/net/pg_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <fstream>

#include "core/pgwire/frontend_messages.hpp"
#include "tests/support/certificates.hpp"

namespace understudy::net {
namespace {

using testing::Certificates;
using ::testing::HasSubstr;
using testing::ThrowawayCluster;

const std::string kEncrypted = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";

template <class T>
T run_alone(asio::awaitable<T> work) {
    asio::io_context context;
    auto result = asio::co_spawn(context, std::move(work), asio::use_future);
    context.run();
    return result.get();
}

asio::awaitable<Result<LoginFacts>> open(PgStream& stream, const Server& server) {
    pgwire::StartupMessage startup;
    startup.parameters = {{"user", server.info().user}, {"database", "postgres"}};
    auto facts = co_await stream.open(server, std::move(startup), Duration::seconds(10));
    co_return facts;
}

asio::awaitable<Result<Bytes>> ask(const Server& server, std::string sql) {
    PgStream stream(co_await asio::this_coro::executor);
    const auto login = co_await open(stream, server);
    if (!login) co_return login.error();
    const auto rows = co_await stream.query(std::move(sql));
    if (!rows) co_return rows.error();
    co_return rows->front()[0].value_or("");
}

/// A server with TLS whose users prove themselves in every way: ann by SCRAM, bob by md5, carl by a password in clear,
/// certified by a certificate; tls_only is let in only with TLS, plain_only only without.
class PgStreamTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        certificates = std::make_unique<Certificates>();
        std::ofstream(certificates->file("hba"))
            << "local all all trust\nhost all postgres all trust\nhostssl all tls_only all scram-sha-256\n"
            << "hostnossl all plain_only all trust\nhost all bob all md5\nhost all ann all scram-sha-256\n"
            << "host all carl all password\nhostssl all certified all cert\n";
        ThrowawayCluster::Options options;
        options.settings = certificates->server_settings();
        options.settings.push_back("hba_file = '" + certificates->file("hba") + "'");
        cluster = ThrowawayCluster::start(options);
        cluster->psql(
            "create user ann password 'secret'; create user tls_only password 'secret';"
            "create user carl password 'secret'; create user plain_only; create user certified;"
            "set password_encryption = 'md5'; create user bob password 'secret';");
    }
    static void TearDownTestSuite() {
        cluster.reset();
        certificates.reset();
    }
    void SetUp() override { setenv("HOME", home_.path().c_str(), 1); }

    static std::string conninfo(const std::string& user, const std::string& more) {
        return "host=127.0.0.1 port=" + std::to_string(cluster->port()) + " password=secret user=" + user + " " + more;
    }
    static Result<Bytes> answer(const std::string& conninfo, const std::string& sql = kEncrypted) {
        auto server = Server::prepare(parse_conninfo(conninfo).value());
        if (!server) return server.error();
        return run_alone(ask(*server, sql));
    }
    static void expect(const std::string& user, const std::string& more, const char* encrypted) {
        const auto got = answer(conninfo(user, more));
        ASSERT_TRUE(got) << user << " " << more << ": " << got.error().message;
        EXPECT_EQ(*got, encrypted) << user << " " << more;
    }
    static std::string refusal(const std::string& user, const std::string& more) {
        const auto got = answer(conninfo(user, more));
        EXPECT_FALSE(got) << user << " " << more;
        return got ? "" : got.error().message;
    }
    static std::string ca(const char* name = "ca") { return " sslrootcert=" + certificates->file(name) + ".crt"; }

    static inline std::unique_ptr<Certificates> certificates;
    static inline std::unique_ptr<ThrowawayCluster> cluster;
    testing::TemporaryDirectory home_;
};

TEST_F(PgStreamTest, EachSslModeWithAServerThatHasTls) {
    expect("ann", "sslmode=disable", "f");
    expect("ann", "sslmode=allow", "f");
    expect("ann", "sslmode=prefer", "t");
    expect("ann", "sslmode=require", "t");
    expect("ann", "sslmode=verify-ca" + ca(), "t");
    expect("tls_only", "sslmode=allow", "t");
    expect("plain_only", "sslmode=prefer", "f");
    EXPECT_THAT(refusal("tls_only", "sslmode=disable"), HasSubstr("no pg_hba.conf entry"));
    EXPECT_THAT(refusal("plain_only", "sslmode=require"), HasSubstr("no pg_hba.conf entry"));
}

TEST_F(PgStreamTest, EachSslModeWithAServerThatHasNone) {
    const std::string plain = ThrowawayCluster::shared().conninfo() + " sslmode=";
    for (const char* mode : {"disable", "allow", "prefer"}) EXPECT_EQ(answer(plain + mode).value(), "f") << mode;
    for (const std::string& mode : {std::string("require"), "verify-ca" + ca(), "verify-full" + ca()}) {
        const auto got = answer(plain + mode);
        ASSERT_FALSE(got);
        EXPECT_THAT(got.error().message, HasSubstr("does not offer TLS")) << mode;
    }
}

TEST_F(PgStreamTest, AUnixSocketHasNoTls) {
    const std::string directory = cluster->log_path().substr(0, cluster->log_path().rfind('/'));
    EXPECT_EQ(
        answer("host=" + directory + " port=" + std::to_string(cluster->port()) + " user=ann sslmode=require").value(),
        "f");
}

TEST_F(PgStreamTest, VerifiesAuthorityAndName) {
    EXPECT_THAT(refusal("ann", "sslmode=verify-ca" + ca("other_ca")), HasSubstr("TLS"));
    EXPECT_THAT(refusal("ann", "sslmode=require" + ca("other_ca")), HasSubstr("TLS")) << "as in libpq";
    EXPECT_THAT(refusal("ann", "sslmode=verify-full" + ca()), HasSubstr("IP address mismatch"));
    const std::string full =
        "port=" + std::to_string(cluster->port()) + " user=ann password=secret sslmode=verify-full";
    EXPECT_EQ(answer("host=localhost " + full + ca()).value(), "t") << "[::1], where nobody listens, comes first";
    EXPECT_EQ(answer("host=localhost hostaddr=127.0.0.1 " + full + ca()).value(), "t");
    EXPECT_FALSE(answer("host=elsewhere hostaddr=127.0.0.1 " + full + ca()));
    EXPECT_EQ(answer("hostaddr=127.0.0.1 " + full + ca()).error().code, Errc::usage);
    EXPECT_FALSE(answer("host=localhost " + full + " sslrootcert=system"));
}

TEST_F(PgStreamTest, RevokedCertificatesAreRefused) {
    std::ofstream(certificates->file("ca.conf"))
        << "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ndefault_md=sha256\ndefault_crl_days=30\n";
    std::ofstream(certificates->file("index.txt")) << "";
    const std::string authority = "openssl ca -config ca.conf -keyfile ca.key -cert ca.crt ";
    certificates->run(authority + "-gencrl -out none.crl && " + authority + "-revoke server.crt && " + authority +
                      "-gencrl -out server.crl");
    expect("ann", "sslmode=verify-ca" + ca() + " sslcrl=" + certificates->file("none.crl"), "t");
    EXPECT_THAT(refusal("ann", "sslmode=verify-ca" + ca() + " sslcrl=" + certificates->file("server.crl")),
                HasSubstr("revoked"));
}

TEST_F(PgStreamTest, ProtocolVersions) {
    const std::string version = "select version from pg_stat_ssl where pid = pg_backend_pid()";
    EXPECT_EQ(answer(conninfo("ann", "sslmode=require ssl_max_protocol_version=TLSv1.2"), version).value(), "TLSv1.2");
    EXPECT_EQ(answer(conninfo("ann", "sslmode=require ssl_min_protocol_version=TLSv1.3"), version).value(), "TLSv1.3");
}

TEST_F(PgStreamTest, ClientCertificates) {
    const std::string certificate = " sslmode=require sslcert=" + certificates->file("certified.crt") + " sslkey=";
    expect("certified", certificate + certificates->file("certified.key"), "t");
    EXPECT_THAT(refusal("certified", "sslmode=require"), HasSubstr("certificate"));
    certificates->run(
        "openssl rsa -aes256 -passout pass:geheim -in certified.key -out locked.key && chmod 600 locked.key");
    expect("certified", certificate + certificates->file("locked.key") + " sslpassword=geheim", "t");
    EXPECT_THAT(refusal("certified", certificate + certificates->file("locked.key")), HasSubstr("locked.key"));
    certificates->run("cp certified.key open.key && chmod 644 open.key");
    EXPECT_THAT(refusal("certified", certificate + certificates->file("open.key")), HasSubstr("chmod 600"));
    EXPECT_THAT(refusal("certified", certificate + certificates->file("server-pg.key")), HasSubstr("private key"));
}

TEST_F(PgStreamTest, ChannelBinding) {
    for (const char* binding : {"disable", "prefer", "require"}) {
        expect("ann", std::string("sslmode=require channel_binding=") + binding, "t");
    }
    EXPECT_THAT(refusal("ann", "sslmode=disable channel_binding=require"), HasSubstr("no TLS to bind to"));
    EXPECT_THAT(refusal("bob", "sslmode=require channel_binding=require"), HasSubstr("asks for md5"));
    EXPECT_THAT(refusal("postgres", "sslmode=require channel_binding=require"), HasSubstr("let us in without"));
    EXPECT_THAT(refusal("ann", "sslmode=require password=wrong"), HasSubstr("password authentication failed"));
}

TEST_F(PgStreamTest, PasswordsOfEveryKindComeFromTheFile) {
    std::ofstream(home_.file("pass")) << "127.0.0.1:*:postgres:*:secret\n";
    std::filesystem::permissions(home_.file("pass"), std::filesystem::perms(0600));
    const std::string at = "host=127.0.0.1 port=" + std::to_string(cluster->port()) + " passfile=" + home_.file("pass");
    for (const char* user : {"ann", "bob", "carl"}) EXPECT_TRUE(answer(at + " user=" + user)) << user;
    std::filesystem::permissions(home_.file("pass"), std::filesystem::perms(0644));
    EXPECT_THAT(answer(at + " user=ann").error().message, HasSubstr("there is none"));
}

TEST_F(PgStreamTest, TheNextHostIsTriedWhereNobodyListens) {
    const std::string port = std::to_string(cluster->port());
    EXPECT_TRUE(answer("host=127.0.0.1,127.0.0.1 port=1," + port + " user=ann password=secret"));
    EXPECT_TRUE(answer("host=/nowhere,127.0.0.1 port=" + port + " user=ann password=secret"));
    EXPECT_THAT(answer("host=127.0.0.1,127.0.0.1 port=" + port + ",1 user=ann password=wrong").error().message,
                HasSubstr("password authentication failed"))
        << "who refuses a password is not passed over";
}

/// Both directions at once, more than any buffer holds.
TEST_F(PgStreamTest, LargeMessagesPassAsTheyAre) {
    std::string text;
    for (int i = 0; text.size() < 3'000'000; ++i) text += std::to_string(i) + ",";
    for (const char* mode : {"sslmode=disable", "sslmode=require"}) {
        const auto got = answer(conninfo("ann", mode), "select '" + text + "'");
        ASSERT_TRUE(got) << got.error().message;
        EXPECT_TRUE(*got == text) << mode;
    }
}

asio::awaitable<Result<Bytes>> cancelled(const Server& server) {
    const auto executor = co_await asio::this_coro::executor;
    PgStream stream(executor);
    const auto login = co_await open(stream, server);
    if (!login) co_return login.error();
    const Bytes sleep = pgwire::encode_frontend(pgwire::Query{"select pg_sleep(3)"});
    if (auto sent = co_await stream.send(sleep); !sent) co_return sent.error();
    co_await send_cancel(executor, server, *login);
    std::vector<char> buffer;
    co_await stream.wait_readable();
    const auto received = stream.try_receive(buffer);
    if (!received) co_return received.error();
    co_return Bytes(*received);
}

TEST_F(PgStreamTest, CancelsOverEitherTransport) {
    for (const char* mode : {"sslmode=disable", "sslmode=prefer", "sslmode=require"}) {
        const Server server = Server::prepare(parse_conninfo(conninfo("ann", mode)).value()).value();
        // The signal may come before the statement has begun: then it hits nothing.
        bool seen = false;
        for (int attempt = 0; attempt < 3 && !seen; ++attempt) {
            const auto got = run_alone(cancelled(server));
            ASSERT_TRUE(got) << got.error().message;
            seen = got->find("57014") != Bytes::npos;
        }
        EXPECT_TRUE(seen) << mode;
    }
}

}  // namespace
}  // namespace understudy::net
