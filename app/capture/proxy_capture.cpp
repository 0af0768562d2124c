#include "app/capture/proxy_capture.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <thread>

#include "app/capture/identification.hpp"
#include "app/capture/recording.hpp"
#include "app/command.hpp"
#include "app/options.hpp"
#include "capture/proxy/proxy.hpp"

namespace understudy::app {
namespace {

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
    if (options.tls_certificate.empty() != options.tls_key.empty()) {
        return make_error(Errc::usage, "--tls-cert and --tls-key belong together");
    }
    proxy.client_tls = {options.tls_certificate, options.tls_key};
    UNDERSTUDY_TRY(proxy.upstream_tls.mode, capture::parse_ssl_mode(options.upstream_sslmode));
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

std::string joined(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
    return all;
}

int conclude(const CaptureOptions& options, const capture::ProxyStats& stats, Recording& recording) {
    const capture::EventRecorder::Stats recorded = recording.recorder().stats();
    fmt::print(stderr, "{}: {} connections, {} exchanges, {}{}{}\n", options.output,
               human_count(stats.connections_total), human_count(recorded.exchanges),
               human_bytes(recorded.bytes_written),
               recorded.files > 1 ? fmt::format(" in {} files", recorded.files) : "",
               recording.reason().empty() ? "" : "; ended as " + recording.reason());
    if (stats.connections_refused > 0) {
        fmt::print(stderr, "{} connections did not come about ({} as TLS failed)\n",
                   human_count(stats.connections_refused), human_count(stats.tls_failures));
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
                   Recording::begin(options, header, true, identified ? identified->catalog : nullptr));
    capture::EventRecorder& recorder = recording->recorder();
    if (identified) identified->enter_catalog(recorder, header.created);

    capture::Proxy* started = nullptr;
    std::mutex starting;  // the recorder's thread may tick before start() has returned
    capture::RecorderOptions tap;
    tap.policy = recording->policy();
    tap.redaction = recording->redaction();
    tap.sink_ok = [&] { return !recorder.failure(); };
    tap.on_tick = [&](const Counters& counters) {
        const std::lock_guard lock(starting);
        recording->tick(system_clock().now(), [&] {
            return progress_of(started != nullptr ? started->stats() : capture::ProxyStats{}, counters);
        });
    };
    std::unique_lock lock(starting);
    UNDERSTUDY_TRY(const auto proxy,
                   capture::Proxy::start(std::move(proxy_settings), recording->digester(), std::move(tap), recorder));
    started = proxy.get();
    lock.unlock();
    fmt::print(stderr,
               "relaying {} to {} and recording into {}; statements and bound values are stored as sent{}. Ctrl-C ends "
               "it.\n",
               joined(proxy->addresses()), options.upstream, options.output,
               options.encrypt_to.empty() ? "" : ", for the holder of the secret key only");
    while (recording->go_on(system_clock().now())) std::this_thread::sleep_for(std::chrono::milliseconds(100));
    if (const std::uint64_t open = proxy->stats().connections_open; open > 0) {
        fmt::print(stderr, "\nwaiting up to {} for {} connections to end; a second Ctrl-C ends at once\n",
                   human_duration(grace), human_count(open));
    }
    proxy->stop(grace);
    const capture::ProxyStats stats = proxy->stats();
    UNDERSTUDY_CHECK(recording->finish(proxy->counters()));
    return conclude(options, stats, *recording);
}

}  // namespace understudy::app
