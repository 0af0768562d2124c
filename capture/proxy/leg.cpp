#include "capture/proxy/leg.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>

namespace understudy::capture {
namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

Endpoint unix_peer() {
    static std::atomic<std::uint16_t> running{0};
    Endpoint endpoint;
    endpoint.port = ++running;
    return endpoint;
}

}  // namespace

void Leg::prepare() {
    boost::system::error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);  // neither is there on a Unix socket
    socket_.set_option(asio::socket_base::keep_alive(true), ignored);
}

asio::awaitable<Result<void>> Leg::begin_tls(const TlsContext& context, const std::string& host, bool verify_host,
                                             BytesView early) {
    plain_.reset(new char[kPiece]);
    tls_.emplace(context, host, verify_host);
    tls_->feed(early);
    while (true) {
        const TlsEngine::Status status = tls_->handshake();
        Sent sent = send_output();
        while (sent == Sent::blocked) {
            co_await writable();
            sent = send_output();
        }
        if (status == TlsEngine::Status::ok) co_return Result<void>();
        if (status != TlsEngine::Status::want_more) co_return make_error(Errc::protocol, "TLS: " + tls_->failure());
        if (sent == Sent::broken) co_return make_error(Errc::protocol, "TLS: the connection broke in the handshake");
        const auto [error, count] = co_await socket_.async_read_some(asio::buffer(buffer_.get(), kPiece), kAwait);
        if (error) co_return make_error(Errc::protocol, "TLS: the peer ended the handshake");
        tls_->feed(BytesView(buffer_.get(), count));
    }
}

asio::awaitable<BytesView> Leg::read() {
    while (ended_ == Ended::open) {
        if (tls_) {
            std::size_t count = 0;
            const TlsEngine::Status status = tls_->read(plain_.get(), kPiece, count);
            if (status == TlsEngine::Status::ok) co_return BytesView(plain_.get(), count);
            if (!tls_->output().empty()) (void)send_output();  // an alert, a key update; what blocks goes with the next
            if (status != TlsEngine::Status::want_more) {
                ended_ = status == TlsEngine::Status::closed ? Ended::closed : Ended::broken;
                break;
            }
        }
        const auto [error, count] = co_await socket_.async_read_some(asio::buffer(buffer_.get(), kPiece), kAwait);
        if (error) {
            ended_ = error == asio::error::eof ? Ended::closed : Ended::broken;
            break;
        }
        const BytesView piece(buffer_.get(), count);
        if (!tls_) co_return piece;
        tls_->feed(piece);
    }
    co_return BytesView();
}

Leg::Sent Leg::send_raw(BytesView& bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(n));
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            return Sent::blocked;
        } else if (errno != EINTR) {
            return Sent::broken;
        }
    }
    return Sent::all;
}

Leg::Sent Leg::send_output() {
    BytesView output = tls_->output();
    const std::size_t before = output.size();
    const Sent sent = send_raw(output);
    tls_->take(before - output.size());
    return sent;
}

Leg::Sent Leg::send(BytesView& bytes) {
    if (!tls_) return send_raw(bytes);
    if (!tls_->write(bytes)) return Sent::broken;
    bytes = {};
    return send_output();
}

asio::awaitable<bool> Leg::send_all(BytesView bytes) {
    Sent sent = send(bytes);
    while (sent == Sent::blocked) {
        co_await writable();
        sent = send(bytes);
    }
    co_return sent == Sent::all;
}

asio::awaitable<void> Leg::writable() { co_await socket_.async_wait(asio::socket_base::wait_write, kAwait); }

asio::awaitable<void> Leg::end_sending() {
    if (tls_) {
        tls_->shut_down();
        co_await send_all(BytesView());
    }
    boost::system::error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
}

void Leg::close(bool reset) {
    boost::system::error_code ignored;
    if (reset) socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
}

Endpoint Leg::peer() const {
    boost::system::error_code error;
    const auto remote = socket_.remote_endpoint(error);
    Endpoint endpoint;
    if (error) return endpoint;
    if (remote.data()->sa_family == AF_INET) {
        sockaddr_in address{};
        std::memcpy(&address, remote.data(), std::min(sizeof address, remote.size()));
        std::memcpy(endpoint.address.data(), &address.sin_addr, sizeof address.sin_addr);
        endpoint.port = ntohs(address.sin_port);
    } else if (remote.data()->sa_family == AF_INET6) {
        sockaddr_in6 address{};
        std::memcpy(&address, remote.data(), std::min(sizeof address, remote.size()));
        const auto* bytes = address.sin6_addr.s6_addr;
        endpoint.v6 = !IN6_IS_ADDR_V4MAPPED(&address.sin6_addr);
        std::copy(endpoint.v6 ? bytes : bytes + 12, bytes + 16, endpoint.address.begin());
        endpoint.port = ntohs(address.sin6_port);
    } else {
        endpoint = unix_peer();
    }
    return endpoint;
}

}  // namespace understudy::capture
