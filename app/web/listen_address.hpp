#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "core/base/error.hpp"

namespace understudy::app {

/// "127.0.0.1:9187", "[::1]:9187", ":9187" or "localhost:9187" (loopback). Errors: Errc::usage.
Result<boost::asio::ip::tcp::endpoint> parse_listen_address(const std::string& text);

/// Opens, binds, listens. Errors: Errc::io.
Result<void> listen_on(boost::asio::ip::tcp::acceptor& acceptor, const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace understudy::app
