#include "app/web/listen_address.hpp"

#include <fmt/format.h>

#include <charconv>

namespace understudy::app {

namespace asio = boost::asio;
using asio::ip::tcp;

Result<tcp::endpoint> parse_listen_address(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    const auto bad = [&] {
        return Result<tcp::endpoint>(
            boost::system::in_place_error,
            make_error(Errc::usage, fmt::format("'{}' is not ADDRESS:PORT, such as 127.0.0.1:9187", text)));
    };
    if (colon == std::string::npos) return bad();
    std::string host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    if (host.empty() || host == "localhost") host = "127.0.0.1";
    unsigned short port = 0;
    const char* end = text.data() + text.size();
    const auto [rest, errc] = std::from_chars(text.data() + colon + 1, end, port);
    boost::system::error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (error || errc != std::errc() || rest != end) return bad();
    return Result<tcp::endpoint>(boost::system::in_place_value, address, port);
}

Result<void> listen_on(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
    boost::system::error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) return {};
    return make_error(Errc::io,
                      fmt::format("{}:{}: {}", endpoint.address().to_string(), endpoint.port(), error.message()));
}

}  // namespace understudy::app
