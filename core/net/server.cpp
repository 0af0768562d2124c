#include "core/net/server.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

namespace understudy::net {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kMaxAddresses = 256;
constexpr std::size_t kMaxSocketPath = 107;  // sockaddr_un, with its final zero
constexpr const char* kDefaultSocketDirectory = "/var/run/postgresql";

Result<void> find_socket(const HostEntry& entry, std::vector<ServerAddress>& found) {
    std::string path = entry.host + "/.s.PGSQL." + entry.port;
    if (path.size() > kMaxSocketPath) {
        return make_error(Errc::usage, fmt::format("the socket path {} is too long", path));
    }
    if (path[0] == '@') path[0] = '\0';
    found.push_back({asio::local::stream_protocol::endpoint(path), entry});
    return {};
}

Result<void> find_addresses(const HostEntry& entry, std::vector<ServerAddress>& found) {
    if (entry.is_unix()) return find_socket(entry, found);
    asio::io_context context;
    asio::ip::tcp::resolver resolver(context);
    boost::system::error_code error;
    const bool numeric = !entry.address.empty();
    const auto flags = numeric ? asio::ip::tcp::resolver::numeric_host : asio::ip::tcp::resolver::flags();
    const auto results = resolver.resolve(numeric ? entry.address : entry.host, entry.port, flags, error);
    if (error || results.empty()) {
        return make_error(Errc::io, fmt::format("cannot find the server {}:{}: {}",
                                                numeric ? entry.address : entry.host, entry.port, error.message()));
    }
    for (const auto& result : results) {
        if (found.size() < kMaxAddresses) found.push_back({result.endpoint(), entry});
    }
    return {};
}

}  // namespace

Result<Server> Server::prepare(ConnectionInfo info, const std::string& credentials) {
    Server server;
    std::optional<Error> unknown;
    for (const HostEntry& entry : info.hosts) {
        const auto found = find_addresses(entry, server.addresses_);
        if (!found && found.error().code != Errc::io) return found.error();
        if (!found) unknown = found.error();
    }
    if (server.addresses_.empty()) return unknown ? *unknown : make_error(Errc::io, "the server has no address");
    bool by_network = false;
    for (const ServerAddress& address : server.addresses_) by_network = by_network || !address.entry.is_unix();
    if (by_network && info.tls.mode != SslMode::disable) {
        UNDERSTUDY_TRY(server.tls_, TlsContext::for_server(info.tls));
    }
    if (!credentials.empty()) {
        UNDERSTUDY_TRY(server.credentials_, PasswordFile::read_strictly(credentials));
    }
    server.password_file_ = PasswordFile::read_leniently(info.password_file, server.warnings_);
    server.info_ = std::move(info);
    return server;
}

std::vector<bool> Server::attempts(const ServerAddress& address) const {
    if (!tls_ || address.entry.is_unix()) return {false};
    return tls_attempts(info_.tls.mode);
}

std::string Server::password_for(const HostEntry& entry, BytesView database, BytesView user) const {
    if (user == info_.user && !info_.password.empty()) return info_.password;
    BytesView host = entry.host.empty() ? entry.address : entry.host;
    if (host == kDefaultSocketDirectory) host = "localhost";
    for (const PasswordFile* file : {&credentials_, &password_file_}) {
        if (auto password = file->find(host, entry.port, database, user)) return std::move(*password);
    }
    return {};
}

}  // namespace understudy::net
