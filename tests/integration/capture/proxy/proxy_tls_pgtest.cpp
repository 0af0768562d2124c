#include <fstream>

#include "tests/integration/capture/proxy/proxy_fixture.hpp"

namespace understudy::testing {
namespace {

using net::SslMode;

const std::string kAnswer = "select 'answered'";

/// A server with TLS whose users are asked for passwords: ann by SCRAM, bob by md5, `tls_only` only over TLS,
/// `plain_only` only without.
class ProxyTlsTest : public ProxyFixture {
protected:
    static void SetUpTestSuite() {
        certificates = std::make_unique<Certificates>();
        std::ofstream(certificates->file("hba")) << "local all all trust\nhost all postgres all trust\n"
                                                 << "hostssl all tls_only all scram-sha-256\n"
                                                 << "hostnossl all plain_only all trust\n"
                                                 << "host all bob all md5\nhost all ann all scram-sha-256\n";
        ThrowawayCluster::Options options;
        options.settings = certificates->server_settings();
        options.settings.push_back("hba_file = '" + certificates->file("hba") + "'");
        cluster = ThrowawayCluster::start(options);
        cluster->psql(
            "create user ann password 'secret'; create user tls_only password 'secret';"
            "create user plain_only; set password_encryption = 'md5'; create user bob password 'secret';");
    }
    static void TearDownTestSuite() {
        cluster.reset();
        certificates.reset();
    }

    void start_proxy(bool client_tls, SslMode mode, const std::string& certificate = "proxy") {
        capture::ProxyOptions options = to_server(*cluster, mode);
        if (client_tls) {
            options.client_tls = {certificates->file(certificate + ".crt"), certificates->file(certificate + ".key")};
        }
        start(std::move(options));
    }
    CommandOutput ask(const std::string& user, const std::string& more) const {
        return psql(conninfo("dbname=postgres password=secret user=" + user + " " + more), kAnswer);
    }
    void expect_answer(const std::string& user, const std::string& more) const {
        const CommandOutput output = ask(user, more);
        EXPECT_EQ(output.out, "answered\n") << user << " " << more;
    }
    std::string server_encrypted() const {
        return psql(conninfo("user=postgres dbname=postgres"),
                    "select ssl from pg_stat_ssl where pid = pg_backend_pid()")
            .out;
    }

    static inline std::unique_ptr<Certificates> certificates;
    static inline std::unique_ptr<ThrowawayCluster> cluster;
};

TEST_F(ProxyTlsTest, PlainBothSides) {
    start_proxy(false, SslMode::disable);
    expect_answer("ann", "sslmode=prefer");
    expect_answer("bob", "sslmode=disable");
    EXPECT_NE(ask("ann", "sslmode=require").out.find("server does not support SSL"), std::string::npos);
    EXPECT_NE(ask("ann", "password=wrong").out.find("password authentication failed for user \"ann\""),
              std::string::npos);
    EXPECT_EQ(server_encrypted(), "f\n");
}

TEST_F(ProxyTlsTest, ClientTlsToAPlainServer) {
    start_proxy(true, SslMode::disable);
    expect_answer("ann", "sslmode=require");
    expect_answer("ann", "sslmode=disable");
    expect_answer("bob", "sslmode=require");
    expect_answer("ann", "sslmode=verify-ca sslrootcert=" + certificates->file("ca.crt"));
    EXPECT_NE(ask("ann", "sslmode=require channel_binding=require").exit_code, 0)
        << "who insists on channel binding does not get a connection without";
    stop();
    EXPECT_EQ(counter("proxy.channel_binding_conflicts"), 0U);
    EXPECT_EQ(events.frames.find("secret"), Bytes::npos);
    EXPECT_NE(events.frames.find("answered"), Bytes::npos);
}

TEST_F(ProxyTlsTest, PlainClientToATlsServer) {
    start_proxy(false, SslMode::require);
    expect_answer("ann", "sslmode=disable");
    expect_answer("bob", "sslmode=disable");
    EXPECT_EQ(server_encrypted(), "t\n");
    EXPECT_EQ(counter("proxy.channel_binding_removed"), 1U);
}

TEST_F(ProxyTlsTest, TlsBothSidesWithAnotherCertificate) {
    start_proxy(true, SslMode::require);
    expect_answer("bob", "sslmode=require");
    expect_answer("ann", "sslmode=require channel_binding=disable");
    const CommandOutput refused = ask("ann", "sslmode=require");
    EXPECT_NE(refused.out.find("channel binding negotiation error"), std::string::npos) << refused.out;
    EXPECT_EQ(counter("proxy.channel_binding_conflicts"), 1U);
}

TEST_F(ProxyTlsTest, PreferGivesTlsToTheServerUpWhereScramCannotWorkOverIt) {
    start_proxy(true, SslMode::prefer);
    const std::string encrypted = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
    const std::string ann = conninfo("dbname=postgres password=secret user=ann sslmode=");
    EXPECT_EQ(psql(ann + "require", encrypted).out, "f\n");
    EXPECT_EQ(psql(ann + "disable", encrypted).out, "t\n");
    EXPECT_EQ(psql(conninfo("dbname=postgres password=secret user=bob sslmode=require"), encrypted).out, "t\n");
    EXPECT_EQ(counter("proxy.channel_binding_avoided"), 1U);
}

TEST_F(ProxyTlsTest, TlsBothSidesWithTheServersCertificateKeepsChannelBinding) {
    start_proxy(true, SslMode::require, "server");
    expect_answer("ann", "sslmode=require");
    expect_answer("ann", "sslmode=require channel_binding=require");
    EXPECT_EQ(counter("proxy.channel_binding_removed"), 0U);
}

TEST_F(ProxyTlsTest, PreferAndAllowFollowTheServer) {
    start_proxy(false, SslMode::prefer);
    EXPECT_EQ(server_encrypted(), "t\n");
    expect_answer("plain_only", "");
    expect_answer("tls_only", "");
    stop();
    start_proxy(false, SslMode::allow);
    EXPECT_EQ(server_encrypted(), "f\n");
    expect_answer("tls_only", "");
    stop();
    start_proxy(false, SslMode::require);
    const CommandOutput refused = ask("plain_only", "");
    EXPECT_NE(refused.out.find("no pg_hba.conf entry for host"), std::string::npos) << refused.out;
}

TEST_F(ProxyTlsTest, VerifiesTheServer) {
    capture::ProxyOptions options = to_server(*cluster, SslMode::verify_full);
    options.upstream_tls.root_certificate = certificates->file("ca.crt");
    options.upstream.host = "localhost";
    start(options);
    EXPECT_EQ(server_encrypted(), "t\n");
    stop();
    options.upstream.host = "127.0.0.1";  // not in the certificate
    start(options);
    EXPECT_NE(ask("bob", "").out.find("IP address mismatch"), std::string::npos) << ask("bob", "").out;
    stop();
    options.upstream_tls.mode = SslMode::verify_ca;
    start(options);
    expect_answer("bob", "");
    stop();
    options.upstream_tls.root_certificate = certificates->file("proxy.crt");  // did not sign it
    start(options);
    EXPECT_NE(ask("bob", "").out.find("self-signed certificate in certificate chain"), std::string::npos) << ask("bob", "").out;
    stop();
    options.upstream_tls.root_certificate.clear();
    EXPECT_FALSE(capture::Proxy::start(options, digester, {}, events));
}

TEST_F(ProxyTlsTest, DirectTlsNeedsItsProtocolName) {
    start_proxy(true, SslMode::disable);
    const std::string connect = "printf '' | openssl s_client -connect 127.0.0.1:" + std::to_string(port) + " ";
    EXPECT_NE(run_command(connect + "-alpn postgresql").out.find("ALPN protocol: postgresql"), std::string::npos);
    EXPECT_NE(run_command(connect + "-alpn http/1.1").exit_code, 0);
    (void)run_command(connect);  // no name: the handshake ends well and the connection is closed
    stop();
    EXPECT_GE(counter("proxy.connections_rejected"), 3U);
    EXPECT_GE(proxy->stats().tls_failures, 1U);
}

}  // namespace
}  // namespace understudy::testing
