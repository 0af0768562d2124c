#include "compare/report/latency_json.hpp"

namespace understudy::compare {
namespace {

using nlohmann::ordered_json;

ordered_json times_json(double median, double p95, double p99) {
    return {{"median_ms", median}, {"p95_ms", p95}, {"p99_ms", p99}};
}

ordered_json place_json(const LatencyPlace& place) {
    const LatencyJudgement& judged = place.judgement;
    ordered_json json{
        {"statement", place.statement},
        {"fingerprint", place.fingerprint},
        {"calls", place.calls},
        {"share", place.share},
        {"baseline", times_json(place.median.baseline, place.p95.baseline, place.p99.baseline)},
        {"candidate", times_json(place.median.candidate, place.p95.candidate, place.p99.candidate)},
        {"metric", judged.metric},
        {"ratio", judged.ratio},
        {"verdict", to_string(judged.verdict)}};
    if (judged.high > 0) {
        json["low"] = judged.low;
        json["high"] = judged.high;
    }
    if (!judged.why.empty()) json["why"] = judged.why;
    if (!place.edges_ms.empty()) {
        json["histogram"] = {{"edges_ms", place.edges_ms},
                             {"baseline", place.baseline_counts},
                             {"candidate", place.candidate_counts}};
    }
    if (!place.baseline_plan.empty() || !place.candidate_plan.empty()) {
        json["plan"] = {{"baseline", place.baseline_plan},
                        {"candidate", place.candidate_plan},
                        {"first_difference", place.first_difference}};
    }
    return json;
}

}  // namespace

ordered_json latency_json(const LatencyReport& report) {
    ordered_json places = ordered_json::array();
    for (const LatencyPlace& place : report.places) places.push_back(place_json(place));
    return {{"pairs", report.pairs},
            {"statements", report.statements},
            {"tested", report.tested},
            {"regressed", report.count(LatencyVerdict::regressed)},
            {"improved", report.count(LatencyVerdict::improved)},
            {"power", report.power()},
            {"pipelined", report.pipelined},
            {"not_measured", report.not_measured},
            {"places", std::move(places)}};
}

}  // namespace understudy::compare
