#include "app/web/hook_post.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include "app/service/hook_address.hpp"

namespace understudy::app {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using service::HookAddress;
using service::HookAnswer;
using service::HookRequest;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr auto kHookTime = std::chrono::seconds(10);

HookAnswer no_answer(const beast::error_code& error) {
    return {0, std::nullopt, {}, error == beast::error::timeout ? "no answer within ten seconds" : error.message()};
}

template <class Stream>
asio::awaitable<HookAnswer> exchange(Stream& stream, const HookRequest& hook, const HookAddress& address) {
    http::request<http::string_body> request(http::string_to_verb(hook.method), address.target, 11);
    request.set(http::field::host, address.authority);
    request.set(http::field::user_agent, "understudy/" UNDERSTUDY_VERSION);
    request.set(http::field::content_type, "application/json");
    for (const auto& [name, value] : hook.headers) request.set(name, value);
    request.keep_alive(false);
    request.body() = hook.body;
    request.prepare_payload();
    http::request_serializer<http::string_body> serializer(request);
    const auto [unsent, written] = co_await http::async_write(stream, serializer, kAwait);
    if (unsent) co_return no_answer(unsent);
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(service::kMaxHookAnswer);
    const auto [headless, head_size] = co_await http::async_read_header(stream, buffer, parser, kAwait);
    if (headless) co_return no_answer(headless);
    HookAnswer answer;
    answer.status = static_cast<int>(parser.get().result_int());
    answer.retry_after = service::parse_retry_after(std::string(parser.get()[http::field::retry_after]));
    answer.why = fmt::format("it answered {}", answer.status);
    if (hook.method != "GET") co_return answer;  // what it says besides does not matter
    const auto [torn, size] = co_await http::async_read(stream, buffer, parser, kAwait);
    if (torn) co_return no_answer(torn);
    answer.body = std::move(parser.get().body());
    co_return answer;
}

Result<void> trust(asio::ssl::context& context, const std::string& ca_file) {
    boost::system::error_code error;
    using Context = asio::ssl::context;
    context.set_options(
        Context::default_workarounds | Context::no_sslv2 | Context::no_sslv3 | Context::no_tlsv1 | Context::no_tlsv1_1, error);
    if (!error) context.set_verify_mode(asio::ssl::verify_peer, error);
    if (!error && ca_file.empty()) context.set_default_verify_paths(error);
    if (!error && !ca_file.empty()) context.load_verify_file(ca_file, error);
    if (error) return make_error(Errc::io, fmt::format("{}: {}", ca_file.empty() ? "TLS" : ca_file, error.message()));
    return {};
}

asio::awaitable<HookAnswer> request_once(HookRequest hook, std::string ca_file) {
    const auto address = service::parse_hook_url(hook.url);
    if (!address) co_return HookAnswer{0, std::nullopt, {}, address.error().message};
    const auto executor = co_await asio::this_coro::executor;
    tcp::resolver resolver(executor);
    const auto [unresolved, places] = co_await resolver.async_resolve(address->host, address->port, kAwait);
    if (unresolved) co_return no_answer(unresolved);
    beast::tcp_stream plain(executor);
    plain.expires_after(kHookTime);
    const auto [unconnected, place] = co_await plain.async_connect(places, kAwait);
    if (unconnected) co_return no_answer(unconnected);
    if (!address->secure) co_return co_await exchange(plain, hook, *address);
    asio::ssl::context context(asio::ssl::context::tls_client);
    const auto trusting = trust(context, ca_file);
    if (!trusting) co_return HookAnswer{0, std::nullopt, {}, trusting.error().message};
    beast::ssl_stream<beast::tcp_stream> stream(std::move(plain), context);
    stream.set_verify_callback(asio::ssl::host_name_verification(address->host));
    // The name may not be an address (RFC 6066 section 3).
    boost::system::error_code is_name;
    static_cast<void>(asio::ip::make_address(address->host, is_name));
    if (is_name) {  // SSL_set_tlsext_host_name, whose macro has an old-style cast
        SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(address->host.c_str()));
    }
    const auto [untrusted] = co_await stream.async_handshake(asio::ssl::stream_base::client, kAwait);
    if (untrusted) co_return no_answer(untrusted);
    co_return co_await exchange(stream, hook, *address);
}

/// Makes the request the change of a comment that is there. Gives the answer that is in the way, where there is one.
asio::awaitable<std::optional<HookAnswer>> find_comment(HookRequest& request, const std::string& ca_file) {
    const service::CommentSearch search = *request.search;
    for (std::size_t number = 1; number <= service::kMaxCommentPages; ++number) {
        HookRequest list{"GET", fmt::format("{}&page={}", search.list_url, number), request.headers, {}, {}};
        HookAnswer answer = co_await request_once(std::move(list), ca_file);
        if (answer.status != 200) {
            answer.why += ", asked for comments";
            co_return answer;
        }
        const auto page = service::comment_with(answer.body, search.marker);
        if (!page) co_return HookAnswer{0, std::nullopt, {}, page.error().message};
        if (page->ours) {
            request.method = search.edit_method;
            request.url = search.edit_url + std::to_string(*page->ours);
            co_return std::nullopt;
        }
        if (page->count < service::kCommentsAPage) co_return std::nullopt;
    }
    // Rather none than one more each night; 403: trying again does not help.
    co_return HookAnswer{403, std::nullopt, {}, "there are too many comments to find ours among them"};
}

}  // namespace

asio::awaitable<HookAnswer> make_hook_request(HookRequest request, std::string ca_file) {
    if (request.search) {
        auto in_the_way = co_await find_comment(request, ca_file);
        // Another 2xx is no list: what is not delivered must not look so.
        if (in_the_way && in_the_way->status >= 200 && in_the_way->status < 300) in_the_way->status = 0;
        if (in_the_way) co_return std::move(*in_the_way);
    }
    co_return co_await request_once(std::move(request), std::move(ca_file));
}

}  // namespace understudy::app
