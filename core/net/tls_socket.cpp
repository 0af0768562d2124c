#include "core/net/tls_socket.hpp"

#include <sys/socket.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <memory>

#include "core/pgwire/startup.hpp"

namespace understudy::net {
namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kPiece = 16U << 10U;  // a record

}  // namespace

Sent send_some(Socket& socket, BytesView& bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::send(socket.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
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

Sent send_output(Socket& socket, TlsEngine& engine) {
    BytesView output = engine.output();
    const std::size_t before = output.size();
    const Sent sent = send_some(socket, output);
    engine.take(before - output.size());
    return sent;
}

asio::awaitable<Result<bool>> request_tls(Socket& socket) {
    const Bytes request = pgwire::encode_startup(pgwire::SslRequest{});
    const auto [write_error, written] = co_await asio::async_write(socket, asio::buffer(request), kAwait);
    std::array<char, 64> answer{};
    std::size_t count = 0;
    if (!write_error) {
        const auto [read_error, received] = co_await socket.async_read_some(asio::buffer(answer), kAwait);
        count = read_error ? 0 : received;
    }
    // More than the one byte would be plain bytes taken for encrypted ones (CVE-2021-23222).
    if (count != 1 || (answer[0] != 'S' && answer[0] != 'N')) {
        co_return make_error(Errc::protocol, "the server did not answer the request for TLS");
    }
    co_return answer[0] == 'S';
}

asio::awaitable<Result<void>> shake_hands(Socket& socket, TlsEngine& engine) {
    const std::unique_ptr<char[]> buffer(new char[kPiece]);
    while (true) {
        const TlsEngine::Status status = engine.handshake();
        Sent sent = send_output(socket, engine);
        while (sent == Sent::blocked) {
            co_await socket.async_wait(asio::socket_base::wait_write, kAwait);
            sent = send_output(socket, engine);
        }
        if (status == TlsEngine::Status::ok) co_return Result<void>();
        if (status != TlsEngine::Status::want_more) co_return make_error(Errc::protocol, "TLS: " + engine.failure());
        if (sent == Sent::broken) co_return make_error(Errc::protocol, "TLS: the connection broke in the handshake");
        const auto [error, count] = co_await socket.async_read_some(asio::buffer(buffer.get(), kPiece), kAwait);
        if (error) co_return make_error(Errc::protocol, "TLS: the peer ended the handshake");
        engine.feed(BytesView(buffer.get(), count));
    }
}

}  // namespace understudy::net
