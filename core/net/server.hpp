#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/net/conninfo.hpp"
#include "core/net/password_file.hpp"
#include "core/net/tls_context.hpp"

namespace understudy::net {

/// One address of a server.
struct ServerAddress {
    boost::asio::generic::stream_protocol::endpoint endpoint;
    HostEntry entry;  ///< what it was found by; its name is the one that certificates are verified against
};

/// All that is needed to connect to a server, found once: addresses, certificates, passwords. A value; read only.
class Server {
public:
    /// Looks the hosts up (blocking), loads certificates and password files. `credentials`: a file of `--credentials`,
    /// or empty. Errors: Errc::io when no host has an address; Errc::usage for files that cannot be used.
    static Result<Server> prepare(ConnectionInfo info, const std::string& credentials = {});

    Server() = default;
    [[nodiscard]] const ConnectionInfo& info() const { return info_; }
    /// In the order in which they are to be tried.
    [[nodiscard]] const std::vector<ServerAddress>& addresses() const { return addresses_; }
    /// Nothing when TLS is never to be used.
    [[nodiscard]] const std::optional<TlsContext>& tls() const { return tls_; }
    /// With TLS or without, in the order of the sslmode; a Unix socket has none, as in libpq.
    [[nodiscard]] std::vector<bool> attempts(const ServerAddress& address) const;
    /// The connection string's for its own user; else from the credentials, else from libpq's password file. Empty when
    /// there is none.
    [[nodiscard]] std::string password_for(const HostEntry& entry, BytesView database, BytesView user) const;
    /// What to tell the user.
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

private:
    ConnectionInfo info_;
    std::vector<ServerAddress> addresses_;
    std::optional<TlsContext> tls_;
    PasswordFile credentials_;
    PasswordFile password_file_;
    std::vector<std::string> warnings_;
};

}  // namespace understudy::net
