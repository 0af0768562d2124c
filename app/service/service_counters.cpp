#include "app/service/service_counters.hpp"

#include <fmt/format.h>

namespace understudy::app::service {
namespace {

std::string metric(const char* name, const char* type, const char* help, std::uint64_t value) {
    return fmt::format(
        "# HELP understudy_service_{0} {1}\n# TYPE understudy_service_{0} {2}\nunderstudy_service_{0} {3}\n", name,
        help, type, value);
}

std::string answers(const ServiceCounters& counters) {
    std::string out =
        "# HELP understudy_service_answers_total HTTP answers by class\n# TYPE understudy_service_answers_total "
        "counter\n";
    for (std::size_t i = 1; i < counters.answers.size(); ++i) {
        out += fmt::format("understudy_service_answers_total{{class=\"{}xx\"}} {}\n", i, counters.answers.at(i).load());
    }
    return out;
}

std::string times(const Histogram& us) {
    std::string out =
        "# HELP understudy_service_answer_seconds Time to answer\n# TYPE understudy_service_answer_seconds histogram\n";
    for (const std::uint64_t limit :
         {500U, 1000U, 2500U, 5000U, 10'000U, 50'000U, 100'000U, 500'000U, 1'000'000U, 5'000'000U}) {
        out += fmt::format("understudy_service_answer_seconds_bucket{{le=\"{}\"}} {}\n",
                           static_cast<double>(limit) / 1e6, us.count_up_to(limit));
    }
    return out + fmt::format(
                     "understudy_service_answer_seconds_bucket{{le=\"+Inf\"}} "
                     "{0}\nunderstudy_service_answer_seconds_sum {1}\n"
                     "understudy_service_answer_seconds_count {0}\n",
                     us.count(), us.sum() / 1e6);
}

}  // namespace

std::string service_metrics(const ServiceCounters& counters, const RunGauges& runs) {
    std::string out = answers(counters) + times(counters.microseconds());
    out += metric("malformed_total", "counter", "Requests that are no HTTP or too long", counters.malformed);
    out += metric("tls_failures_total", "counter", "TLS handshakes that failed", counters.tls_failures);
    out +=
        metric("timed_out_total", "counter", "Connections closed because the client was too slow", counters.timed_out);
    out += metric("connections_open", "gauge", "Connections open now", counters.connections);
    out += metric("connections_refused_total", "counter", "Connections beyond the limit", counters.connections_refused);
    out += metric("viewers_open", "gauge", "WebSockets that follow rehearsals", counters.viewers);
    out += metric("viewers_refused_total", "counter", "WebSockets refused, by limit, origin or token",
                  counters.viewers_refused);
    out += metric("viewer_messages_total", "counter", "Messages sent to viewers", counters.messages_sent);
    out += metric("viewer_messages_dropped_total", "counter", "Messages that slow viewers did not take",
                  counters.messages_dropped);
    out += metric("unauthorised_total", "counter", "Requests without a token that is known", counters.unauthorised);
    out += metric("forbidden_total", "counter", "Requests beyond the token's role, or of a foreign page",
                  counters.forbidden);
    out += metric("rate_limited_total", "counter", "Requests beyond the rate of a visitor", counters.rate_limited);
    out += metric("audit_failures_total", "counter", "Actions refused because the audit log could not be written",
                  counters.audit_failures);
    out += metric("audit_suppressed_total", "counter", "Refusals not written down, because there were too many",
                  counters.audit_suppressed);
    out += metric("hooks_sent_total", "counter", "Events of runs that hooks took", counters.hooks_sent);
    out += metric("hooks_failed_total", "counter", "Events of runs that a hook did not take, and that were given up",
                  counters.hooks_failed);
    out += metric("hook_retries_total", "counter", "Further attempts to tell a hook", counters.hook_retries);
    out += metric("hooks_superseded_total", "counter", "Beginnings not told any more, because the run was over",
                  counters.hooks_superseded);
    out += metric("hooks_dropped_total", "counter", "Events beyond what may wait for a hook", counters.hooks_dropped);
    out += metric("hooks_waiting", "gauge", "Events that wait for a hook, or are under way", counters.hooks_waiting);
    out += metric("runs_started_total", "counter", "Rehearsals started", runs.started);
    out +=
        "# HELP understudy_service_runs_ended_total Rehearsals that ended, by verdict, or by state where there is "
        "none\n"
        "# TYPE understudy_service_runs_ended_total counter\n";
    for (const auto& [how, count] : runs.ended)
        out += fmt::format("understudy_service_runs_ended_total{{how=\"{}\"}} {}\n", how, count);
    out += metric("runs_running", "gauge", "Rehearsals that run now", runs.running);
    out += metric("schedules", "gauge", "Schedules set", runs.schedules);
    out += metric("schedule_missed_total", "counter", "Times of schedules that a later run made up for", runs.missed);
    out +=
        metric("clean_failures_total", "counter", "Targets that could not be cleaned after a run", runs.clean_failures);
    out += metric("runs_unreadable", "gauge", "Directories of runs that could not be read", runs.unreadable_runs);
    return out;
}

}  // namespace understudy::app::service
