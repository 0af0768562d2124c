#include "app/replay_progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "app/options.hpp"

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
    const Histogram tool = stats.lag_of_tool();
    const Histogram target = stats.lag_of_target();
    if (stats.late_requests > 0) {
        text += fmt::format("{} requests were sent more than 10 ms late\n", human_count(stats.late_requests));
        if (target.count() > 0)
            text += fmt::format("  waiting for the target's earlier answers: {}\n", lag_words(target));
        if (tool.count() > 0) text += fmt::format("  sending when nothing was awaited:         {}\n", lag_words(tool));
    }
    if (stats.over_limit_bytes > 0) {
        text += fmt::format("{} more than the limit were held in memory, because sessions waited for each other\n",
                            human_bytes(stats.over_limit_bytes));
    }
    return text;
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
    const Duration elapsed = system_clock().now() - start_;
    const auto answered = stats_.exchanges_answered.load();
    fmt::print(stderr, "\r{}  {} sessions open  {} exchanges answered ({:.0f}/s)  {} errors  {} late  {} queued \033[K",
               human_duration(elapsed), human_count(stats_.sessions_open), human_count(answered),
               static_cast<double>(answered) / std::max(elapsed.to_seconds(), 0.001), human_count(stats_.errors),
               human_count(stats_.late_requests), human_bytes(stats_.queued_bytes));
    std::fflush(stderr);
}

}  // namespace understudy::app
