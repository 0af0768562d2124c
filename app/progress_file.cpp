#include "app/progress_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "replay/progress.hpp"

namespace understudy::app {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(50);
constexpr Duration kBetweenLines = Duration::milliseconds(500);

nlohmann::json lag_of(const Histogram& us) {
    return {{"p50_us", us.quantile(0.5)}, {"p99_us", us.quantile(0.99)}, {"max_us", us.max()}};
}

std::string dumped(const nlohmann::json& json) {
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

void append_progress(const std::string& path, const std::string& line) {
    if (path.empty()) return;
    const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return;
    // In one piece: whole lines of several processes stand side by side.
    const std::string text = line + "\n";
    static_cast<void>(!::write(fd, text.data(), text.size()));
    ::close(fd);
}

std::string step_progress(const std::string& name, std::size_t number, std::size_t of,
                          std::optional<double> seconds_left) {
    return dumped({{"type", "step"},
                   {"name", name},
                   {"number", number},
                   {"of", of},
                   {"seconds_left", seconds_left ? nlohmann::json(*seconds_left) : nlohmann::json(nullptr)}});
}

std::string replay_progress(const replay::ReplayStats& stats, Timestamp start, Timestamp now, double rate) {
    const replay::ReplayedShare progress = replay::progress_of(stats, now);
    return dumped(
        {{"type", "replay"},
         {"elapsed_s", (now - start).to_seconds()},
         {"share", progress.share ? nlohmann::json(*progress.share) : nlohmann::json(nullptr)},
         {"seconds_left", progress.left ? nlohmann::json(progress.left->to_seconds()) : nlohmann::json(nullptr)},
         {"paused", stats.paused.load()},
         {"rate", rate},
         {"answered", stats.exchanges_answered.load()},
         {"errors", stats.errors.load()},
         {"late", stats.late_requests.load()},
         {"not_sent", stats.requests_not_sent.load()},
         {"sessions_open", stats.sessions_open.load()},
         {"sessions_failed", stats.sessions_failed.load()},
         {"lag",
          {{"target", lag_of(stats.lag(replay::LagCause::target))},
           {"order", lag_of(stats.lag(replay::LagCause::order))},
           {"tool", lag_of(stats.lag(replay::LagCause::tool))}}}});
}

ReplayProgressFile::ReplayProgressFile(const replay::ReplayStats& stats, std::string path)
    : stats_(stats), path_(std::move(path)) {
    if (!path_.empty()) thread_ = std::thread([this] { follow(); });
}

void ReplayProgressFile::follow() {
    const Timestamp start = system_clock().now();
    Timestamp told = start;
    std::uint64_t answered = 0;
    bool last = false;
    while (!last) {
        last = ending_;  // what it was at the end is told, too
        const Timestamp now = system_clock().now();
        if (last || now - told >= kBetweenLines) {
            const std::uint64_t count = stats_.exchanges_answered.load();
            const double rate = static_cast<double>(count - answered) / std::max((now - told).to_seconds(), 0.001);
            append_progress(path_, replay_progress(stats_, start, now, rate));
            told = now;
            answered = count;
        }
        if (!last) std::this_thread::sleep_for(kPoll);
    }
}

ReplayProgressFile::~ReplayProgressFile() {
    ending_ = true;
    if (thread_.joinable()) thread_.join();
}

}  // namespace understudy::app
