#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <optional>
#include <vector>

#include "capture/proxy/leg.hpp"
#include "capture/proxy/proxy_options.hpp"

namespace understudy::capture {

/// Why the server was not reached.
struct UpstreamFailure {
    std::string message;
    bool tls = false;  ///< it answers, but not with the encryption asked for: without (or with) it, it may
};

/// How to reach the server. Shared by all connections, read only.
class Upstream {
public:
    /// Errors: Errc::usage for certificates that cannot be read.
    static Result<Upstream> create(const Place& place, const net::TlsClientOptions& tls);

    /// With TLS or without, in the order in which libpq tries them for the mode.
    [[nodiscard]] std::vector<bool> attempts() const { return net::tls_attempts(mode_); }
    /// Makes `leg` a connection: all addresses of the name in turn, then TLS when asked for. When the server has none
    /// and the mode is `prefer`, the connection is plain.
    asio::awaitable<std::optional<UpstreamFailure>> connect(Leg& leg, bool tls) const;
    [[nodiscard]] const Place& place() const { return place_; }

private:
    Upstream(Place place, net::SslMode mode, std::optional<net::TlsContext> tls)
        : place_(std::move(place)), mode_(mode), tls_(std::move(tls)) {}
    using Address = asio::generic::stream_protocol::endpoint;
    asio::awaitable<std::vector<Address>> addresses(std::string& failure) const;
    asio::awaitable<std::optional<UpstreamFailure>> begin_tls(Leg& leg) const;

    Place place_;
    net::SslMode mode_;
    std::optional<net::TlsContext> tls_;
};

}  // namespace understudy::capture
