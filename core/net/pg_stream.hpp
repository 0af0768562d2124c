#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "core/net/server.hpp"
#include "core/net/tls_socket.hpp"
#include "core/pgwire/frame_reader.hpp"
#include "core/pgwire/login.hpp"
#include "core/pgwire/startup.hpp"

namespace understudy::net {

/// One row of a synthetic query, in text.
using TextRow = std::vector<std::optional<Bytes>>;

/// What a login found.
struct LoginFacts {
    std::uint32_t process_id = 0;
    Bytes secret_key;
    std::vector<std::pair<Bytes, Bytes>> settings;
    std::size_t address = 0;  ///< which of the server's
    bool encrypted = false;
};

/// One connection to a PostgreSQL server, plain or with TLS, as a client. All calls from one executor, one at a time.
/// The socket is non-blocking: try_send() and try_receive() never wait.
class PgStream {
public:
    explicit PgStream(asio::any_io_executor executor) : socket_(executor), timer_(executor) {}

    /// Connects and logs in, as libpq would: each address in turn until one is reached, with TLS or without as the
    /// sslmode has it; where it leaves that open, the other way too when the server refuses this one before anything
    /// was proven. `timeout` is each attempt's. Errors: Errc::io when nobody listens, Errc::auth, Errc::protocol,
    /// Errc::unsupported. `refusal_sqlstate` gets the server's SQLSTATE when it refused. `server` must outlive the
    /// call.
    asio::awaitable<Result<LoginFacts>> open(const Server& server, pgwire::StartupMessage startup, Duration timeout,
                                             Bytes* refusal_sqlstate = nullptr);

    /// Sends some of `bytes` and takes them off its front; nothing when the kernel's buffer is full. With TLS, bytes
    /// that are encrypted already and not sent yet stay in front: the next call has to begin with them.
    Result<void> try_send(BytesView& bytes);
    /// Receives what is there into `buffer`; 0 bytes when nothing is, Errc::end_of_file when the server closed. Less
    /// than the buffer's size: nothing more is there.
    Result<BytesView> try_receive(std::vector<char>& buffer);
    /// Whether decrypted bytes wait for try_receive(), of which the socket knows nothing.
    [[nodiscard]] bool holds_received() const { return holds_received_; }
    asio::awaitable<void> wait_readable();
    asio::awaitable<void> wait_readable_or_writable();
    /// Sends everything. For small messages outside the data path.
    asio::awaitable<Result<void>> send(BytesView bytes);

    /// Runs a Query of one statement and returns its rows; for control, not for recorded traffic. Errors:
    /// Errc::protocol with the server's message.
    asio::awaitable<Result<std::vector<TextRow>>> query(std::string sql);
    /// The same for frames that the server answers with one ReadyForQuery.
    asio::awaitable<Result<std::vector<TextRow>>> ask(Bytes frames);

    void close();
    [[nodiscard]] Socket& socket() { return socket_; }

private:
    struct Attempt;
    struct Failure;
    asio::awaitable<std::optional<Failure>> connect(const Attempt& attempt);
    asio::awaitable<std::optional<Failure>> secure(const Attempt& attempt);
    asio::awaitable<std::optional<Failure>> log_in(const Attempt& attempt, pgwire::Login login, LoginFacts& facts);
    Result<void> try_send_encrypted(BytesView& bytes);
    Result<BytesView> try_receive_encrypted(std::vector<char>& buffer);
    asio::awaitable<Result<BytesView>> receive(std::vector<char>& buffer);

    Socket socket_;
    asio::steady_timer timer_;
    std::optional<TlsEngine> tls_;
    std::vector<char> ciphertext_;  // what comes, before it is decrypted
    std::size_t encrypted_ = 0;     // bytes of the next try_send() that are encrypted already
    bool holds_received_ = false;
};

/// Asks the server that was logged in to to cancel what the backend is doing, over TLS where the connection has it and
/// the sslmode demands it. Failures are of no consequence and not told. `server` must outlive the call.
asio::awaitable<void> send_cancel(asio::any_io_executor executor, const Server& server, LoginFacts login);

/// A nonce for SCRAM from the system's secure generator.
Bytes make_nonce();

}  // namespace understudy::net
