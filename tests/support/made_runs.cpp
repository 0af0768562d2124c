#include "tests/support/made_runs.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace understudy::testing {

Timestamp night_time(int night) {
    constexpr std::int64_t kFirst = 1'767'236'400;  // 2026-01-01 03:00 UTC
    return Timestamp::from_ns((kFirst + std::int64_t{86'400} * night) * 1'000'000'000);
}

std::string made_fingerprint(int number) { return fmt::format("{:016x}", number); }

compare::RunRecord made_run(int night, const std::string& job, int findings, int statements) {
    compare::RunRecord run;
    compare::RunSummary& summary = run.observed.summary;
    summary.at = night_time(night);
    summary.id = compare::make_run_id(summary.at, static_cast<std::uint32_t>(std::hash<std::string>{}(job)));
    summary.job = job;
    summary.command = "rehearse";
    summary.title = "Rehearsal of 'münchen'\\n\t\"042\"";
    summary.tool_version = "0.1.0";
    summary.verdict = findings > 0 ? "divergent" : "same";
    summary.severities = {{"breaking", static_cast<std::uint64_t>(findings)}, {"wrong answer", 0}};
    summary.noise_classes = {{"time-dependent", 12}};
    summary.compared = 1'000 + static_cast<std::uint64_t>(night);
    summary.noise = 12;
    summary.coverage_percent = 99.1;
    summary.findings = static_cast<std::uint64_t>(findings);
    summary.latencies = static_cast<std::uint64_t>(statements);
    summary.asked_complete = true;
    for (int i = 0; i < findings; ++i) {
        compare::RunFinding finding;
        finding.key = {made_fingerprint(i), "error_appeared", fmt::format("place '{}' \\ ‹x›", i), "42703"};
        finding.id = fmt::format("f{:07x}", i);
        finding.severity = "breaking";
        finding.statement = "select \"a'b\\\" from t where x = $1";
        finding.explanation = "column \"phone\" does not exist, 'quoted'; -- really";
        finding.count = 7;
        run.observed.findings.push_back(std::move(finding));
    }
    for (int i = 0; i < statements; ++i) {
        run.observed.asked.push_back(made_fingerprint(i));
        const double ms = 1.0 / 3 + i + 0.01 * night;
        run.latencies.push_back({made_fingerprint(i), fmt::format("select {} from \"größe\"", i), 100, {ms, 2 * ms, 3 * ms},
                                 {ms + 0.1, 2 * ms, 3 * ms}});
    }
    run.text = "what a terminal shows: ‹integer 1f3a› 'x' \\\n";
    run.report = "{\"format_version\": 1, \"verdict\": \"divergent\", \"x\": \"\\u0000 \\\\ '\"}\n";
    return run;
}

}  // namespace understudy::testing
