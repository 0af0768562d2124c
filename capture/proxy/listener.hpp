#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "capture/proxy/place.hpp"
#include "core/base/error.hpp"

namespace understudy::capture {

namespace asio = boost::asio;

/// A socket that listens.
struct Listener {
    asio::basic_socket_acceptor<asio::generic::stream_protocol> acceptor;
    std::string name;         ///< address and port, or path
    std::string socket_path;  ///< of a Unix socket, to be removed in the end
};

/// Listens on all addresses of a place. A Unix socket that nobody listens on any more is replaced. Errors: Errc::io.
Result<void> listen_on(asio::io_context& context, const Place& place, std::vector<Listener>& listeners);

}  // namespace understudy::capture
