#include "capture/proxy/upstream.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace understudy::capture {
namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

}  // namespace

Result<Upstream> Upstream::create(const Place& place, const net::TlsClientOptions& tls) {
    if (place.is_unix() || tls.mode == net::SslMode::disable)
        return Upstream(place, net::SslMode::disable, std::nullopt);
    UNDERSTUDY_TRY(net::TlsContext context, net::TlsContext::for_server(tls));
    return Upstream(place, tls.mode, std::move(context));
}

asio::awaitable<std::vector<Upstream::Address>> Upstream::addresses(std::string& failure) const {
    std::vector<Address> found;
    if (place_.is_unix()) {
        found.emplace_back(asio::local::stream_protocol::endpoint(place_.socket_path()));
        co_return found;
    }
    boost::system::error_code error;
    const auto numeric = asio::ip::make_address(place_.host, error);
    if (!error) {
        found.emplace_back(asio::ip::tcp::endpoint(numeric, static_cast<std::uint16_t>(std::stoul(place_.port))));
        co_return found;
    }
    asio::ip::tcp::resolver resolver(co_await asio::this_coro::executor);
    const auto [resolve_error, results] = co_await resolver.async_resolve(place_.host, place_.port, kAwait);
    if (resolve_error) failure = resolve_error.message();
    for (const auto& result : results) found.emplace_back(result.endpoint());
    co_return found;
}

asio::awaitable<std::optional<UpstreamFailure>> Upstream::connect(Leg& leg, bool tls) const {
    std::string failure = "no address";
    const std::vector<Address> found = co_await addresses(failure);
    for (const Address& address : found) {
        leg.close();
        const auto [error] = co_await leg.socket().async_connect(address, kAwait);
        if (error) {
            failure = error.message();
            if (error == asio::error::operation_aborted) break;
            continue;
        }
        leg.prepare();
        if (!tls) co_return std::nullopt;
        co_return co_await begin_tls(leg);
    }
    co_return UpstreamFailure{fmt::format("cannot connect to {}: {}", place_.to_string(), failure), false};
}

asio::awaitable<std::optional<UpstreamFailure>> Upstream::begin_tls(Leg& leg) const {
    const auto agreed = co_await net::request_tls(leg.socket());
    if (!agreed) co_return UpstreamFailure{fmt::format("{}: {}", place_.to_string(), agreed.error().message), true};
    if (!*agreed && mode_ == net::SslMode::prefer) co_return std::nullopt;
    if (!*agreed) {
        co_return UpstreamFailure{fmt::format("{} does not offer TLS, which its sslmode demands", place_.to_string()),
                                  true};
    }
    const auto begun = co_await leg.begin_tls(*tls_, place_.host, mode_ == net::SslMode::verify_full);
    if (begun) co_return std::nullopt;
    co_return UpstreamFailure{fmt::format("{}: {}", place_.to_string(), begun.error().message), true};
}

}  // namespace understudy::capture
