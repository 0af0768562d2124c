#include "capture/proxy/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "capture/proxy/login_filter.hpp"

namespace understudy::capture {
namespace {

/// cannot_connect_now: libpq goes on to the next host of its list, as it does when a connection is refused.
constexpr BytesView kCannotConnectNow = "57P03";

}  // namespace

Connection::Connection(Leg::Socket client, IoThread& thread, const ProxyShared& shared)
    : thread_(thread),
      shared_(shared),
      client_(std::move(client)),
      server_(Leg::Socket(thread.context)),
      timer_(thread.context) {
    client_.prepare();
}

Connection::~Connection() {
    tap_.on_close(reset_, system_clock().now());
    thread_.connections.erase(this);
    shared_.counts.connections_open.fetch_sub(1, std::memory_order_relaxed);
}

asio::awaitable<void> Connection::run(std::shared_ptr<Connection> self) {
    Connection& me = *self;
    me.thread_.connections.insert(&me);
    me.close_after(std::chrono::nanoseconds(me.shared_.options.login_patience.count_ns()));
    const auto opening = co_await me.read_opening();
    if (!opening) {
        ProxyCounts::add(me.shared_.counts.connections_rejected);
        co_return me.end();
    }
    const bool reached = co_await me.reach_server(*opening);
    if (!reached) co_return me.end();
    me.timer_.cancel();
    asio::co_spawn(me.thread_.context, run_pump(self, Direction::to_client), asio::detached);
    co_await run_pump(self, Direction::to_server);
}

asio::awaitable<void> Connection::run_pump(std::shared_ptr<Connection> self, Direction direction) {
    Connection& me = *self;
    const bool to_server = direction == Direction::to_server;
    co_await me.pump(to_server ? me.client_ : me.server_, to_server ? me.server_ : me.client_, direction);
    if (++me.pumps_ended_ == 2) me.end();
}

void Connection::end() {
    timer_.cancel();
    close();
}

void Connection::close() {
    closed_ = true;
    client_.close();
    server_.close();
}

void Connection::close_after(std::chrono::nanoseconds time) {
    timer_.expires_after(time);
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
        if (const auto self = weak.lock(); self && !error) self->close();
    });
}

asio::awaitable<bool> Connection::begin_client_tls(BytesView early) {
    const std::string nobody;  // named: g++ 12 loses temporaries of a co_await in a condition
    const auto begun = co_await client_.begin_tls(*shared_.client_tls, nobody, false, early);
    if (begun) co_return true;
    ProxyCounts::add(shared_.counts.tls_failures);
    co_return false;
}

asio::awaitable<std::optional<Connection::Opening>> Connection::read_opening() {
    Prelude prelude(shared_.client_tls.has_value());
    while (true) {
        const PreludeStep step = prelude.next();
        switch (step) {
            case PreludeStep::need_more: {
                const BytesView bytes = co_await client_.read();
                if (bytes.empty()) co_return std::nullopt;
                prelude.append(bytes);
                break;
            }
            case PreludeStep::refuse_encryption:
                if (!co_await client_.send_all("N")) co_return std::nullopt;
                break;
            case PreludeStep::begin_tls:
                if (!co_await client_.send_all("S")) co_return std::nullopt;
                if (!co_await begin_client_tls(BytesView())) co_return std::nullopt;
                break;
            case PreludeStep::direct_tls: {
                const Bytes early = prelude.take();
                if (!co_await begin_client_tls(early)) co_return std::nullopt;
                if (!client_.tls()->alpn_agreed()) co_return std::nullopt;  // as the server demands it
                break;
            }
            case PreludeStep::startup:
            case PreludeStep::cancel: co_return Opening{prelude.take(), step == PreludeStep::cancel};
            case PreludeStep::reject: co_return std::nullopt;
        }
    }
}

void Connection::open_tap(const Opening& opening, const Endpoint& server) {
    if (tapped_) return;
    tapped_ = true;
    const Timestamp now = system_clock().now();
    tap_ = SessionTap(thread_.writer, FlowOpened{FlowId(), client_.peer(), server, now, true});
    note(Direction::to_server, opening.bytes, now);
}

void Connection::note(Direction direction, BytesView bytes, Timestamp time) {
    tap_.on_data(direction, bytes, time);
    ProxyCounts& counts = shared_.counts;
    ProxyCounts::add(direction == Direction::to_server ? counts.bytes_to_server : counts.bytes_to_client, bytes.size());
}

asio::awaitable<void> Connection::refuse(std::string message) {
    ProxyCounts::add(shared_.counts.upstream_failures);
    const Bytes answer = fatal_error(kCannotConnectNow, "understudy proxy: " + message);
    co_await client_.send_all(answer);
    note(Direction::to_client, answer, system_clock().now());
    co_await client_.end_sending();
}

asio::awaitable<bool> Connection::reach_server(const Opening& opening) {
    const std::vector<bool> attempts = shared_.upstream.attempts();
    for (std::size_t i = 0; i < attempts.size() && !closed_; ++i) {
        server_ = Leg(Leg::Socket(thread_.context));
        const auto failure = co_await shared_.upstream.connect(server_, attempts[i]);
        const bool last = i + 1 == attempts.size();
        if (closed_) break;
        if (failure && failure->tls && !last) continue;
        open_tap(opening, failure || shared_.upstream.place().is_unix() ? Endpoint{} : server_.peer());
        if (failure) {
            if (!opening.cancel) co_await refuse(failure->message);
            co_return false;
        }
        const bool sent = co_await server_.send_all(opening.bytes);
        if (opening.cancel) co_return sent && !closed_;
        const bool reached = co_await forward_first_answer(last);
        if (reached) co_return !closed_;
    }
    co_return false;
}

/// False when the other kind of connection is to be tried: the server refused this one, or SCRAM cannot work over it.
asio::awaitable<bool> Connection::forward_first_answer(bool last_attempt) {
    const bool both = client_.tls() != nullptr && server_.tls() != nullptr;
    LoginFilter filter(!both || !net::TlsEngine::same_certificate(*client_.tls(), *server_.tls()));
    Bytes out;
    auto verdict = LoginFilter::Verdict::undecided;
    while (verdict == LoginFilter::Verdict::undecided) {
        const BytesView bytes = co_await server_.read();
        if (bytes.empty()) break;
        verdict = filter.on_server_bytes(bytes, out);
    }
    if (verdict == LoginFilter::Verdict::refused && !last_attempt) co_return false;
    if (both && filter.binding_removed() && !last_attempt) {  // SCRAM would fail here, and without TLS it does not
        ProxyCounts::add(shared_.counts.binding_avoided);
        co_return false;
    }
    if (out.empty()) co_return true;  // it closed without a word; the pumps pass that on
    if (filter.binding_removed()) ProxyCounts::add(shared_.counts.binding_removed);
    watch_binding_ = both && filter.binding_removed();
    const Timestamp now = system_clock().now();
    co_await client_.send_all(out);
    note(Direction::to_client, out, now);
    co_return true;
}

asio::awaitable<void> Connection::pump(Leg& from, Leg& to, Direction direction) {
    const Clock& clock = system_clock();
    bool broken = false;
    while (true) {
        const BytesView piece = co_await from.read();
        if (piece.empty()) break;
        if (broken) continue;  // until the other side's end tells why
        const Timestamp now = clock.now();
        if (watch_binding_ && direction == Direction::to_server) {
            watch_binding_ = false;
            if (declines_binding_unoffered(piece)) ProxyCounts::add(shared_.counts.binding_conflicts);
        }
        BytesView rest = piece;
        Leg::Sent sent = to.send(rest);
        note(direction, piece, now);
        while (sent == Leg::Sent::blocked) {
            co_await to.writable();
            sent = to.send(rest);
        }
        broken = sent == Leg::Sent::broken;
    }
    if (from.ended() == Leg::Ended::broken && direction == Direction::to_server && !closed_) {
        reset_ = true;
        server_.close(true);
        co_return close();
    }
    if (direction == Direction::to_client) close_after(kLinger);
    co_await to.end_sending();
}

}  // namespace understudy::capture
