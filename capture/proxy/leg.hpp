#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <memory>
#include <optional>

#include "capture/packet/endpoint.hpp"
#include "core/base/bytes.hpp"
#include "core/net/tls_socket.hpp"

namespace understudy::capture {

namespace asio = boost::asio;

/// One side of a relayed connection: a non-blocking socket, with or without TLS. One thread.
class Leg {
public:
    using Socket = net::Socket;
    using Sent = net::Sent;
    enum class Ended { open, closed, broken };
    /// Read at once; also what may be under way between two reads.
    static constexpr std::size_t kPiece = 32U << 10U;

    explicit Leg(Socket socket) : socket_(std::move(socket)), buffer_(new char[kPiece]) {}

    /// Sets the socket's options, once it is open.
    void prepare();

    /// From here on TLS; `early` is ciphertext that came already. Errors: Errc::protocol.
    asio::awaitable<Result<void>> begin_tls(const net::TlsContext& context, const std::string& host, bool verify_host,
                                            BytesView early = {});

    /// What comes next, decrypted; valid until the next read. Empty at the end: ended() says which.
    asio::awaitable<BytesView> read();
    [[nodiscard]] Ended ended() const { return ended_; }
    /// Sends what the kernel takes and shortens `bytes`. With TLS what was encrypted waits inside: all of it counts as
    /// sent only when nothing waits. Never waits.
    Sent send(BytesView& bytes);
    /// Sends everything, waiting. False when the connection is broken.
    asio::awaitable<bool> send_all(BytesView bytes);
    asio::awaitable<void> writable();
    /// No more will be sent: close_notify, FIN.
    asio::awaitable<void> end_sending();
    /// Closes at once; with `reset` by a RST.
    void close(bool reset = false);

    [[nodiscard]] const net::TlsEngine* tls() const { return tls_ ? &*tls_ : nullptr; }
    [[nodiscard]] Socket& socket() { return socket_; }
    /// The peer's address. Of a Unix socket 0.0.0.0 and a running number.
    [[nodiscard]] Endpoint peer() const;

private:
    Socket socket_;
    std::optional<net::TlsEngine> tls_;
    std::unique_ptr<char[]> buffer_;
    std::unique_ptr<char[]> plain_;  // with TLS: what was decrypted
    Ended ended_ = Ended::open;
};

}  // namespace understudy::capture
