#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/net/tls.hpp"

namespace understudy::net {

namespace asio = boost::asio;

using Socket = asio::generic::stream_protocol::socket;
enum class Sent { all, blocked, broken };

/// Sends what the kernel takes of `bytes` and takes it off their front. Never waits.
Sent send_some(Socket& socket, BytesView& bytes);
/// Sends what the kernel takes of the engine's output. Never waits.
Sent send_output(Socket& socket, TlsEngine& engine);

/// Asks the server for TLS (PostgreSQL docs, "SSL Session Encryption"): whether it agrees. Nothing else may have been
/// sent or received on the socket. Errors: Errc::protocol when it answers anything but one byte, S or N.
asio::awaitable<Result<bool>> request_tls(Socket& socket);
/// Performs the handshake of a new engine. Errors: Errc::protocol with OpenSSL's words.
asio::awaitable<Result<void>> shake_hands(Socket& socket, TlsEngine& engine);

}  // namespace understudy::net
