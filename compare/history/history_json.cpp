#include "compare/history/history_json.hpp"

#include "compare/report/time_text.hpp"

namespace understudy::compare {
namespace {

using nlohmann::ordered_json;

ordered_json counts_json(const std::map<std::string, std::uint64_t>& counts) {
    ordered_json json = ordered_json::object();
    for (const auto& [name, count] : counts) json[name] = count;
    return json;
}

ordered_json times_json(const RunTimes& times) {
    return {{"median_ms", times.median_ms}, {"p95_ms", times.p95_ms}, {"p99_ms", times.p99_ms}};
}

ordered_json change_json(const NightChange& change) {
    const RunFinding& finding = change.finding;
    ordered_json json{{"state", to_string(change.state)},
                      {"id", finding.id},
                      {"severity", finding.severity},
                      {"kind", finding.key.kind},
                      {"fingerprint", finding.key.fingerprint},
                      {"place", finding.key.place},
                      {"statement", finding.statement},
                      {"explanation", finding.explanation},
                      {"count", finding.count},
                      {"count_before", change.count_before},
                      {"since", change.since},
                      {"seen_in", change.seen_in},
                      {"looked_at", change.looked_at},
                      {"there_tonight", change.there_tonight}};
    if (!finding.key.sqlstate.empty()) json["sqlstate"] = finding.key.sqlstate;
    return json;
}

}  // namespace

ordered_json summary_json(const RunSummary& run) {
    return {{"id", run.id},
            {"at", utc_text(run.at)},
            {"job", run.job},
            {"command", run.command},
            {"title", run.title},
            {"tool_version", run.tool_version},
            {"verdict", run.verdict},
            {"release", run.release},
            {"findings", run.findings + run.findings_left},
            {"findings_kept", run.findings},
            {"severities", counts_json(run.severities)},
            {"compared", run.compared},
            {"coverage_percent", run.coverage_percent},
            {"diverged", run.diverged},
            {"noise", run.noise},
            {"noise_classes", counts_json(run.noise_classes)},
            {"unconfirmed", run.unconfirmed},
            {"downstream", run.downstream},
            {"expected", run.expected},
            {"statements_timed", run.latencies}};
}

ordered_json nights_json(const NightsComparison& comparison) {
    ordered_json states = ordered_json::object();
    for (std::size_t i = 0; i < kNightStates; ++i) {
        const auto state = static_cast<NightState>(i);
        states[std::string(to_string(state))] = comparison.count(state);
    }
    ordered_json changes = ordered_json::array();
    for (const NightChange& change : comparison.changes) changes.push_back(change_json(change));
    return {{"format_version", 1},
            {"later", summary_json(comparison.tonight)},
            {"before", comparison.before.id.empty() ? ordered_json(nullptr) : summary_json(comparison.before)},
            {"passed_over", comparison.passed_over},
            {"states", std::move(states)},
            {"changes", std::move(changes)}};
}

ordered_json trend_json(const Trend& trend) {
    return {{"fingerprint", trend.fingerprint},
            {"shape", trend.shape == TrendShape::slide ? "slide" : "step"},
            {"slower", trend.slower},
            {"since", trend.since},
            {"nights", trend.nights},
            {"before_ms", trend.before_ms},
            {"now_ms", trend.now_ms},
            {"ratio", trend.ratio},
            {"per_night", trend.per_night},
            {"baseline_ratio", trend.baseline_ratio},
            {"without_the_change", trend.without_the_change()},
            {"p", trend.p}};
}

ordered_json series_json(const std::vector<LatencyPoint>& series, const std::optional<Trend>& trend) {
    ordered_json nights = ordered_json::array();
    for (const LatencyPoint& point : series) {
        nights.push_back({{"run", point.run},
                          {"at", utc_text(point.at)},
                          {"calls", point.latency.calls},
                          {"baseline", times_json(point.latency.baseline)},
                          {"candidate", times_json(point.latency.candidate)}});
    }
    return {{"format_version", 1},
            {"fingerprint", series.empty() ? "" : series.back().latency.fingerprint},
            {"statement", series.empty() ? "" : series.back().latency.statement},
            {"nights", std::move(nights)},
            {"trend", trend ? trend_json(*trend) : ordered_json(nullptr)}};
}

}  // namespace understudy::compare
