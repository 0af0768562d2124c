#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <memory>

#include "core/net/pg_stream.hpp"

namespace understudy::net {
namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr auto kTimeout = std::chrono::seconds(10);

/// TLS on a socket on which nothing has been said yet, the packet encrypted with it; empty when that fails.
asio::awaitable<Bytes> encrypt(Socket& socket, TlsEngine& engine, BytesView packet) {
    const auto agreed = co_await request_tls(socket);
    if (!agreed || !*agreed) co_return Bytes();
    const auto shaken = co_await shake_hands(socket, engine);
    if (!shaken || !engine.write(packet)) co_return Bytes();
    co_return Bytes(engine.output());
}

}  // namespace

asio::awaitable<void> send_cancel(asio::any_io_executor executor, const Server& server, LoginFacts login) {
    const ServerAddress& address = server.addresses()[login.address];
    const SslMode mode = server.info().tls.mode;
    // The timer closes the socket, which ends whatever waits on it.
    const auto socket = std::make_shared<Socket>(executor);
    asio::steady_timer timer(executor, kTimeout);
    timer.async_wait([socket](const boost::system::error_code& error) {
        boost::system::error_code ignored;
        if (!error) socket->close(ignored);
    });
    Bytes packet = pgwire::encode_startup(pgwire::CancelRequest{login.process_id, login.secret_key});
    const auto [refused] = co_await socket->async_connect(address.endpoint, kAwait);
    if (refused) co_return;
    std::optional<TlsEngine> engine;
    if (login.encrypted && demands_tls(mode)) {
        engine.emplace(*server.tls(), address.entry.host, mode == SslMode::verify_full);
        packet = co_await encrypt(*socket, *engine, packet);
        if (packet.empty()) co_return;
    }
    co_await asio::async_write(*socket, asio::buffer(packet), kAwait);
    // The server closes once the signal is sent.
    std::array<char, 1> byte{};
    co_await socket->async_read_some(asio::buffer(byte), kAwait);
}

}  // namespace understudy::net
