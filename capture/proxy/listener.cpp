#include "capture/proxy/listener.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>

namespace understudy::capture {
namespace {

using Address = asio::generic::stream_protocol::endpoint;
using ErrorCode = boost::system::error_code;

Error cannot_listen(const std::string& name, const ErrorCode& error) {
    return make_error(Errc::io, fmt::format("cannot listen on {}: {}", name, error.message()));
}

Result<void> open_acceptor(Listener& listener, const Address& address, bool both_families) {
    ErrorCode error;
    auto& acceptor = listener.acceptor;
    acceptor.open(address.protocol(), error);
    if (error) return cannot_listen(listener.name, error);
    if (listener.socket_path.empty()) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (address.protocol().family() == AF_INET6) acceptor.set_option(asio::ip::v6_only(!both_families), error);
    if (!error) acceptor.bind(address, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return cannot_listen(listener.name, error);
    return {};
}

Result<void> listen_on_path(asio::io_context& context, const std::string& path, std::vector<Listener>& listeners) {
    const asio::local::stream_protocol::endpoint address(path);
    asio::local::stream_protocol::socket probe(context);
    ErrorCode error;
    probe.connect(address, error);
    if (!error) return make_error(Errc::io, fmt::format("cannot listen on {}: another program does", path));
    if (error == asio::error::connection_refused) unlink(path.c_str());
    Listener listener{asio::basic_socket_acceptor<asio::generic::stream_protocol>(context), path, path};
    UNDERSTUDY_CHECK(open_acceptor(listener, address, false));
    listeners.push_back(std::move(listener));
    return {};
}

Result<void> listen_on_address(asio::io_context& context, const asio::ip::tcp::endpoint& address, bool both_families,
                               std::vector<Listener>& listeners) {
    const auto name = [](const asio::ip::tcp::endpoint& end) {
        return Place{end.address().to_string(), std::to_string(end.port())}.to_string();
    };
    Listener listener{asio::basic_socket_acceptor<asio::generic::stream_protocol>(context), name(address), {}};
    UNDERSTUDY_CHECK(open_acceptor(listener, address, both_families));
    asio::ip::tcp::endpoint bound;
    const auto local = listener.acceptor.local_endpoint();
    bound.resize(local.size());
    std::copy_n(static_cast<const char*>(static_cast<const void*>(local.data())), local.size(),
                static_cast<char*>(static_cast<void*>(bound.data())));
    listener.name = name(bound);
    listeners.push_back(std::move(listener));
    return {};
}

}  // namespace

Result<void> listen_on(asio::io_context& context, const Place& place, std::vector<Listener>& listeners) {
    if (place.is_unix()) return listen_on_path(context, place.socket_path(), listeners);
    if (place.host == "*") {
        const auto port = static_cast<std::uint16_t>(std::stoul(place.port));
        if (listen_on_address(context, {asio::ip::tcp::v6(), port}, true, listeners)) return {};
        return listen_on_address(context, {asio::ip::tcp::v4(), port}, false, listeners);  // a host without IPv6
    }
    ErrorCode error;
    asio::ip::tcp::resolver resolver(context);
    const auto found = resolver.resolve(place.host, place.port, asio::ip::resolver_base::passive, error);
    if (error) return cannot_listen(place.to_string(), error);
    for (const auto& entry : found) UNDERSTUDY_CHECK(listen_on_address(context, entry.endpoint(), false, listeners));
    return {};
}

}  // namespace understudy::capture
