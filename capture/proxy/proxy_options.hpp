#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "capture/proxy/place.hpp"
#include "core/base/time.hpp"
#include "core/net/tls_context.hpp"

namespace understudy::capture {

struct ProxyOptions {
    std::vector<Place> listen;
    Place upstream;
    net::TlsServerOptions client_tls;    ///< towards clients; no certificate: TLS is refused ('N')
    net::TlsClientOptions upstream_tls;  ///< towards the server. A Unix socket has none, whatever the mode.
    std::size_t threads = 1;             ///< that relay
    std::size_t queue_bytes = std::size_t{64} << 20U;  ///< between relaying and recording, of all threads together
    Duration login_patience = Duration::seconds(60);   ///< from accept until the server is reached
};

}  // namespace understudy::capture
