// The proxy with recording into a file, for tests/bench/proxy: record_proxy LISTEN UPSTREAM FILE [CERTIFICATE KEY].
// Ends on SIGTERM or SIGINT and then prints its counters.
#include <fmt/format.h>

#include <csignal>

#include "capture/proxy/proxy.hpp"
#include "core/store/capture_writer.hpp"

namespace understudy {
namespace {

Result<void> run(int count, char** arguments) {
    capture::ProxyOptions options;
    options.listen.emplace_back();
    UNDERSTUDY_TRY(options.listen[0], capture::parse_place(arguments[1]));
    UNDERSTUDY_TRY(options.upstream, capture::parse_place(arguments[2]));
    options.upstream_tls.mode = net::SslMode::disable;
    if (count > 5) options.client_tls = {arguments[4], arguments[5]};
    CaptureHeader header;
    header.source = "proxy";
    UNDERSTUDY_TRY(const auto file, store::CaptureFile::create(std::string(arguments[3]), header));
    store::EventWriter writer(*file);
    const Digester digester(DigestKey::generate());
    capture::RecorderOptions recording;
    recording.sink_ok = [&] { return !writer.failure(); };
    recording.on_tick = [&](const Counters& counters) {
        writer.on_event(Counters(counters));
        writer.flush();
    };
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    UNDERSTUDY_TRY(const auto proxy, capture::Proxy::start(options, digester, recording, writer));
    int signal = 0;
    sigwait(&signals, &signal);
    proxy->stop(Duration::seconds(1));
    for (const auto& [name, value] : proxy->counters().values) {
        if (name.starts_with("loss.") || name.starts_with("proxy.")) fmt::print("{} {}\n", name, value);
    }
    return file->finish();
}

}  // namespace
}  // namespace understudy

int main(int count, char** arguments) {
    if (count != 4 && count != 6) return 2;
    const auto done = understudy::run(count, arguments);
    if (!done) fmt::print(stderr, "{}\n", done.error().message);
    return done ? 0 : 4;
}
