#include "capture/proxy/proxy.hpp"

#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "capture/proxy/connection.hpp"
#include "capture/proxy/listener.hpp"

namespace understudy::capture {
namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr auto kAcceptPause = std::chrono::milliseconds(100);
constexpr auto kStopPoll = std::chrono::milliseconds(10);

}  // namespace

struct Proxy::Impl {
    using WorkGuard = asio::executor_work_guard<asio::io_context::executor_type>;

    Impl(ProxyOptions given, Upstream reached, std::optional<net::TlsContext> tls)
        : options(std::move(given)), upstream(std::move(reached)), client_tls(std::move(tls)) {
        const std::size_t count = std::max<std::size_t>(options.threads, 1);
        for (std::size_t i = 0; i < count; ++i) {
            writers.push_back(std::make_unique<RingWriter>(options.queue_bytes / count, counts));
            threads.push_back(std::make_unique<IoThread>(*writers.back()));
        }
    }

    asio::awaitable<void> accept_on(Listener& listener) {
        while (!stopping) {
            IoThread& thread = *threads[next_thread++ % threads.size()];
            auto [error, socket] = co_await listener.acceptor.async_accept(thread.context, kAwait);
            if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) co_return;
            if (error) {
                ProxyCounts::add(counts.accept_failures);
                asio::steady_timer pause(threads[0]->context, kAcceptPause);
                co_await pause.async_wait(kAwait);
                continue;
            }
            ProxyCounts::add(counts.connections_total);
            ProxyCounts::add(counts.connections_open);
            asio::co_spawn(thread.context,
                           Connection::run(std::make_shared<Connection>(std::move(socket), thread, shared)),
                           asio::detached);
        }
    }

    void run() {
        for (Listener& listener : listeners) {
            asio::co_spawn(threads[0]->context, accept_on(listener), asio::detached);
        }
        for (const auto& thread : threads) {
            guards.emplace_back(thread->context.get_executor());
            thread->thread = std::thread([&context = thread->context] { context.run(); });
        }
    }

    ProxyOptions options;
    Upstream upstream;
    std::optional<net::TlsContext> client_tls;
    ProxyCounts counts;
    ProxyShared shared{options, upstream, client_tls, counts};
    std::vector<std::unique_ptr<RingWriter>> writers;
    std::vector<std::unique_ptr<IoThread>> threads;
    std::vector<WorkGuard> guards;
    std::vector<Listener> listeners;
    std::vector<std::string> addresses;
    std::unique_ptr<Recorder> recorder;
    std::size_t next_thread = 0;
    bool stopping = false;  // of thread 0
    bool stopped = false;
};

Proxy::Proxy(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Proxy::~Proxy() { stop(Duration()); }

Result<std::unique_ptr<Proxy>> Proxy::start(ProxyOptions options, const Digester& digester, RecorderOptions recording,
                                            EventSink& sink) {
    UNDERSTUDY_TRY(Upstream upstream, Upstream::create(options.upstream, options.upstream_tls));
    std::optional<net::TlsContext> client_tls;
    if (!options.client_tls.certificate.empty()) {
        UNDERSTUDY_TRY(client_tls, net::TlsContext::for_clients(options.client_tls));
    }
    auto impl = std::make_unique<Impl>(std::move(options), std::move(upstream), std::move(client_tls));
    std::unique_ptr<Proxy> proxy(new Proxy(std::move(impl)));
    Impl& parts = *proxy->impl_;
    for (const Place& place : parts.options.listen) {
        UNDERSTUDY_CHECK(listen_on(parts.threads[0]->context, place, parts.listeners));
    }
    for (const Listener& listener : parts.listeners) parts.addresses.push_back(listener.name);
    parts.recorder = std::make_unique<Recorder>(std::move(recording), digester, sink, parts.writers, parts.counts);
    parts.run();
    return proxy;
}

void Proxy::stop(Duration grace) {
    Impl& parts = *impl_;
    if (parts.stopped) return;
    parts.stopped = true;
    asio::post(parts.threads[0]->context, [&parts] {
        parts.stopping = true;
        boost::system::error_code ignored;
        for (Listener& listener : parts.listeners) listener.acceptor.close(ignored);
    });
    for (const Listener& listener : parts.listeners) {
        if (!listener.socket_path.empty()) unlink(listener.socket_path.c_str());
    }
    const Timestamp end = system_clock().now() + grace;
    while (parts.counts.connections_open.load() > 0 && system_clock().now() < end) {
        std::this_thread::sleep_for(kStopPoll);
    }
    for (const auto& thread : parts.threads) {
        asio::post(thread->context, [&thread = *thread] {
            const auto connections = thread.connections;
            for (Connection* connection : connections) connection->close();
        });
    }
    parts.guards.clear();
    for (const auto& thread : parts.threads) {
        if (thread->thread.joinable()) thread->thread.join();
    }
    if (parts.recorder) parts.recorder->finish();
}

ProxyStats Proxy::stats() const {
    const ProxyCounts& counts = impl_->counts;
    ProxyStats stats;
    stats.connections_open = counts.connections_open;
    stats.connections_total = counts.connections_total;
    stats.connections_refused = counts.connections_rejected + counts.upstream_failures;
    stats.tls_failures = counts.tls_failures;
    stats.bytes_to_server = counts.bytes_to_server;
    stats.bytes_to_client = counts.bytes_to_client;
    stats.dropped_bytes = counts.queue_bytes + counts.sink_failed_bytes;
    return stats;
}

Counters Proxy::counters() const { return impl_->recorder->counters(); }

const std::vector<std::string>& Proxy::addresses() const { return impl_->addresses; }

}  // namespace understudy::capture
