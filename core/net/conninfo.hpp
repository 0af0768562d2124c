#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "core/net/tls_context.hpp"
#include "core/pgwire/auth_policy.hpp"

namespace understudy::net {

/// One of the servers that a connection string names.
struct HostEntry {
    std::string host;     ///< a name, an address, or the directory of a Unix socket; empty when only hostaddr was given
    std::string address;  ///< hostaddr: where to connect instead of looking the name up
    std::string port;
    [[nodiscard]] bool is_unix() const { return address.empty() && (host[0] == '/' || host[0] == '@'); }
};

/// Where a server is, as whom and how to go there: what a libpq connection string or URL says, with what it leaves open
/// from its service, the environment (PGHOST, PGSSLMODE …) and libpq's defaults, in this order (PostgreSQL docs,
/// "Connection Strings", "The Connection Service File", "Environment Variables").
struct ConnectionInfo {
    std::vector<HostEntry> hosts;  ///< to be tried in this order; never empty
    std::string user;
    std::string password;  ///< of `user`; empty: look into the password file
    std::string database;
    bool database_given = false;  ///< in the string or its service
    std::string password_file;
    TlsClientOptions tls;
    pgwire::ChannelBinding channel_binding = pgwire::ChannelBinding::prefer;
    pgwire::AuthMethods methods;
    std::optional<Duration> connect_timeout;  ///< for each address

    /// For messages: without the password.
    [[nodiscard]] std::string to_string() const;
};

/// Errors: Errc::usage with libpq's words; Errc::unsupported for what only libpq's own connections can do
/// (gssencmode=require, sslnegotiation=direct, target_session_attrs, load_balance_hosts, requirepeer).
Result<ConnectionInfo> parse_conninfo(const std::string& text);

}  // namespace understudy::net
