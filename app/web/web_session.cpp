#include "app/web/web_session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <array>

#include "app/service/limits.hpp"

namespace understudy::app {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using service::WebAnswer;
using service::WebRequest;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadAtOnce = 4096;
constexpr auto kBetweenChecks = std::chrono::seconds(5);  // of a viewer's token

using Request = http::request<http::string_body>;

/// Who is on the other side.
struct Peer {
    std::string address;
    bool secure = false;
};

WebRequest web_request(const Request& request, const Peer& peer) {
    const auto field = [&](http::field name) { return std::string(request[name]); };
    return {std::string(request.method_string()),
            std::string(request.target()),
            field(http::field::authorization),
            field(http::field::origin),
            field(http::field::host),
            field(http::field::content_type),
            request.body(),
            peer.address,
            peer.secure};
}

template <class Stream>
asio::awaitable<bool> write_answer(Stream& stream, WebAnswer answer, unsigned version, bool keep_open, bool head,
                                   bool secure) {
    http::response<http::string_body> response(static_cast<http::status>(answer.status), version);
    for (const auto& [name, value] : service::security_headers(secure)) response.set(name, value);
    for (const auto& [name, value] : answer.headers) response.set(name, value);
    response.set(http::field::content_type, answer.content_type);
    response.keep_alive(keep_open);
    response.content_length(answer.body.size());
    if (!head) response.body() = std::move(answer.body);
    beast::get_lowest_layer(stream).expires_after(service::kWriteTime);
    http::response_serializer<http::string_body> serializer(response);
    const auto [error, size] = co_await http::async_write(stream, serializer, kAwait);
    co_return !error && keep_open;
}

/// Why a request could not be read, for whoever sent it.
WebAnswer unreadable(const beast::error_code& error) {
    if (error == http::error::header_limit) return service::problem(431, "the header is too long");
    if (error == http::error::body_limit) return service::problem(413, "the body is too long");
    return service::problem(400, "this is no HTTP request");
}

/// Its messages as they come, until it leaves, its token is taken away, or the service ends.
template <class Stream>
asio::awaitable<void> send_messages(websocket::stream<Stream>& stream, Viewer& viewer, const service::Token& token,
                                    WebShared& shared) {
    while (!viewer.closing && !shared.stopping) {
        while (!viewer.queue.empty() && !viewer.closing) {
            const auto message = viewer.queue.pop();
            const auto [error, size] = co_await stream.async_write(asio::buffer(*message), kAwait);
            if (error) {
                viewer.closing = true;
                break;
            }
            ++shared.service.counters().messages_sent;
        }
        if (viewer.closing || shared.stopping) break;
        viewer.wake.expires_after(kBetweenChecks);
        const auto [woken] = co_await viewer.wake.async_wait(kAwait);
        if (!woken && !shared.service.still_allowed(token)) break;
    }
    viewer.closing = true;
    co_await stream.async_close(
        shared.stopping ? websocket::close_code::going_away : websocket::close_code::policy_error, kAwait);
    beast::get_lowest_layer(stream).close();
}

/// What viewers say is not listened to, but for their leaving.
template <class Stream>
asio::awaitable<void> hear_messages(websocket::stream<Stream>& stream, Viewer& viewer) {
    beast::flat_buffer buffer;
    while (!viewer.closing) {
        const auto [error, size] = co_await stream.async_read(buffer, kAwait);
        buffer.clear();
        if (error) break;
    }
    viewer.closing = true;
    viewer.wake.cancel();
}

template <class Stream>
asio::awaitable<std::optional<service::Token>> sign_in(websocket::stream<Stream>& stream, const WebRequest& request,
                                                       WebShared& shared) {
    asio::steady_timer timer(stream.get_executor(), service::kSignInTime);
    timer.async_wait([&stream](const beast::error_code& error) {
        if (!error) beast::get_lowest_layer(stream).close();
    });
    beast::flat_buffer buffer;
    const auto [error, size] = co_await stream.async_read(buffer, kAwait);
    // A timer that has run out already has its handler queued: it closes a stream that is not ours any more.
    const bool in_time = timer.cancel() > 0;
    if (!in_time) co_await asio::post(stream.get_executor(), asio::use_awaitable);
    if (error || !in_time) co_return std::nullopt;
    co_return shared.service.viewer(request, beast::buffers_to_string(buffer.data()));
}

/// Closes in stages (RFC 9112, section 9.6): whoever still sends when the connection is closed gets it reset, and may lose
/// the answer that says why.
asio::awaitable<void> close_in_stages(beast::tcp_stream& stream) {
    beast::error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream.expires_after(service::kLingerTime);
    std::array<char, 4096> dropped{};
    for (std::size_t total = 0; total < service::kMaxLingerBytes;) {
        const auto [error, size] = co_await stream.async_read_some(asio::buffer(dropped), kAwait);
        if (error) break;
        total += size;
    }
}

template <class Stream>
asio::awaitable<void> serve_viewer(Stream stream, Request request, Peer peer, WebShared shared) {
    auto& counters = shared.service.counters();
    const WebRequest asked = web_request(request, peer);
    const bool full = shared.viewers.size() >= service::kMaxViewers;
    if (full || !shared.service.origin_allowed(asked)) {
        ++counters.viewers_refused;
        WebAnswer answer = full ? service::problem(503, "too many viewers")
                                : service::problem(403, "pages of this origin may not ask");
        co_await write_answer(stream, std::move(answer), request.version(), false, false, peer.secure);
        co_return;
    }
    beast::get_lowest_layer(stream).expires_never();
    websocket::stream<Stream> viewers_stream(std::move(stream));
    viewers_stream.set_option(
        websocket::stream_base::timeout{std::chrono::seconds(10), std::chrono::seconds(60), true});
    viewers_stream.read_message_max(service::kMaxViewerMessage);
    const auto [error] = co_await viewers_stream.async_accept(request, kAwait);
    if (error) co_return;
    shared.viewers.emplace_back(viewers_stream.get_executor());
    const auto viewer = std::prev(shared.viewers.end());
    viewer->closing = true;  // until it is signed in it is sent nothing, and counts all the same
    const auto token = co_await sign_in(viewers_stream, asked, shared);
    if (token) {
        ++counters.viewers;
        viewer->closing = false;
        viewer->queue.push(std::make_shared<const std::string>(shared.service.greeting()));
        asio::steady_timer heard(viewers_stream.get_executor(), asio::steady_timer::time_point::max());
        asio::co_spawn(
            viewers_stream.get_executor(), hear_messages(viewers_stream, *viewer),
            [&heard](const std::exception_ptr&) { heard.expires_at(asio::steady_timer::time_point::min()); });
        co_await send_messages(viewers_stream, *viewer, *token, shared);
        co_await heard.async_wait(kAwait);  // its coroutine uses what ends with this one
        --counters.viewers;
    } else {
        ++counters.viewers_refused;
        co_await viewers_stream.async_close(websocket::close_code::policy_error, kAwait);
    }
    shared.viewers.erase(viewer);
}

template <class Stream>
asio::awaitable<void> serve_requests(Stream stream, Peer peer, WebShared shared) {
    auto& counters = shared.service.counters();
    beast::flat_buffer buffer(service::kMaxHeaderBytes + service::kMaxBodyBytes + kReadAtOnce);
    bool keep_open = true;
    bool first = true;
    while (keep_open && !shared.stopping) {
        http::request_parser<http::string_body> parser;
        parser.header_limit(service::kMaxHeaderBytes);
        parser.body_limit(service::kMaxBodyBytes);
        // The pause before a request may be long; the request itself may not.
        beast::get_lowest_layer(stream).expires_after(first ? service::kHeaderTime : service::kIdleTime);
        if (buffer.size() == 0) {
            const auto [error, size] = co_await stream.async_read_some(buffer.prepare(kReadAtOnce), kAwait);
            if (error == beast::error::timeout && first) ++counters.timed_out;
            if (error) break;
            buffer.commit(size);
        }
        first = false;
        beast::get_lowest_layer(stream).expires_after(service::kHeaderTime);
        const auto [error, size] = co_await http::async_read(stream, buffer, parser, kAwait);
        if (error == beast::error::timeout) ++counters.timed_out;
        const bool torn = error == http::error::end_of_stream || error == http::error::partial_message ||
                          error.category() != http::make_error_code(http::error::bad_method).category();
        if (error && torn) break;
        if (error) {
            ++counters.malformed;
            ++counters.answers.at(4);
            co_await write_answer(stream, unreadable(error), 11, false, false, peer.secure);
            break;
        }
        Request request = parser.release();
        if (websocket::is_upgrade(request) && request.target() == "/api/v1/live") {
            co_await serve_viewer(std::move(stream), std::move(request), std::move(peer), shared);
            co_return;
        }
        const WebRequest asked = web_request(request, peer);
        beast::get_lowest_layer(stream).expires_never();  // the answer's own time is not the client's fault
        WebAnswer answer = co_await asio::co_spawn(
            shared.workers, [&]() -> asio::awaitable<WebAnswer> { co_return shared.service.answer(asked); },
            asio::use_awaitable);
        keep_open = co_await write_answer(stream, std::move(answer), request.version(),
                                          request.keep_alive() && !shared.stopping,
                                          request.method() == http::verb::head, peer.secure);
    }
    co_await close_in_stages(beast::get_lowest_layer(stream));
}

/// Counts a connection while it lasts, however it ends.
class OpenConnection {
public:
    explicit OpenConnection(std::atomic<std::uint64_t>& count) : count_(count) { ++count_; }
    OpenConnection(const OpenConnection&) = delete;
    OpenConnection& operator=(const OpenConnection&) = delete;
    ~OpenConnection() { --count_; }

private:
    std::atomic<std::uint64_t>& count_;
};

}  // namespace

asio::awaitable<void> serve_connection(tcp::socket socket, asio::ssl::context* tls, WebShared shared) {
    auto& counters = shared.service.counters();
    const OpenConnection open(counters.connections);
    beast::error_code unknown;
    const auto endpoint = socket.remote_endpoint(unknown);
    Peer peer{unknown ? "unknown" : endpoint.address().to_string(), tls != nullptr};
    if (tls == nullptr) {
        co_await serve_requests(beast::tcp_stream(std::move(socket)), std::move(peer), shared);
    } else {
        beast::ssl_stream<beast::tcp_stream> stream(beast::tcp_stream(std::move(socket)), *tls);
        beast::get_lowest_layer(stream).expires_after(service::kHeaderTime);
        const auto [error] = co_await stream.async_handshake(asio::ssl::stream_base::server, kAwait);
        if (error) ++(error == beast::error::timeout ? counters.timed_out : counters.tls_failures);
        if (!error) co_await serve_requests(std::move(stream), std::move(peer), shared);
    }
}

}  // namespace understudy::app
