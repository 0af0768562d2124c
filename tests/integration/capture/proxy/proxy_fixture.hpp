#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "capture/proxy/proxy.hpp"
#include "core/exchange/result_digest.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/throwaway_cluster.hpp"

namespace understudy::testing {

/// Keeps the events that matter here.
class ProxyEvents final : public EventSink {
public:
    void on_event(Event&& event) override {
        const std::lock_guard lock(mutex_);
        if (std::holds_alternative<Response>(event) && std::get<Response>(event).ready.known()) ++exchanges;
        if (std::holds_alternative<Request>(event)) frames += std::get<Request>(event).frames;
        if (std::holds_alternative<SessionOpened>(event)) sessions.push_back(std::get<SessionOpened>(event).identity);
        if (std::holds_alternative<SessionClosed>(event)) ends.push_back(std::get<SessionClosed>(event).end);
        if (std::holds_alternative<CancelSent>(event)) cancels.push_back(std::get<CancelSent>(event).session);
        if (std::holds_alternative<Gap>(event)) ++gaps;
    }

    std::uint64_t exchanges = 0;
    std::uint64_t gaps = 0;
    Bytes frames;
    std::vector<SessionIdentity> sessions;
    std::vector<SessionEnd> ends;
    std::vector<SessionId> cancels;

private:
    std::mutex mutex_;
};

/// A proxy in this process in front of a server, and psql as its client.
class ProxyFixture : public ::testing::Test {
protected:
    /// Listens on a free loopback port, too.
    void start(capture::ProxyOptions options, EventSink* sink = nullptr) {
        options.listen.insert(options.listen.begin(), capture::Place{"127.0.0.1", "0"});
        auto started = capture::Proxy::start(std::move(options), digester, {}, sink != nullptr ? *sink : events);
        ASSERT_TRUE(started) << started.error().message;
        proxy = std::move(*started);
        const std::string& address = proxy->addresses().front();
        port = std::stoi(address.substr(address.rfind(':') + 1));
    }

    static capture::ProxyOptions to_server(const ThrowawayCluster& cluster, net::SslMode mode = net::SslMode::disable) {
        capture::ProxyOptions options;
        options.upstream = {"127.0.0.1", std::to_string(cluster.port())};
        options.upstream_tls.mode = mode;
        return options;
    }

    [[nodiscard]] std::string conninfo(const std::string& more = "user=postgres dbname=postgres") const {
        return "host=127.0.0.1 port=" + std::to_string(port) + " " + more;
    }
    [[nodiscard]] static CommandOutput psql(const std::string& conninfo, const std::string& sql) {
        return run_command("psql -X -q -A -t -v ON_ERROR_STOP=1 \"" + conninfo + "\" -c \"" + sql + "\"");
    }
    /// Ends the proxy; then all events are there.
    void stop() { proxy->stop(Duration::seconds(1)); }
    [[nodiscard]] std::uint64_t counter(const std::string& name) const {
        const Counters counters = proxy->counters();
        const auto found = counters.values.find(name);
        return found == counters.values.end() ? 0 : found->second;
    }

    Digester digester{DigestKey::generate()};
    ProxyEvents events;
    std::unique_ptr<capture::Proxy> proxy;
    int port = 0;
};

}  // namespace understudy::testing
