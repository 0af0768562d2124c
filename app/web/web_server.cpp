#include "app/web/web_server.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "app/service/limits.hpp"
#include "app/web/listen_address.hpp"
#include "app/web/web_session.hpp"

namespace understudy::app {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kWorkers = 2;
constexpr auto kPauseAfterFailure = std::chrono::milliseconds(100);
constexpr auto kFarewell = std::chrono::milliseconds(500);

Result<std::unique_ptr<asio::ssl::context>> tls_of(const service::ServeConfig& config) {
    if (config.certificate.empty()) return std::unique_ptr<asio::ssl::context>();
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    boost::system::error_code error;
    using Context = asio::ssl::context;
    context->set_options(
        Context::default_workarounds | Context::no_sslv2 | Context::no_sslv3 | Context::no_tlsv1 | Context::no_tlsv1_1,
        error);
    if (!error) context->use_certificate_chain_file(config.certificate, error);
    if (error) return make_error(Errc::usage, "tls: " + config.certificate + ": " + error.message());
    context->use_private_key_file(config.key, asio::ssl::context::pem, error);
    if (error) return make_error(Errc::usage, "tls: " + config.key + ": " + error.message());
    return context;
}

/// A connection that failed in a way that nobody thought of ends alone.
void report_failure(const std::exception_ptr& failure) {
    if (!failure) return;
    try {
        std::rethrow_exception(failure);
    } catch (const std::exception& error) {
        fmt::print(stderr, "understudy: a connection failed: {}\n", error.what());
    }
}

}  // namespace

struct WebServer::Running {
    Running(service::ServiceCounters& counted, std::unique_ptr<asio::ssl::context> tls_context)
        : counters(counted), tls(std::move(tls_context)), acceptor(context), workers(kWorkers) {}

    asio::awaitable<void> accept(Service& service) {
        while (!stopping) {
            auto [error, socket] = co_await acceptor.async_accept(kAwait);
            if (error == asio::error::operation_aborted) co_return;
            if (error) {  // no descriptors left, perhaps: not to be asked again at once
                asio::steady_timer pause(context, kPauseAfterFailure);
                co_await pause.async_wait(kAwait);
                continue;
            }
            ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
            if (counters.connections >= service::kMaxConnections) {
                ++counters.connections_refused;
                continue;
            }
            boost::system::error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            asio::co_spawn(context,
                           serve_connection(std::move(socket), tls.get(), {service, workers, viewers, stopping}),
                           [](const std::exception_ptr& failure) { report_failure(failure); });
        }
    }

    service::ServiceCounters& counters;
    std::unique_ptr<asio::ssl::context> tls;
    asio::io_context context{1};
    tcp::acceptor acceptor;
    asio::thread_pool workers;
    std::list<Viewer> viewers;
    bool stopping = false;
};

WebServer::WebServer(std::unique_ptr<Running> running) : running_(std::move(running)) {}
WebServer::~WebServer() {
    running_->workers.stop();
    running_->workers.join();
}

Result<std::unique_ptr<WebServer>> WebServer::open(const service::ServeConfig& config,
                                                   service::ServiceCounters& counters) {
    UNDERSTUDY_TRY(const tcp::endpoint endpoint, parse_listen_address(config.listen));
    UNDERSTUDY_TRY(auto tls, tls_of(config));
    auto running = std::make_unique<Running>(counters, std::move(tls));
    const auto listening = listen_on(running->acceptor, endpoint);
    if (!listening) return make_error(Errc::io, "cannot serve on " + listening.error().message);
    ::fcntl(running->acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
    return std::unique_ptr<WebServer>(new WebServer(std::move(running)));
}

void WebServer::run(Service& service) {
    asio::co_spawn(running_->context, running_->accept(service), asio::detached);
    running_->context.run();
}

void WebServer::stop() {
    asio::post(running_->context, [running = running_.get()] {
        running->stopping = true;
        boost::system::error_code ignored;
        running->acceptor.close(ignored);
        for (Viewer& viewer : running->viewers) viewer.wake.cancel();
    });
    // Viewers are told; whoever has not gone then is left.
    asio::post(running_->context, [running = running_.get()] {
        auto timer = std::make_shared<asio::steady_timer>(running->context, kFarewell);
        timer->async_wait([running, timer](const boost::system::error_code&) { running->context.stop(); });
    });
}

void WebServer::tell_viewers(const std::string& message) {
    asio::post(running_->context, [running = running_.get(), shared = std::make_shared<const std::string>(message)] {
        for (Viewer& viewer : running->viewers) {
            if (viewer.closing) continue;
            running->counters.messages_dropped += viewer.queue.push(shared);
            viewer.wake.cancel();
        }
    });
}

unsigned short WebServer::port() const {
    boost::system::error_code error;
    return running_->acceptor.local_endpoint(error).port();
}

}  // namespace understudy::app
