// The part of Service that asks the history.
#include <nlohmann/json.hpp>

#include "app/history/open_history.hpp"
#include "app/service/limits.hpp"
#include "app/web/service.hpp"
#include "compare/report/time_text.hpp"

namespace understudy::app {
namespace {

nlohmann::json times_json(const compare::RunTimes& times) {
    return {{"median_ms", times.median_ms}, {"p95_ms", times.p95_ms}, {"p99_ms", times.p99_ms}};
}

bool is_fingerprint(const std::string& text) {
    return text.size() == 16 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

service::WebAnswer Service::trend_of_fingerprint(const service::Route& route) {
    const std::string& fingerprint = route.arguments.at(0);
    if (!is_fingerprint(fingerprint)) return service::problem(422, "a fingerprint has 16 hexadecimal digits");
    if (config_.history.empty()) return service::problem(404, "no history is configured (history in serve.yaml)");
    const auto history = open_history(config_.history, {true});
    if (!history) return service::problem(503, history.error().message);
    RunFilter filter;
    filter.limit = service::kMaxPageLength;
    const auto points = (*history)->latency(fingerprint, filter);
    if (!points) return service::problem(503, points.error().message);
    nlohmann::json list = nlohmann::json::array();
    std::string statement;
    for (const compare::LatencyPoint& point : *points) {
        statement = point.latency.statement;
        list.push_back({{"run", point.run},
                        {"at", compare::utc_text(point.at)},
                        {"calls", point.latency.calls},
                        {"baseline", times_json(point.latency.baseline)},
                        {"candidate", times_json(point.latency.candidate)}});
    }
    const nlohmann::json body{{"fingerprint", fingerprint}, {"statement", statement}, {"points", std::move(list)}};
    return {200, "application/json", body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n", {}};
}

}  // namespace understudy::app
