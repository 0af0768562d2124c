#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <thread>
#include <unordered_set>

#include "capture/proxy/leg.hpp"
#include "capture/proxy/prelude.hpp"
#include "capture/proxy/session_tap.hpp"
#include "capture/proxy/upstream.hpp"

namespace understudy::capture {

class Connection;

/// What all connections of a proxy share; read only, but for the counts.
struct ProxyShared {
    const ProxyOptions& options;
    const Upstream& upstream;
    const std::optional<net::TlsContext>& client_tls;
    ProxyCounts& counts;
};

/// One thread that relays, with its connections. A connection never leaves its thread.
struct IoThread {
    explicit IoThread(RingWriter& ring_writer) : writer(ring_writer) {}
    RingWriter& writer;
    std::unordered_set<Connection*> connections;  ///< of this thread only
    asio::io_context context{1};
    std::thread thread;
};

/// One client with its connection to the server: start-up, then a pump a direction. A pump has one buffer and reads no
/// more until that is sent on: a slow receiver slows the sender, as without the proxy.
class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(Leg::Socket client, IoThread& thread, const ProxyShared& shared);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// The connection's whole life; keeps it alive.
    static asio::awaitable<void> run(std::shared_ptr<Connection> self);
    /// Ends both sides at once. On the connection's thread.
    void close();

private:
    struct Opening {
        Bytes bytes;  ///< a start-up packet, and what came after it
        bool cancel = false;
    };
    /// After the server is gone, a client that does not close has that long.
    static constexpr auto kLinger = std::chrono::seconds(60);

    asio::awaitable<std::optional<Opening>> read_opening();
    asio::awaitable<bool> begin_client_tls(BytesView early);
    asio::awaitable<bool> reach_server(const Opening& opening);
    asio::awaitable<bool> forward_first_answer(bool last_attempt);
    asio::awaitable<void> refuse(std::string message);
    static asio::awaitable<void> run_pump(std::shared_ptr<Connection> self, Direction direction);
    asio::awaitable<void> pump(Leg& from, Leg& to, Direction direction);
    void open_tap(const Opening& opening, const Endpoint& server);
    void note(Direction direction, BytesView bytes, Timestamp time);
    void end();
    void close_after(std::chrono::nanoseconds time);

    IoThread& thread_;
    const ProxyShared& shared_;
    Leg client_;
    Leg server_;
    asio::steady_timer timer_;
    SessionTap tap_;
    bool tapped_ = false;
    bool closed_ = false;
    int pumps_ended_ = 0;
    bool reset_ = false;
    bool watch_binding_ = false;  // the next thing the client says may be what the server refuses
};

}  // namespace understudy::capture
