#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/web/status_server.hpp"
#include "replay/progress.hpp"

namespace understudy::app {
namespace {

std::string metric(const char* name, const char* type, const char* help, std::uint64_t value) {
    return fmt::format(
        "# HELP understudy_replay_{0} {1}\n# TYPE understudy_replay_{0} {2}\nunderstudy_replay_{0} {3}\n", name, help,
        type, value);
}

/// A Prometheus histogram in seconds from one in microseconds.
std::string histogram(const char* name, const char* help, const Histogram& microseconds) {
    std::string out =
        fmt::format("# HELP understudy_replay_{0} {1}\n# TYPE understudy_replay_{0} histogram\n", name, help);
    for (const std::uint64_t limit :
         {100U, 1000U, 5000U, 10'000U, 50'000U, 100'000U, 500'000U, 1'000'000U, 10'000'000U}) {
        out += fmt::format("understudy_replay_{}_bucket{{le=\"{}\"}} {}\n", name, static_cast<double>(limit) / 1e6,
                           microseconds.count_up_to(limit));
    }
    out += fmt::format("understudy_replay_{0}_bucket{{le=\"+Inf\"}} {1}\n", name, microseconds.count());
    out += fmt::format("understudy_replay_{0}_sum {2}\nunderstudy_replay_{0}_count {1}\n", name, microseconds.count(),
                       microseconds.sum() / 1e6);
    return out;
}

std::string gauge(const char* name, const char* help, double value) {
    return fmt::format(
        "# HELP understudy_replay_{0} {1}\n# TYPE understudy_replay_{0} gauge\nunderstudy_replay_{0} {2}\n", name, help,
        value);
}

std::string metrics(const replay::ReplayStats& stats, const replay::ReplayedShare& progress) {
    std::string out;
    if (progress.share) out += gauge("done_ratio", "Share of the capture that is replayed", *progress.share);
    if (progress.left) out += gauge("left_seconds", "What is left, as far as can be told", progress.left->to_seconds());
    out += metric("paused", "gauge", "1 while all sessions are held", stats.paused ? 1 : 0);
    out += metric("sessions_opened_total", "counter", "Sessions connected to the target", stats.sessions_opened);
    out += metric("sessions_failed_total", "counter", "Sessions that could not connect or lost their connection",
                  stats.sessions_failed);
    out += metric("sessions_open", "gauge", "Sessions open now", stats.sessions_open);
    out += metric("requests_sent_total", "counter", "Requests sent to the target", stats.requests_sent);
    out += metric("requests_not_sent_total", "counter", "Requests held back or impossible to send",
                  stats.requests_not_sent);
    out += metric("exchanges_answered_total", "counter", "Exchanges answered by the target", stats.exchanges_answered);
    out += metric("errors_total", "counter", "Steps that the target answered with an error", stats.errors);
    out += metric("read_only_refused_total", "counter", "Steps refused because they would have written",
                  stats.read_only_refused);
    out += metric("bytes_sent_total", "counter", "Bytes sent to the target", stats.bytes_sent);
    out += metric("bytes_received_total", "counter", "Bytes received from the target", stats.bytes_received);
    out += metric("late_requests_total", "counter", "Requests sent more than 10 ms late", stats.late_requests);
    out += metric("queued_bytes", "gauge", "Bytes read from the capture and not sent yet", stats.queued_bytes);
    out += histogram("lag_of_target_seconds", "Lateness while earlier answers of the target were awaited",
                     stats.lag(replay::LagCause::target));
    out += metric("order_waits_total", "counter", "Requests that waited for other sessions", stats.order_waits);
    out += metric("order_tainted_total", "counter", "Requests after something that did not happen as recorded",
                  stats.tainted_requests);
    out += histogram("lag_of_order_seconds", "Lateness while other sessions had to come first",
                     stats.lag(replay::LagCause::order));
    out += histogram("lag_of_tool_seconds", "Lateness while nothing was awaited", stats.lag(replay::LagCause::tool));
    return out;
}

nlohmann::json lag_json(const Histogram& us) {
    return {{"count", us.count()}, {"p50", us.quantile(0.5)}, {"p99", us.quantile(0.99)}, {"max", us.max()}};
}

/// A share and a time that are null where they cannot be told.
nlohmann::json progress_json(const replay::ReplayedShare& progress, bool paused) {
    nlohmann::json json{{"share", nullptr}, {"seconds_left", nullptr}, {"paused", paused}};
    if (progress.share) json["share"] = *progress.share;
    if (progress.left) json["seconds_left"] = progress.left->to_seconds();
    return json;
}

std::string status_json(const replay::ReplayStats& stats, const std::string& capture, Duration elapsed,
                        const replay::ReplayedShare& progress) {
    const double rate = static_cast<double>(stats.exchanges_answered.load()) / std::max(elapsed.to_seconds(), 0.001);
    const nlohmann::json status{
        {"format_version", 1},
        {"capture", capture},
        {"elapsed_seconds", elapsed.to_seconds()},
        {"progress", progress_json(progress, stats.paused)},
        {"exchanges_per_second", rate},
        {"sessions",
         {{"opened", stats.sessions_opened.load()},
          {"open", stats.sessions_open.load()},
          {"failed", stats.sessions_failed.load()}}},
        {"requests",
         {{"read", stats.requests_read.load()},
          {"sent", stats.requests_sent.load()},
          {"not_sent", stats.requests_not_sent.load()},
          {"late", stats.late_requests.load()}}},
        {"exchanges_answered", stats.exchanges_answered.load()},
        {"errors", stats.errors.load()},
        {"queued_bytes", stats.queued_bytes.load()},
        {"order",
         {{"waits", stats.order_waits.load()},
          {"broken_waits", stats.broken_waits[0] + stats.broken_waits[1] + stats.broken_waits[2]},
          {"tainted_requests", stats.tainted_requests.load()},
          {"ambiguous_requests", stats.ambiguous_requests.load()}}},
        {"lag_us",
         {{"target", lag_json(stats.lag(replay::LagCause::target))},
          {"order", lag_json(stats.lag(replay::LagCause::order))},
          {"tool", lag_json(stats.lag(replay::LagCause::tool))}}}};
    return status.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

StatusAnswer answer_status(const std::string& method, const std::string& path, const replay::ReplayStats& stats,
                           const std::string& capture, Timestamp start, Timestamp now) {
    if (method != "GET" && method != "HEAD") return {405, "text/plain", "only GET and HEAD\n"};
    const std::string resource = path.substr(0, path.find('?'));
    if (resource == "/healthz") return {200, "text/plain", "ok\n"};
    if (resource == "/metrics")
        return {200, "text/plain; version=0.0.4", metrics(stats, replay::progress_of(stats, now))};
    if (resource == "/status" || resource == "/")
        return {200, "application/json", status_json(stats, capture, now - start, replay::progress_of(stats, now))};
    return {404, "text/plain", "there are /status, /metrics and /healthz\n"};
}

}  // namespace understudy::app
