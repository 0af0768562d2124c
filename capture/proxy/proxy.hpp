#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "capture/proxy/proxy_options.hpp"
#include "capture/proxy/recorder.hpp"

namespace understudy::capture {

struct ProxyStats {
    std::uint64_t connections_open = 0;
    std::uint64_t connections_total = 0;
    std::uint64_t connections_refused = 0;  ///< not PostgreSQL, TLS that failed, a server that could not be reached
    std::uint64_t tls_failures = 0;
    std::uint64_t bytes_to_server = 0;
    std::uint64_t bytes_to_client = 0;
    std::uint64_t dropped_bytes = 0;  ///< relayed and not recorded
};

/// A proxy that relays PostgreSQL connections and records what passes (docs/proxy.md). Relaying never waits for
/// recording.
class Proxy {
public:
    /// Listens and begins. `digester` and `sink` must outlive the proxy; the sink is called on the recorder's thread
    /// alone. Errors: Errc::usage for places and certificates, Errc::io when an address cannot be listened on.
    static Result<std::unique_ptr<Proxy>> start(ProxyOptions options, const Digester& digester,
                                                RecorderOptions recording, EventSink& sink);
    /// As stop() without grace.
    ~Proxy();
    Proxy(const Proxy&) = delete;
    Proxy& operator=(const Proxy&) = delete;

    /// Stops listening, waits up to `grace` for connections to end, closes those that are left, and records what was
    /// relayed. Then the sink has everything.
    void stop(Duration grace);
    [[nodiscard]] ProxyStats stats() const;
    /// All counters by name, as the file has them. Waits for the sink when that is slow.
    [[nodiscard]] Counters counters() const;
    /// Where it listens: "127.0.0.1:6432", "[::]:6432", a path.
    [[nodiscard]] const std::vector<std::string>& addresses() const;

private:
    struct Impl;
    explicit Proxy(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace understudy::capture
