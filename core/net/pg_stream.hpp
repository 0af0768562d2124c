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
#include "core/net/conninfo.hpp"
#include "core/pgwire/frame_reader.hpp"
#include "core/pgwire/startup.hpp"

namespace understudy::net {

namespace asio = boost::asio;

/// Where a server listens, resolved once.
using Address = asio::generic::stream_protocol::endpoint;
/// Resolves the host (blocking). Errors: Errc::io.
Result<Address> resolve(const ConnectionInfo& info);

/// One row of a synthetic query, in text.
using TextRow = std::vector<std::optional<Bytes>>;

/// What a login found.
struct LoginFacts {
    std::uint32_t process_id = 0;
    Bytes secret_key;
    std::vector<std::pair<Bytes, Bytes>> settings;
};

/// One plain connection to a PostgreSQL server, as a client. All calls from one executor, one at a time. The socket is
/// non-blocking: try_send() and try_receive() never wait.
class PgStream {
public:
    explicit PgStream(asio::any_io_executor executor) : socket_(executor), timer_(executor) {}

    /// Connects and logs in. Errors: Errc::io when nobody listens, Errc::auth, Errc::protocol. `refusal_sqlstate` gets
    /// the server's SQLSTATE when it refused.
    asio::awaitable<Result<LoginFacts>> open(Address address, pgwire::StartupMessage startup, std::string password,
                                             Duration timeout, Bytes* refusal_sqlstate = nullptr);

    /// Sends some of `bytes` and takes them off its front; nothing when the kernel's buffer is full.
    Result<void> try_send(BytesView& bytes);
    /// Receives what is there into `buffer`; 0 bytes when nothing is, Errc::end_of_file when the server closed.
    Result<BytesView> try_receive(std::vector<char>& buffer);
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
    [[nodiscard]] asio::generic::stream_protocol::socket& socket() { return socket_; }

private:
    asio::awaitable<Result<BytesView>> receive(std::vector<char>& buffer);

    asio::generic::stream_protocol::socket socket_;
    asio::steady_timer timer_;
};

/// Asks the server behind `address` to cancel what the backend is doing. Failures are of no consequence and not told.
asio::awaitable<void> send_cancel(asio::any_io_executor executor, Address address, std::uint32_t process_id,
                                  Bytes secret_key);

/// A nonce for SCRAM from the system's secure generator.
Bytes make_nonce();

}  // namespace understudy::net
