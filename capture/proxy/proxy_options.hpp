#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "capture/proxy/place.hpp"
#include "core/base/time.hpp"

namespace understudy::capture {

/// libpq's sslmode (PostgreSQL docs, "SSL Support", table of SSL modes).
enum class SslMode { disable, allow, prefer, require, verify_ca, verify_full };
/// Errors: Errc::usage.
Result<SslMode> parse_ssl_mode(const std::string& text);

/// TLS towards clients: PEM files. No certificate: TLS is refused ('N').
struct ClientTls {
    std::string certificate;  ///< with the chain after it
    std::string key;
};

/// TLS towards the server, as libpq has it. A Unix socket has none, whatever the mode.
struct UpstreamTls {
    SslMode mode = SslMode::prefer;
    std::string root_certificate;  ///< PEM file; "system": the system's roots. The verify modes need one of them;
                                   ///< with a file, `require` verifies as verify_ca does, as in libpq.
    std::string certificate;       ///< of the proxy as a client, with its key; optional
    std::string key;
};

struct ProxyOptions {
    std::vector<Place> listen;
    Place upstream;
    ClientTls client_tls;
    UpstreamTls upstream_tls;
    std::size_t threads = 1;                           ///< that relay
    std::size_t queue_bytes = std::size_t{64} << 20U;  ///< between relaying and recording, of all threads together
    Duration login_patience = Duration::seconds(60);   ///< from accept until the server is reached
};

}  // namespace understudy::capture
