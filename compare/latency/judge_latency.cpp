#include "compare/latency/judge_latency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

#include "compare/analysis/noise.hpp"

namespace understudy::compare {
namespace {

using Students = boost::math::students_t;

/// As if so many further runs had shown the spread of all statements together.
constexpr double kPriorFreedom = 4;

struct Logs {
    std::vector<double> d;
    double mean = 0;
    double variance = 0;
};

Logs logs_of(const std::vector<PairedTime>& times) {
    Logs logs;
    for (const PairedTime& time : times) {
        logs.d.push_back(std::log(std::max(time.candidate, 1e-6) / std::max(time.baseline, 1e-6)));
    }
    const auto n = static_cast<double>(logs.d.size());
    logs.mean = std::accumulate(logs.d.begin(), logs.d.end(), 0.0) / std::max(n, 1.0);
    for (const double d : logs.d) logs.variance += (d - logs.mean) * (d - logs.mean);
    logs.variance = n > 1 ? logs.variance / (n - 1) : 0;
    return logs;
}

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double mean_difference(const std::vector<PairedTime>& times) {
    double sum = 0;
    for (const PairedTime& time : times) sum += time.candidate - time.baseline;
    return times.empty() ? 0 : sum / static_cast<double>(times.size());
}

/// One metric (the medians, the p95, the p99) over all statements.
class Metric {
public:
    using Pick = const std::vector<PairedTime>& (*)(const StatementTimes&);

    Metric(const char* name, Pick pick, const std::vector<StatementTimes>& statements, const std::vector<std::size_t>& who)
        : name_(name), pick_(pick), statements_(statements) {
        std::vector<double> variances;
        for (const std::size_t i : who) {
            if (pick(statements[i]).size() < 2) continue;
            tested_.push_back(i);
            logs_.push_back(logs_of(pick(statements[i])));
            variances.push_back(logs_.back().variance);
        }
        prior_ = median(variances);
    }

    [[nodiscard]] std::size_t tested() const { return tested_.size(); }

    void judge(std::vector<LatencyJudgement>& out) const {
        std::vector<double> slower;
        std::vector<double> faster;
        for (const Logs& logs : logs_) {
            const double t = logs.mean / error_of(logs);
            slower.push_back(boost::math::cdf(boost::math::complement(Students(freedom(logs)), t)));
            faster.push_back(1 - slower.back());
        }
        const auto up = benjamini_hochberg(slower, LatencyTest::kFalseDiscoveryRate);
        const auto down = benjamini_hochberg(faster, LatencyTest::kFalseDiscoveryRate);
        for (std::size_t k = 0; k < tested_.size(); ++k) {
            decide(logs_[k], statements_[tested_[k]], up[k], down[k], out[tested_[k]]);
        }
    }

    /// The ratio found in four of five cases, at the level that the correction leaves to a single one.
    [[nodiscard]] double detectable() const {
        std::vector<double> ratios;
        for (const Logs& logs : logs_) {
            const Students distribution(freedom(logs));
            const double level = LatencyTest::kFalseDiscoveryRate / static_cast<double>(tested_.size());
            const double needed = boost::math::quantile(boost::math::complement(distribution, level));
            // For four of five: a little more, as the error is itself only an estimate.
            const double power = boost::math::quantile(distribution, 0.87);
            const double interval = boost::math::quantile(distribution, 0.975);
            const double least = std::log1p(LatencyTest::kLeastEffect) + (interval + power) * error_of(logs);
            ratios.push_back(std::exp(std::max((needed + power) * error_of(logs), least)));
        }
        return median(ratios);
    }

private:
    static double freedom(const Logs& logs) { return kPriorFreedom + static_cast<double>(logs.d.size()) - 1; }
    /// The standard error of the mean, with the moderated variance.
    [[nodiscard]] double error_of(const Logs& logs) const {
        const double own = static_cast<double>(logs.d.size()) - 1;
        const double variance = (kPriorFreedom * prior_ + own * logs.variance) / (kPriorFreedom + own);
        return std::sqrt(std::max(variance, 1e-10) / static_cast<double>(logs.d.size()));
    }

    void decide(const Logs& logs, const StatementTimes& statement, bool slower, bool faster, LatencyJudgement& out) const {
        const double half = boost::math::quantile(Students(freedom(logs)), 0.975) * error_of(logs);
        const bool first = out.high == 0;
        if (first) {
            out.ratio = std::exp(logs.mean);
            out.low = std::exp(logs.mean - half);
            out.high = std::exp(logs.mean + half);
        }
        if (out.verdict == LatencyVerdict::regressed) return;
        const double least = std::log1p(LatencyTest::kLeastEffect);
        const double difference = mean_difference(pick_(statement));
        const double relative = std::abs(std::expm1(logs.mean)) * statement.share;
        const bool matters = std::abs(difference) >= LatencyTest::kLeastMilliseconds || relative >= LatencyTest::kLeastShare;
        if (slower && matters && logs.mean - half > least) {
            out.verdict = LatencyVerdict::regressed;
        } else if (faster && matters && logs.mean + half < -least && out.verdict == LatencyVerdict::no_change) {
            out.verdict = LatencyVerdict::improved;
        } else {
            return;
        }
        out.metric = name_;
        out.ratio = std::exp(logs.mean);
        out.low = std::exp(logs.mean - half);
        out.high = std::exp(logs.mean + half);
    }

    const char* name_;
    Pick pick_;
    const std::vector<StatementTimes>& statements_;
    std::vector<std::size_t> tested_;
    std::vector<Logs> logs_;
    double prior_ = 0;
};

/// Too few pairs for a test: only what no run-to-run spread explains.
void judge_gross(const StatementTimes& statement, LatencyJudgement& out) {
    out.ratio = std::exp(logs_of(statement.medians).mean);
    const auto all = [&](auto&& test) { return std::all_of(statement.medians.begin(), statement.medians.end(), test); };
    const bool matters = std::abs(mean_difference(statement.medians)) >= LatencyTest::kLeastMilliseconds;
    if (matters && all([](const PairedTime& t) { return t.candidate > LatencyTest::kGross * t.baseline; })) {
        out.verdict = LatencyVerdict::regressed;
        out.why = "more than three times as long in every pair; smaller changes cannot be told from chance with so few pairs";
    } else if (matters && all([](const PairedTime& t) { return t.baseline > LatencyTest::kGross * t.candidate; })) {
        out.verdict = LatencyVerdict::improved;
    } else {
        out.verdict = LatencyVerdict::insufficient;
        out.why = fmt::format("fewer than {} pairs of runs: nothing below a threefold change can be told from chance",
                              LatencyTest::kPairsForAVerdict);
    }
}

}  // namespace

std::string_view to_string(LatencyVerdict verdict) {
    switch (verdict) {
        case LatencyVerdict::no_change: return "no change";
        case LatencyVerdict::regressed: return "regressed";
        case LatencyVerdict::improved: return "improved";
        case LatencyVerdict::insufficient: return "insufficient";
    }
    return "unknown";
}

LatencyTest judge_latency(const std::vector<StatementTimes>& statements, std::size_t pairs) {
    LatencyTest test;
    test.statements.resize(statements.size());
    std::vector<std::size_t> enough;
    for (std::size_t i = 0; i < statements.size(); ++i) {
        const StatementTimes& one = statements[i];
        LatencyJudgement& out = test.statements[i];
        out.ratio = std::exp(logs_of(one.medians).mean);
        if (one.least_count < LatencyTest::kLeastExecutions) {
            out.verdict = LatencyVerdict::insufficient;
            out.why = fmt::format("fewer than {} executions in a run", LatencyTest::kLeastExecutions);
        } else if (pairs < LatencyTest::kPairsForAVerdict) {
            judge_gross(one, out);
        } else if (one.share < LatencyTest::kLeastShare) {
            out.verdict = LatencyVerdict::insufficient;
            out.why = "less than 0.5 % of the whole time: not tested, so that what matters can be found";
        } else {
            enough.push_back(i);
        }
    }
    if (enough.empty()) return test;
    const Metric medians("median", [](const StatementTimes& s) -> const auto& { return s.medians; }, statements, enough);
    medians.judge(test.statements);
    Metric("p95", [](const StatementTimes& s) -> const auto& { return s.p95; }, statements, enough).judge(test.statements);
    Metric("p99", [](const StatementTimes& s) -> const auto& { return s.p99; }, statements, enough).judge(test.statements);
    test.tested = medians.tested();
    test.detectable = medians.detectable();
    return test;
}

}  // namespace understudy::compare
