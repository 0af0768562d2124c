#include "capture/proxy/leg.hpp"

#include <netinet/in.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
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

asio::awaitable<Result<void>> Leg::begin_tls(const net::TlsContext& context, const std::string& host, bool verify_host,
                                             BytesView early) {
    plain_.reset(new char[kPiece]);
    tls_.emplace(context, host, verify_host);
    tls_->feed(early);
    return net::shake_hands(socket_, *tls_);
}

asio::awaitable<BytesView> Leg::read() {
    while (ended_ == Ended::open) {
        if (tls_) {
            std::size_t count = 0;
            const net::TlsEngine::Status status = tls_->read(plain_.get(), kPiece, count);
            if (status == net::TlsEngine::Status::ok) co_return BytesView(plain_.get(), count);
            if (!tls_->output().empty())
                (void)net::send_output(socket_, *tls_);  // an alert, a key update; what blocks goes with the next
            if (status != net::TlsEngine::Status::want_more) {
                ended_ = status == net::TlsEngine::Status::closed ? Ended::closed : Ended::broken;
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

Leg::Sent Leg::send(BytesView& bytes) {
    if (!tls_) return net::send_some(socket_, bytes);
    if (!tls_->write(bytes)) return Sent::broken;
    bytes = {};
    return net::send_output(socket_, *tls_);
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
