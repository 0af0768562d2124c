#include "app/capture/proxy_capture.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "app/capture/identification.hpp"
#include "app/capture/privileges.hpp"
#include "app/capture/recording.hpp"
#include "app/command.hpp"
#include "app/options.hpp"
#include "capture/proxy/proxy.hpp"

namespace understudy::app {
namespace {

/// Takes events before there is a file: it lets the proxy's recorder wait, so that a proxy which cannot start leaves no
/// file behind and harms none.
class DeferredSink final : public EventSink {
public:
    void on_event(Event&& event) override {
        if (target_ == nullptr) {
            std::unique_lock lock(mutex_);
            opened_.wait(lock, [&] { return target_ != nullptr || abandoned_; });
        }
        if (EventSink* target = target_) target->on_event(std::move(event));
    }
    void open(EventSink& target) {
        const std::lock_guard lock(mutex_);
        target_ = &target;
        opened_.notify_all();
    }
    void abandon() {
        const std::lock_guard lock(mutex_);
        abandoned_ = true;
        opened_.notify_all();
    }
    [[nodiscard]] bool target() const { return target_ != nullptr; }

private:
    std::mutex mutex_;
    std::condition_variable opened_;
    std::atomic<EventSink*> target_ = nullptr;
    bool abandoned_ = false;
};

struct Abandon {
    DeferredSink& sink;
    ~Abandon() { sink.abandon(); }
};

/// Each connection takes two descriptors.
void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

Result<capture::ProxyOptions> proxy_options(const CaptureOptions& options) {
    capture::ProxyOptions proxy;
    for (const std::string& place : options.listen) {
        UNDERSTUDY_TRY(auto parsed, capture::parse_place(place));
        proxy.listen.push_back(std::move(parsed));
    }
    UNDERSTUDY_TRY(proxy.upstream, capture::parse_place(options.upstream));
    for (const capture::Place& place : proxy.listen) {
        if (place == proxy.upstream) return make_error(Errc::usage, "--listen and --upstream are the same place");
    }
    if (options.tls_certificate.empty() != options.tls_key.empty()) {
        return make_error(Errc::usage, "--tls-cert and --tls-key belong together");
    }
    proxy.client_tls = {options.tls_certificate, options.tls_key};
    UNDERSTUDY_TRY(proxy.upstream_tls.mode, net::parse_ssl_mode(options.upstream_sslmode));
    proxy.upstream_tls.root_certificate = options.upstream_root_certificate;
    proxy.upstream_tls.certificate = options.upstream_certificate;
    proxy.upstream_tls.key = options.upstream_key;
    proxy.threads = options.threads;
    proxy.queue_bytes = std::size_t{options.queue_mb} << 20U;
    return proxy;
}

SourceProgress progress_of(const capture::ProxyStats& stats, Counters counters) {
    SourceProgress progress;
    progress.sessions = stats.connections_total;
    progress.open_sessions = stats.connections_open;
    progress.bytes = stats.bytes_to_client + stats.bytes_to_server;
    progress.counters = std::move(counters);
    return progress;
}

int conclude(const CaptureOptions& options, const capture::ProxyStats& stats, Recording& recording) {
    const capture::EventRecorder::Stats recorded = recording.recorder().stats();
    fmt::print(stderr, "{}: {} connections, {}\n", options.output, human_count(stats.connections_total),
               recording.outcome());
    if (stats.connections_refused > 0) {
        fmt::print(stderr, "{} connections did not come about ({} as TLS failed)\n",
                   human_count(stats.connections_refused), human_count(stats.tls_failures));
    }
    if (recorded.records_dropped > 0) {
        fmt::print(stderr, "{} records were not written\n", human_count(recorded.records_dropped));
    }
    if (stats.dropped_bytes > 0) {
        fmt::print(stderr, "{} were relayed and not recorded\n", human_bytes(stats.dropped_bytes));
    }
    return kPassed;
}

}  // namespace

Result<int> capture_proxy(const CaptureOptions& options) {
    if (options.upstream.empty()) {
        return make_error(Errc::usage, "--listen needs --upstream HOST:PORT, the server to relay to");
    }
    UNDERSTUDY_TRY(auto proxy_settings, proxy_options(options));
    UNDERSTUDY_TRY(const Duration grace, parse_duration(options.grace));
    watch_for_stop();
    watch_for_hangup();
    raise_descriptor_limit();
    std::optional<Identification> identified;
    if (!options.identify.empty()) {
        UNDERSTUDY_TRY(identified, identify_server(options.identify));
    }
    CaptureHeader header;
    header.source = "proxy";
    header.created = system_clock().now();
    header.description = "proxy of " + options.upstream;
    if (identified) identified->describe(header);
    UNDERSTUDY_TRY(const auto recording,
                   Recording::prepare(options, header, true, identified ? identified->catalog : nullptr));
    DeferredSink sink;
    std::atomic<capture::Proxy*> started = nullptr;
    capture::RecorderOptions tap;
    tap.policy = recording->policy();
    tap.redaction = recording->redaction();
    tap.sink_ok = [&] { return !sink.target() || !recording->recorder().failure(); };
    tap.on_tick = [&](const Counters& counters) {
        capture::Proxy* proxy = started;
        if (proxy == nullptr) return;  // it is being started, or could not be
        recording->tick(system_clock().now(), [&] { return progress_of(proxy->stats(), counters); });
    };
    UNDERSTUDY_TRY(const auto proxy,
                   capture::Proxy::start(std::move(proxy_settings), recording->digester(), std::move(tap), sink));
    const Abandon abandon{sink};  // before the proxy goes, whatever happens
    if (!options.user.empty()) UNDERSTUDY_CHECK(become_user(options.user));
    UNDERSTUDY_CHECK(recording->open());
    capture::EventRecorder& recorder = recording->recorder();
    if (identified) identified->enter_catalog(recorder, header.created);
    sink.open(recorder);
    started = proxy.get();
    fmt::print(stderr,
               "relaying {} to {} and recording into {}; statements and bound values are stored as sent{}. Ctrl-C ends "
               "it.\n",
               fmt::join(proxy->addresses(), ", "), options.upstream, options.output, how_stored(options));
    while (recording->go_on(system_clock().now())) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    if (const std::uint64_t open = proxy->stats().connections_open; open > 0) {
        fmt::print(stderr, "\nwaiting up to {} for {} connections to end; a second Ctrl-C ends at once\n",
                   human_duration(grace), human_count(open));
    }
    proxy->stop(grace);
    const capture::ProxyStats stats = proxy->stats();
    const auto finished = recording->finish(proxy->counters());
    const int exit_code = conclude(options, stats, *recording);
    if (!finished) return finished.error();
    return exit_code;
}

}  // namespace understudy::app
