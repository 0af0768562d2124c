// The replayer's engine against a server that cannot say what it is (bench_null_server): the interlock, which would
// refuse it, is left out here and nowhere else. bench_replay_null CAPTURE HOST PORT OUTPUT [THREADS [SPEED]]

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "replay/run/engine.hpp"

namespace {

using namespace understudy;  // NOLINT: a program of one file

net::asio::awaitable<Result<void>> let_pass(net::PgStream&) { co_return Result<void>(); }

void show(const char* name, const Histogram& microseconds) {
    if (microseconds.count() == 0) return;
    fmt::print("{:28} p50 {:9}  p99 {:9}  max {:9}  of {} requests\n", name, microseconds.quantile(0.5),
               microseconds.quantile(0.99), microseconds.max(), microseconds.count());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 5) return 2;
    replay::TargetOptions target;
    const std::string conninfo = fmt::format("host={} port={} sslmode=disable", argv[2], argv[3]);
    target.server = net::Server::prepare(net::parse_conninfo(conninfo).value()).value();
    replay::EngineOptions options;
    options.speed = argc > 6 ? std::atof(argv[6]) : 0;
    options.threads = argc > 5 ? static_cast<unsigned>(std::atoi(argv[5])) : 1;
    CaptureHeader header;
    header.source = "replay";
    const auto output = store::CaptureFile::create(std::string(argv[4]), header).value();
    replay::ReplayStats stats;
    const Digester digester(DigestKey::generate());
    replay::Engine engine(options, target, digester, *output, let_pass, stats);
    const auto start = std::chrono::steady_clock::now();
    const replay::EngineOutcome outcome = engine.run({argv[1]});
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (outcome.failure || !output->finish()) return 4;
    fmt::print("requests {} seconds {:.3f} per_second {:.0f}\n", stats.requests_sent.load(), seconds,
               static_cast<double>(stats.requests_sent) / seconds);
    if (options.speed > 0) {
        show("sent after due (tool)", stats.lag(replay::LagCause::tool));
        show("sent after due (target)", stats.lag(replay::LagCause::target));
    }
    return 0;
}
