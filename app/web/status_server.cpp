#include "app/web/status_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <thread>

#include "app/web/listen_address.hpp"

namespace understudy::app {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr auto kRequestTimeout = std::chrono::seconds(5);
constexpr std::uint32_t kMaxHeader = 8192;

}  // namespace

struct StatusServer::Running {
    Running(const replay::ReplayStats& replay_stats, std::string capture_name)
        : stats(replay_stats), capture(std::move(capture_name)), start(system_clock().now()), acceptor(context) {}

    asio::awaitable<void> accept() {
        while (true) {
            auto [error, socket] = co_await acceptor.async_accept(kAwait);
            if (error == asio::error::operation_aborted) co_return;
            if (error || connections >= kMaxConnections) continue;  // the socket closes: a viewer more or less
            ++connections;
            asio::co_spawn(context, serve(std::move(socket)), asio::detached);
        }
    }

    asio::awaitable<void> serve(tcp::socket socket) {
        beast::tcp_stream stream(std::move(socket));
        beast::flat_buffer buffer(std::size_t{kMaxHeader} * 2);
        bool keep_open = true;
        while (keep_open) {
            http::request_parser<http::empty_body> parser;
            parser.header_limit(kMaxHeader);
            parser.body_limit(0);
            stream.expires_after(kRequestTimeout);
            const auto [read_error, read_size] = co_await http::async_read(stream, buffer, parser, kAwait);
            if (read_error) break;
            const auto& request = parser.get();
            const StatusAnswer answer =
                answer_status(std::string(request.method_string()), std::string(request.target()), stats, capture,
                              start, system_clock().now());
            http::response<http::string_body> response(static_cast<http::status>(answer.status), request.version());
            response.set(http::field::content_type, answer.content_type);
            response.set(http::field::cache_control, "no-store");
            response.keep_alive(request.keep_alive());
            response.content_length(answer.body.size());
            if (request.method() != http::verb::head) response.body() = answer.body;
            http::response_serializer<http::string_body> serializer(response);
            const auto [error, size] = co_await http::async_write(stream, serializer, kAwait);
            keep_open = !error && response.keep_alive();
        }
        --connections;
    }

    const replay::ReplayStats& stats;
    std::string capture;
    Timestamp start;
    asio::io_context context{1};
    tcp::acceptor acceptor;
    std::size_t connections = 0;
    std::thread thread;
};

StatusServer::StatusServer(std::unique_ptr<Running> running) : running_(std::move(running)) {}

Result<std::unique_ptr<StatusServer>> StatusServer::start(const std::string& address, const replay::ReplayStats& stats,
                                                          const std::string& capture) {
    if (address.empty()) return std::unique_ptr<StatusServer>(new StatusServer(nullptr));
    UNDERSTUDY_TRY(const tcp::endpoint endpoint, parse_listen_address(address));
    auto running = std::make_unique<Running>(stats, capture);
    const auto listening = listen_on(running->acceptor, endpoint);
    if (!listening) return make_error(Errc::io, "cannot serve the status on " + listening.error().message);
    asio::co_spawn(running->context, running->accept(), asio::detached);
    running->thread = std::thread([context = &running->context] { context->run(); });
    return std::unique_ptr<StatusServer>(new StatusServer(std::move(running)));
}

StatusServer::~StatusServer() {
    if (!running_) return;
    running_->context.stop();
    running_->thread.join();
}

unsigned short StatusServer::port() const {
    if (!running_) return 0;
    boost::system::error_code error;
    return running_->acceptor.local_endpoint(error).port();
}

}  // namespace understudy::app
