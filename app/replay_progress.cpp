#include "app/replay_progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "app/options.hpp"
#include "replay/progress.hpp"

namespace understudy::app {
namespace {

std::string lag_words(const Histogram& lag_us) {
    const auto ms = [&](double q) { return static_cast<double>(lag_us.quantile(q)) / 1000.0; };
    return fmt::format("median {:.1f} ms, p99 {:.1f} ms, longest {:.1f} ms", ms(0.5), ms(0.99),
                       static_cast<double>(lag_us.max()) / 1000.0);
}

}  // namespace

std::string replay_summary(const replay::ReplayStats& stats) {
    std::string text = fmt::format("replayed {} requests of {} in {} sessions; {} were answered with an error\n",
                                   human_count(stats.requests_sent), human_count(stats.requests_read),
                                   human_count(stats.sessions_opened), human_count(stats.errors));
    if (stats.requests_not_sent > 0) {
        text +=
            fmt::format("{} requests were not sent; why stands in the file\n", human_count(stats.requests_not_sent));
    }
    if (stats.sessions_failed > 0) {
        text +=
            fmt::format("{} sessions could not connect or lost their connection\n", human_count(stats.sessions_failed));
    }
    if (stats.sessions_impersonated > 0) {
        text += fmt::format("{} sessions were impersonated: their privileges are approximate\n",
                            human_count(stats.sessions_impersonated));
    }
    if (stats.impersonations_failed > 0) {
        text += fmt::format("{} of them were ended because they had become another role\n",
                            human_count(stats.impersonations_failed));
    }
    const Histogram tool = stats.lag(replay::LagCause::tool);
    const Histogram target = stats.lag(replay::LagCause::target);
    if (stats.late_requests > 0) {
        text += fmt::format("{} requests were sent more than 10 ms late\n", human_count(stats.late_requests));
        if (target.count() > 0)
            text += fmt::format("  waiting for the target's earlier answers: {}\n", lag_words(target));
        const Histogram order = stats.lag(replay::LagCause::order);
        if (order.count() > 0)
            text += fmt::format("  waiting for other sessions:               {}\n", lag_words(order));
        if (tool.count() > 0) text += fmt::format("  sending when nothing was awaited:         {}\n", lag_words(tool));
    }
    if (stats.over_limit_bytes > 0) {
        text += fmt::format("{} more than the limit were held in memory, because sessions waited for each other\n",
                            human_bytes(stats.over_limit_bytes));
    }
    return text;
}

std::string progress_line(const replay::ReplayStats& stats, Timestamp start, Timestamp now) {
    const Duration elapsed = now - start;
    const auto answered = stats.exchanges_answered.load();
    const replay::ReplayedShare progress = replay::progress_of(stats, now);
    std::string line = human_duration(elapsed);
    if (progress.share) line += fmt::format("  {:.0f} %", 100 * *progress.share);
    if (stats.paused) line += ", paused";
    if (progress.left) line += fmt::format(", {} left", human_duration(*progress.left));
    return line + fmt::format("  {} sessions open  {} exchanges answered ({:.0f}/s)  {} errors  {} late  {} queued",
                              human_count(stats.sessions_open), human_count(answered),
                              static_cast<double>(answered) / std::max(elapsed.to_seconds(), 0.001),
                              human_count(stats.errors), human_count(stats.late_requests),
                              human_bytes(stats.queued_bytes));
}

ProgressLine::ProgressLine(const replay::ReplayStats& stats, bool quiet) : stats_(stats), start_(system_clock().now()) {
    if (quiet || isatty(STDERR_FILENO) == 0) return;
    thread_ = std::thread([this] {
        Timestamp shown = start_;
        while (!ending_) {
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            const Timestamp now = system_clock().now();
            if (now - shown < Duration::seconds(1)) continue;
            shown = now;
            show();
        }
    });
}

ProgressLine::~ProgressLine() {
    ending_ = true;
    if (!thread_.joinable()) return;
    thread_.join();
    fmt::print(stderr, "\r\033[K");
}

void ProgressLine::show() const {
    fmt::print(stderr, "\r{} \033[K", progress_line(stats_, start_, system_clock().now()));
    std::fflush(stderr);
}

}  // namespace understudy::app
