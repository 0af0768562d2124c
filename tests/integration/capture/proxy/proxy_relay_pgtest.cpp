#include <libpq-fe.h>
#include <sys/socket.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/integration/capture/proxy/proxy_fixture.hpp"
#include "tests/support/frames.hpp"
#include "tests/support/raw_client.hpp"

namespace understudy::testing {
namespace {

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;

Connection connect(const std::string& conninfo) {
    Connection connection(PQconnectdb(conninfo.c_str()), PQfinish);
    if (PQstatus(connection.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection.get()));
    return connection;
}

/// Polls, for what another process does in its own time.
template <class Condition>
bool comes_true(Condition condition) {
    for (int i = 0; i < 200; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
}

/// What the server answers to a little of everything; process ids in notifications are blotted out.
Bytes dialogue(int port, const std::string& database) {
    RawClient client(port, database);
    Bytes heard;
    const auto say = [&](const Bytes& frames, char until, int count = 1) {
        client.send(frames);
        heard += client.read_until(until, count);
    };
    say(fe::query("truncate t; insert into t values (1, 'x'); select * from t"), 'Z');
    say(fe::query("do $$begin raise notice 'look'; raise warning 'out'; end$$; select 1/0; select 2"), 'Z');
    say(fe::query("begin; insert into t values (1, 'again')"), 'Z');
    say(fe::query("select 1") + fe::query("rollback"), 'Z', 2);
    say(fe::parse("s", "select $1::int + 1") + fe::bind("", "s", {1}, {"41"}) + fe::describe_portal() + fe::execute() +
            fe::sync(),
        'Z');
    say(fe::unnamed("select 1/0") + fe::unnamed("select 'skipped'") + fe::sync() + fe::unnamed() + fe::sync() +
            fe::query("select 'pipelined'"),
        'Z', 3);
    say(fe::parse("", "select generate_series(1, 5)") + fe::bind("p", "") + fe::execute("p", 2) + fe::flush(), 's');
    say(fe::execute("p", 2) + fe::close_portal("p") + fe::sync(), 'Z');
    say(fe::query("copy (select g, repeat('y', 100) from generate_series(1, 10000) g) to stdout"), 'Z');
    say(fe::query("copy t from stdin"), 'G');
    say(fe::copy_data("2\ttwo\n3\tth") + fe::copy_data("ree\n") + fe::copy_done(), 'Z');
    say(fe::query("copy t from stdin"), 'G');
    say(fe::copy_data("4\tfour\n") + fe::copy_fail("changed my mind"), 'Z');
    say(fe::query("select * from t"), 'Z');
    say(fe::query("listen ear; notify ear, 'sound'"), 'Z');
    heard += client.read_for(std::chrono::milliseconds(100));
    for (std::size_t at = 0; at < heard.size();
         at += ByteReader(BytesView(heard).substr(at + 1)).u32() + std::size_t{1}) {
        if (heard[at] == 'A') heard.replace(at + 5, 4, "<id>");
    }
    return heard;
}

class ProxyRelayTest : public ProxyFixture {
protected:
    ThrowawayCluster& cluster = ThrowawayCluster::shared();
};

TEST_F(ProxyRelayTest, AnswersAreByteIdentical) {
    start(to_server(cluster));
    const std::string database = cluster.create_database("dialogue");
    cluster.psql("create table t (a int primary key, b text)", database);
    const Bytes direct = dialogue(cluster.port(), database);
    ASSERT_GT(direct.size(), 1'000'000U);
    EXPECT_TRUE(dialogue(port, database) == direct);
    stop();
    EXPECT_EQ(events.exchanges, 15U);
    EXPECT_EQ(events.ends, std::vector{SessionEnd::connection});
    ASSERT_EQ(events.sessions.size(), 1U);
    EXPECT_EQ(events.sessions[0].server, "127.0.0.1:" + std::to_string(cluster.port()));
    EXPECT_EQ(events.sessions[0].client.rfind("127.0.0.1:", 0), 0U);
}

TEST_F(ProxyRelayTest, LargeCopiesPassBothWays) {
    start(to_server(cluster));
    const std::string database = cluster.create_database("copy");
    cluster.psql("create table big (a int, b text)", database);
    const TemporaryDirectory directory;
    const std::string rows = "select g, md5(g::text) || repeat('z', 100) from generate_series(1, 400000) g";
    const auto sum = [&](const std::string& conninfo, const std::string& query) {
        return run_command("psql -X -q \"" + conninfo + "\" -c \"copy (" + query + ") to stdout\" | md5sum").out;
    };
    const std::string expected = sum(cluster.conninfo(database), rows);
    const std::string proxied = conninfo("user=postgres dbname=" + database);
    EXPECT_EQ(sum(proxied, rows), expected);
    const CommandOutput loaded = run_command("psql -X -q \"" + cluster.conninfo() + "\" -c \"copy (" + rows +
                                             ") to stdout\" | psql -X -q \"" + proxied + "\" -c 'copy big from stdin'");
    EXPECT_EQ(loaded.out, "");
    EXPECT_EQ(sum(cluster.conninfo(database), "select * from big order by a"), expected);
}

TEST_F(ProxyRelayTest, ACancelReachesTheBackendThatIsMeant) {
    start(to_server(cluster));
    const Connection sleeper = connect(conninfo());
    const Connection other = connect(conninfo());
    ASSERT_EQ(PQsendQuery(sleeper.get(), "select pg_sleep(10)"), 1);
    ASSERT_EQ(PQsendQuery(other.get(), "select pg_sleep(2)"), 1);
    const std::string asleep = "select count(*) from pg_stat_activity where wait_event = 'PgSleep'";
    ASSERT_TRUE(comes_true([&] { return cluster.psql(asleep) == "2\n"; }));
    PGcancel* cancel = PQgetCancel(sleeper.get());
    char error[256];
    EXPECT_EQ(PQcancel(cancel, error, sizeof error), 1) << error;
    PQfreeCancel(cancel);
    PGresult* cancelled = PQgetResult(sleeper.get());
    EXPECT_STREQ(PQresultErrorField(cancelled, PG_DIAG_SQLSTATE), "57014");
    PQclear(cancelled);
    PGresult* finished = PQgetResult(other.get());
    EXPECT_EQ(PQresultStatus(finished), PGRES_TUPLES_OK);
    PQclear(finished);
    stop();
    ASSERT_EQ(events.cancels.size(), 1U);
    EXPECT_NE(events.cancels[0], SessionId());
}

TEST_F(ProxyRelayTest, AClientThatEndsSendingStillGetsItsAnswer) {
    start(to_server(cluster));
    RawClient client(port, "postgres");
    client.send(fe::query("select pg_sleep(0.3), 'late'"));
    ::shutdown(client.socket(), SHUT_WR);
    EXPECT_NE(client.read_until('Z').find("late"), Bytes::npos);
    EXPECT_EQ(client.read_for(std::chrono::seconds(5)), "");
    EXPECT_TRUE(client.closed());
}

TEST_F(ProxyRelayTest, AResetOfTheClientEndsTheServersSession) {
    start(to_server(cluster));
    const std::string count = "select count(*) from pg_stat_activity where pid = ";
    std::string pid;
    {
        const RawClient client(port, "postgres");
        pid = std::to_string(client.process_id());
        EXPECT_EQ(cluster.psql(count + pid), "1\n");
        const linger at_once{1, 0};
        setsockopt(client.socket(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    EXPECT_TRUE(comes_true([&] { return cluster.psql(count + pid) == "0\n"; }));
    EXPECT_TRUE(comes_true([&] { return proxy->stats().connections_open == 0; }));
}

TEST_F(ProxyRelayTest, TheServersLastWordsArrive) {
    start(to_server(cluster));
    RawClient client(port, "postgres");
    client.send(fe::query("select pg_sleep(60)"));
    cluster.psql("select pg_terminate_backend(" + std::to_string(client.process_id()) + ")");
    EXPECT_NE(client.read_until('E').find("terminating connection due to administrator command"), Bytes::npos);
    EXPECT_EQ(client.read_for(std::chrono::seconds(5)), "");
    EXPECT_TRUE(client.closed());
}

TEST_F(ProxyRelayTest, AServerThatIsDownIsNamedAndHostListsGoOn) {
    const auto own = ThrowawayCluster::start();
    start(to_server(*own));
    RawClient client(port, "postgres");
    client.send(fe::query("select pg_sleep(60)"));
    own->stop();
    (void)client.read_for(std::chrono::seconds(5));
    EXPECT_TRUE(client.closed());
    const CommandOutput down = psql(conninfo(), "select 1");
    EXPECT_EQ(down.exit_code, 2);
    EXPECT_NE(down.out.find("FATAL:  understudy proxy: cannot connect to 127.0.0.1:" + std::to_string(own->port()) +
                            ": Connection refused"),
              std::string::npos)
        << down.out;
    const std::string hosts = "host=127.0.0.1,127.0.0.1 port=" + std::to_string(port) + "," +
                              std::to_string(cluster.port()) + " user=postgres dbname=postgres";
    EXPECT_EQ(psql(hosts, "select 'other'").out, "other\n");
    EXPECT_EQ(proxy->stats().connections_refused, 2U);
    own->start_again();
    EXPECT_EQ(psql(conninfo(), "select 'back'").out, "back\n");
    stop();
    EXPECT_EQ(std::count(events.ends.begin(), events.ends.end(), SessionEnd::refused), 2);
}

TEST_F(ProxyRelayTest, UnixSocketsBothSides) {
    const TemporaryDirectory directory;
    capture::ProxyOptions options;
    const std::string server_directory = std::filesystem::path(cluster.log_path()).parent_path();
    options.upstream = {server_directory, std::to_string(cluster.port())};
    options.upstream_tls.mode = net::SslMode::require;  // as in libpq, no matter on a Unix socket
    options.listen = {{directory.path(), "6543"}, {directory.file("plain"), ""}};
    // A socket that a killed proxy left.
    run_command("python3 -c \"import socket; socket.socket(socket.AF_UNIX).bind('" + directory.file("plain") + "')\"");
    start(options);
    const std::string sql = "select coalesce(host(inet_client_addr()), 'unix')";
    EXPECT_EQ(psql("host=" + directory.path() + " port=6543 user=postgres dbname=postgres", sql).out, "unix\n");
    EXPECT_EQ(psql(conninfo(), sql).out, "unix\n");
    ASSERT_EQ(proxy->addresses().size(), 3U);
    EXPECT_EQ(proxy->addresses()[1], directory.path() + "/.s.PGSQL.6543");
    EXPECT_EQ(proxy->addresses()[2], directory.file("plain"));
    EXPECT_FALSE(capture::Proxy::start(options, digester, {}, events)) << "it is in use";
    stop();
    EXPECT_FALSE(std::filesystem::exists(directory.file("plain")));
    EXPECT_EQ(events.exchanges, 2U);
}

}  // namespace
}  // namespace understudy::testing
