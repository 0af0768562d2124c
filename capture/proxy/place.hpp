#pragma once

#include <string>

#include "core/base/error.hpp"

namespace understudy::capture {

/// Where the proxy listens, or where the server is.
struct Place {
    std::string host;  ///< a name, an address or "*" (all); or, beginning with '/', a directory or a socket
    std::string port;  ///< empty: `host` is the Unix socket itself

    [[nodiscard]] bool is_unix() const { return !host.empty() && host[0] == '/'; }
    /// The Unix socket's path: DIRECTORY/.s.PGSQL.PORT, as PostgreSQL names it, or the path as given.
    [[nodiscard]] std::string socket_path() const;
    [[nodiscard]] std::string to_string() const;
    friend bool operator==(const Place&, const Place&) = default;
};

/// Reads "ADDRESS:PORT", "[IPV6]:PORT", "*:PORT", "/DIRECTORY:PORT" or "/SOCKET". Port 0 is one that the system
/// chooses. Errors: Errc::usage.
Result<Place> parse_place(const std::string& text);

}  // namespace understudy::capture
