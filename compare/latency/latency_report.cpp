#include "compare/latency/latency_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace understudy::compare {
namespace {

constexpr std::size_t kParts = 40;
constexpr std::uint64_t kForP95 = 200;
constexpr std::uint64_t kForP99 = 1'000;

using Pairs = std::vector<std::pair<RunLatencies, RunLatencies>>;

/// The samples of one statement in all pairs; those of both sides in turn.
std::vector<std::pair<const LatencySample*, const LatencySample*>> samples_of(const Pairs& pairs, const std::string& key) {
    std::vector<std::pair<const LatencySample*, const LatencySample*>> samples;
    for (const auto& [baseline, candidate] : pairs) {
        const auto a = baseline.statements.find(key);
        const auto b = candidate.statements.find(key);
        if (a == baseline.statements.end() || b == candidate.statements.end()) return {};
        samples.emplace_back(&a->second.sample, &b->second.sample);
    }
    return samples;
}

StatementTimes times_of(const std::vector<std::pair<const LatencySample*, const LatencySample*>>& samples, double whole_ms) {
    StatementTimes times;
    times.least_count = UINT64_MAX;
    double own_ms = 0;
    for (const auto& [a, b] : samples) {
        times.least_count = std::min({times.least_count, a->count(), b->count()});
        own_ms += a->total_ms();
    }
    times.share = whole_ms > 0 ? own_ms / whole_ms : 0;
    for (const auto& [a, b] : samples) {
        times.medians.push_back({a->quantile(0.5), b->quantile(0.5)});
        if (times.least_count >= kForP95) times.p95.push_back({a->quantile(0.95), b->quantile(0.95)});
        if (times.least_count >= kForP99) times.p99.push_back({a->quantile(0.99), b->quantile(0.99)});
    }
    return times;
}

/// Both sides' values in parts of equal width on a logarithmic scale.
void fill_histogram(const std::vector<float>& a, const std::vector<float>& b, LatencyPlace& place) {
    float low = 1e30F;
    float high = 0;
    for (const auto* values : {&a, &b}) {
        for (const float value : *values) {
            low = std::min(low, std::max(value, 1e-3F));
            high = std::max(high, value);
        }
    }
    if (high <= 0) return;
    const double from = std::log(static_cast<double>(low));
    const double width = std::max(std::log(static_cast<double>(std::max(high, low))) - from, 1e-3) / kParts;
    for (std::size_t i = 0; i <= kParts; ++i) place.edges_ms.push_back(std::exp(from + width * static_cast<double>(i)));
    const auto counted = [&](const std::vector<float>& values) {
        std::vector<std::uint64_t> counts(kParts);
        for (const float value : values) {
            const double part = (std::log(static_cast<double>(std::max(value, 1e-3F))) - from) / width;
            ++counts[std::min(static_cast<std::size_t>(std::max(part, 0.0)), kParts - 1)];
        }
        return counts;
    };
    place.baseline_counts = counted(a);
    place.candidate_counts = counted(b);
}

LatencyPlace place_of(const std::string& key, const RunLatencies::Statement& statement, double share,
                      const std::vector<std::pair<const LatencySample*, const LatencySample*>>& samples) {
    LatencyPlace place;
    place.fingerprint = key;
    place.statement = statement.text;
    place.example = statement.example;
    place.share = share;
    LatencySample all_a;
    LatencySample all_b;
    for (const auto& [a, b] : samples) {
        place.calls += a->count();
        for (const float value : a->values()) all_a.add(static_cast<double>(value));
        for (const float value : b->values()) all_b.add(static_cast<double>(value));
    }
    place.median = {all_a.quantile(0.5), all_b.quantile(0.5)};
    place.p95 = {all_a.quantile(0.95), all_b.quantile(0.95)};
    place.p99 = {all_a.quantile(0.99), all_b.quantile(0.99)};
    fill_histogram(all_a.values(), all_b.values(), place);
    return place;
}

/// Regressions first, worst first; then by time.
bool worse(const LatencyPlace& a, const LatencyPlace& b) {
    const auto rank = [](const LatencyPlace& place) {
        switch (place.judgement.verdict) {
            case LatencyVerdict::regressed: return 0;
            case LatencyVerdict::improved: return 1;
            case LatencyVerdict::no_change:
            case LatencyVerdict::insufficient: return 2;
        }
        return 2;
    };
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    if (rank(a) == 0 && a.judgement.ratio != b.judgement.ratio) return a.judgement.ratio > b.judgement.ratio;
    return a.share > b.share;
}

}  // namespace

std::size_t LatencyReport::count(LatencyVerdict verdict) const {
    return static_cast<std::size_t>(std::count_if(
        places.begin(), places.end(), [&](const LatencyPlace& place) { return place.judgement.verdict == verdict; }));
}

std::string LatencyReport::power() const {
    if (detectable == 0 && pairs >= LatencyTest::kPairsForAVerdict) {
        return "no statement could be tested: too few executions, or too small a share of the time";
    }
    if (detectable == 0) {
        return fmt::format("with {} pair{} of runs nothing below a threefold change could have been found", pairs,
                           pairs == 1 ? "" : "s");
    }
    return fmt::format("a statement that takes {:.0f} % longer or more would have been found four times out of five",
                       std::ceil((detectable - 1) * 100));
}

LatencyReport report_latency(const Pairs& pairs) {
    LatencyReport report;
    report.pairs = pairs.size();
    if (pairs.empty()) return report;
    double whole_ms = 0;
    for (const auto& [baseline, candidate] : pairs) {
        whole_ms += baseline.total_ms;
        report.pipelined += baseline.pipelined;
        report.not_measured += baseline.not_measured;
    }
    std::vector<StatementTimes> times;
    for (const auto& [key, statement] : pairs.front().first.statements) {
        const auto samples = samples_of(pairs, key);
        if (samples.empty()) continue;
        times.push_back(times_of(samples, whole_ms));
        report.places.push_back(place_of(key, statement, times.back().share, samples));
    }
    report.statements = report.places.size();
    LatencyTest test = judge_latency(times, pairs.size());
    report.tested = test.tested;
    report.detectable = test.detectable;
    for (std::size_t i = 0; i < report.places.size(); ++i) report.places[i].judgement = std::move(test.statements[i]);
    std::stable_sort(report.places.begin(), report.places.end(), worse);
    if (report.places.size() > LatencyReport::kMaxPlaces) report.places.resize(LatencyReport::kMaxPlaces);
    return report;
}

Bytes first_difference(BytesView baseline_plan, BytesView candidate_plan) {
    /// A line of EXPLAIN without "  (cost=… rows=… width=…)".
    const auto next = [](BytesView& plan) {
        const std::size_t end = std::min(plan.find('\n'), plan.size());
        BytesView line = plan.substr(0, end);
        plan.remove_prefix(std::min(end + 1, plan.size()));
        return line.substr(0, line.find("  (cost="));
    };
    while (!baseline_plan.empty() || !candidate_plan.empty()) {
        const BytesView a = next(baseline_plan);
        const BytesView b = next(candidate_plan);
        if (a == b) continue;
        return fmt::format("baseline:  {}\ncandidate: {}", a.empty() ? "(no such node)" : a,
                           b.empty() ? "(no such node)" : b);
    }
    return {};
}

}  // namespace understudy::compare
