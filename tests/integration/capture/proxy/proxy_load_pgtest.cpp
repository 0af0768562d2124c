#include <sys/resource.h>

#include <condition_variable>
#include <thread>

#include "tests/integration/capture/proxy/proxy_fixture.hpp"
#include "tests/support/frames.hpp"
#include "tests/support/raw_client.hpp"

namespace understudy::testing {
namespace {

std::size_t occurrences(BytesView text, BytesView part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != BytesView::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

class ProxyLoadTest : public ProxyFixture {
protected:
    CommandOutput pgbench(const std::string& options) const {
        return run_command("echo 'select 4711;' > " + directory.file("script") + " && pgbench -n -f " +
                           directory.file("script") + " " + options + " -h 127.0.0.1 -p " + std::to_string(port) +
                           " -U postgres postgres");
    }
    void expect_no_loss() const {
        for (const auto& [name, value] : proxy->counters().values) {
            EXPECT_TRUE(value == 0 || !name.starts_with("loss.")) << name;
        }
    }
    ThrowawayCluster& cluster = ThrowawayCluster::shared();
    TemporaryDirectory directory;
};

TEST_F(ProxyLoadTest, EveryTransactionOfPgbenchIsRecorded) {
    capture::ProxyOptions options = to_server(cluster);
    options.threads = 2;
    start(options);
    CommandOutput output = pgbench("-M prepared -c 8 -j 2 -t 500");
    ASSERT_EQ(output.exit_code, 0) << output.out;
    stop();
    EXPECT_EQ(counter("messages.frontend.Execute"), 4000U);
    EXPECT_EQ(counter("messages.backend.CommandComplete"), 4000U + counter("messages.frontend.Query"));
    expect_no_loss();
}

TEST_F(ProxyLoadTest, EveryConnectionOfPgbenchIsRecorded) {
    capture::ProxyOptions options = to_server(cluster);
    options.threads = 2;
    start(options);
    const CommandOutput output = pgbench("-C -c 4 -j 2 -t 50");
    ASSERT_EQ(output.exit_code, 0) << output.out;
    stop();
    EXPECT_EQ(occurrences(events.frames, "select 4711"), 200U);
    EXPECT_GE(events.sessions.size(), 200U);
    EXPECT_EQ(events.ends.size(), events.sessions.size());
    expect_no_loss();
}

TEST_F(ProxyLoadTest, AThousandConnectionsAtOnce) {
    constexpr std::size_t kConnections = 1000;
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = std::max<rlim_t>(files.rlim_cur, std::min<rlim_t>(files.rlim_max, 4096));
    setrlimit(RLIMIT_NOFILE, &files);
    if (files.rlim_cur < 3 * kConnections + 100) GTEST_SKIP() << "not enough file descriptors: ulimit -n 4096";
    ThrowawayCluster::Options server;
    server.settings = {"max_connections = 1050"};
    const auto own = ThrowawayCluster::start(server);
    start(to_server(*own));
    std::vector<std::unique_ptr<RawClient>> clients;
    for (std::size_t i = 0; i < kConnections; ++i) clients.push_back(std::make_unique<RawClient>(port, "postgres"));
    EXPECT_EQ(proxy->stats().connections_open, kConnections);
    for (int round = 0; round < 3; ++round) {
        for (const auto& client : clients) client->send(fe::query("select 4711"));
        for (const auto& client : clients) EXPECT_NE(client->read_until('Z').find("4711"), Bytes::npos);
    }
    clients.clear();
    stop();
    EXPECT_EQ(events.exchanges, 3 * kConnections);
    EXPECT_EQ(events.sessions.size(), kConnections);
    expect_no_loss();
}

/// A sink that stands still until it is let go.
class BlockedSink final : public EventSink {
public:
    explicit BlockedSink(ProxyEvents& events) : events_(events) {}
    void on_event(Event&& event) override {
        std::unique_lock lock(mutex_);
        wakes_.wait(lock, [this] { return open_; });
        events_.on_event(std::move(event));
    }
    void let_go() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        wakes_.notify_all();
    }

private:
    ProxyEvents& events_;
    std::mutex mutex_;
    std::condition_variable wakes_;
    bool open_ = false;
};

TEST_F(ProxyLoadTest, ARecorderThatStandsStillHoldsNobodyUp) {
    BlockedSink sink(events);
    capture::ProxyOptions options = to_server(cluster);
    options.queue_bytes = std::size_t{1} << 20U;
    start(options, &sink);
    const CommandOutput output =
        run_command("psql -X -q -A -t \"" + conninfo() +
                    "\" -c \"select repeat(g::text, 10000) from generate_series(1, 2000) g\" | wc -c");
    EXPECT_EQ(output.out, std::to_string(10000 * (9 + 2 * 90 + 3 * 900 + 4 * 1001) + 2000) + "\n");
    EXPECT_EQ(pgbench("-c 4 -t 500").exit_code, 0);
    EXPECT_EQ(psql(conninfo(), "select 'unhindered'").out, "unhindered\n");
    EXPECT_EQ(events.sessions.size(), 0U);
    EXPECT_GT(proxy->stats().dropped_bytes, 50'000'000U);
    sink.let_go();
    stop();
    EXPECT_GT(events.gaps, 0U);
    EXPECT_EQ(events.ends.size(), events.sessions.size()) << "the end of a session is never lost";
    EXPECT_GT(counter("loss.proxy_queue_bytes"), 50'000'000U);
    EXPECT_LE(counter("loss.gap_bytes"), counter("loss.proxy_queue_bytes"));
    EXPECT_GE(counter("loss.gap_bytes"), 50'000'000U);
}

class FailingSink final : public EventSink {
public:
    void on_event(Event&&) override { throw std::runtime_error("no space left on device"); }
};

TEST_F(ProxyLoadTest, ASinkThatFailsHoldsNobodyUp) {
    FailingSink sink;
    start(to_server(cluster), &sink);
    EXPECT_EQ(pgbench("-c 4 -t 200").exit_code, 0);
    stop();
    EXPECT_GT(counter("loss.proxy_sink_failures"), 800U);
}

TEST_F(ProxyLoadTest, WhatPassesWhileTheFileCannotBeWrittenIsCounted) {
    capture::ProxyOptions options = to_server(cluster);
    options.listen = {{"127.0.0.1", "0"}};
    capture::RecorderOptions recording;
    int ticks = 0;
    recording.sink_ok = [] { return false; };
    recording.on_tick = [&](const Counters&) { ++ticks; };
    auto started = capture::Proxy::start(options, digester, recording, events);
    ASSERT_TRUE(started);
    proxy = std::move(*started);
    port = std::stoi(proxy->addresses()[0].substr(10));
    EXPECT_EQ(psql(conninfo(), "select 'goes on'").out, "goes on\n");
    stop();
    EXPECT_EQ(counter("loss.proxy_sink_bytes"), counter("proxy.bytes_to_server") + counter("proxy.bytes_to_client"));
    EXPECT_GE(ticks, 1);
}

}  // namespace
}  // namespace understudy::testing
