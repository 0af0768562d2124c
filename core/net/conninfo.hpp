#pragma once

#include <string>

#include "core/base/error.hpp"

namespace understudy::net {

/// Where a server is and as whom to go there: what a libpq connection string or URL says, with libpq's defaults from
/// the environment (PGHOST, PGPASSWORD … ; PostgreSQL docs, "Connection Strings" and "Environment Variables").
struct ConnectionInfo {
    std::string host;  ///< a name, an address, or the directory of a Unix socket
    std::string port;
    std::string user;
    std::string password;
    std::string database;
    bool database_given = false;  ///< in the string itself

    /// For messages: without the password.
    [[nodiscard]] std::string to_string() const;
};

/// Errors: Errc::usage with libpq's words; Errc::unsupported when sslmode demands TLS.
Result<ConnectionInfo> parse_conninfo(const std::string& text);

}  // namespace understudy::net
