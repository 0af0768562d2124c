#include "compare/history/make_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compare/history/history_text.hpp"
#include "compare/report/outward.hpp"

namespace understudy::compare {
namespace {

constexpr std::size_t kMaxStatement = RunRecord::kMaxField;
constexpr std::size_t kMaxExplanation = 2048;
constexpr std::size_t kMaxTitle = 1024;

std::string short_text(const std::string& text) { return plain_utf8(text, RunRecord::kMaxName); }

RunFinding finding_of(const Finding& from) {
    RunFinding finding;
    finding.key = {short_text(from.fingerprint), std::string(to_string(from.kind)), plain_utf8(from.place, kMaxTitle),
                   short_text(from.sqlstate)};
    finding.id = short_text(from.id);
    finding.severity = to_string(from.severity);
    finding.statement = plain_utf8(from.statement, kMaxStatement);
    finding.explanation = plain_utf8(from.explanation, kMaxExplanation);
    finding.count = from.count;
    return finding;
}

RunFinding finding_of(const Section& section) {
    RunFinding finding;
    finding.key = {"", "section", short_text(section.id), ""};
    finding.id = "section-" + short_text(section.id);
    finding.severity = to_string(Severity::breaking);
    finding.statement = plain_utf8(section.title, kMaxStatement);
    finding.explanation = plain_utf8(section.summary, kMaxExplanation);
    finding.count = 1;
    return finding;
}

RunFinding finding_of(const LatencyPlace& place) {
    RunFinding finding;
    finding.key = {short_text(place.fingerprint), "latency", place.judgement.metric, ""};
    finding.id = "latency-" + short_text(place.fingerprint);
    finding.severity = to_string(Severity::risky);
    finding.statement = plain_utf8(place.statement, kMaxStatement);
    finding.explanation = fmt::format("takes {:.0f} % longer than on the unchanged schema", (place.judgement.ratio - 1) * 100);
    finding.count = place.calls;
    return finding;
}

/// What JSON and a database can hold.
double finite(double ms) { return std::isfinite(ms) && ms >= 0 ? ms : 0; }

RunTimes times_of(const LatencySample& sample) {
    return {finite(sample.quantile(0.5)), finite(sample.quantile(0.95)), finite(sample.quantile(0.99))};
}

}  // namespace

RunRecord make_run(const Report& report, const RunName& name) {
    RunRecord run;
    RunSummary& summary = run.observed.summary;
    summary.id = make_run_id(name.at, name.chance);
    summary.at = name.at;
    summary.job = short_text(name.job);
    summary.command = name.command;
    summary.title = plain_utf8(report.title, kMaxTitle);
    summary.tool_version = UNDERSTUDY_VERSION;
    summary.verdict = to_string(report.verdict);
    for (std::size_t i = 0; i < kSeverities; ++i) {
        summary.severities[std::string(to_string(static_cast<Severity>(i)))] = report.findings_of(static_cast<Severity>(i));
    }
    for (const auto& [noise, count] : report.apart_by_class()) summary.noise_classes[std::string(to_string(noise))] = count;
    summary.compared = report.coverage.compared;
    summary.diverged = report.diverged;
    summary.noise = report.noise;
    summary.unconfirmed = report.unconfirmed;
    summary.downstream = report.downstream;
    summary.expected = report.expected;
    summary.coverage_percent = finite(report.coverage.percent());
    auto& findings = run.observed.findings;
    for (const Finding& finding : report.findings) findings.push_back(finding_of(finding));
    for (const Section& section : report.sections) {
        if (section.state == SectionState::failed && section.id != kHistorySection) findings.push_back(finding_of(section));
    }
    if (report.latency) {
        for (const LatencyPlace& place : report.latency->places) {
            if (place.judgement.verdict == LatencyVerdict::regressed) findings.push_back(finding_of(place));
        }
    }
    if (findings.size() > RunRecord::kMaxFindings) {
        summary.findings_left = findings.size() - RunRecord::kMaxFindings;
        findings.resize(RunRecord::kMaxFindings);
    }
    summary.findings = findings.size();
    return run;
}

void add_times(RunRecord& run, const RunLatencies& baseline, const RunLatencies& candidate, const Digester* digester) {
    for (const auto& [fingerprint, before] : baseline.statements) {
        const auto after = candidate.statements.find(fingerprint);
        if (after == candidate.statements.end() || run.latencies.size() == RunRecord::kMaxLatencies) continue;
        StatementLatency one;
        one.fingerprint = fingerprint;
        one.statement = plain_utf8(digester != nullptr ? without_values(before.text, *digester) : before.text, kMaxStatement);
        one.calls = after->second.sample.count();
        one.baseline = times_of(before.sample);
        one.candidate = times_of(after->second.sample);
        run.latencies.push_back(std::move(one));
    }
    run.observed.summary.latencies = run.latencies.size();
}

void add_asked(RunRecord& run, const AskedStatements& asked) {
    static_assert(AskedStatements::kMax <= RunRecord::kMaxAsked);
    run.observed.asked.assign(asked.fingerprints.begin(), asked.fingerprints.end());
    run.observed.summary.asked_complete = asked.complete;
}

void add_trends(RunRecord& run, const TrendReport& trends) {
    for (const Trend& trend : trends.trends) {
        if (!trend.slower || run.observed.findings.size() == RunRecord::kMaxFindings) continue;
        RunFinding finding;
        finding.key = {trend.fingerprint, kTrendKind, "median", ""};
        finding.id = fmt::format("trend-{}", trend.fingerprint.empty() ? "all" : trend.fingerprint);
        finding.severity = to_string(Severity::risky);
        const auto named = std::find_if(run.latencies.begin(), run.latencies.end(), [&](const StatementLatency& one) {
            return one.fingerprint == trend.fingerprint;
        });
        finding.statement = named == run.latencies.end() ? "all statements together" : named->statement;
        finding.explanation = plain_utf8(trend_text(trend), kMaxExplanation);
        finding.count = trend.nights;
        run.observed.findings.push_back(std::move(finding));
    }
    run.observed.summary.findings = run.observed.findings.size();
}

}  // namespace understudy::compare
