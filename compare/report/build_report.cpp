#include "compare/report/build_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compare/analysis/judgement.hpp"
#include "compare/report/make_finding.hpp"
#include "compare/report/reservations.hpp"
#include "compare/rules/apply_rules.hpp"

namespace understudy::compare {
namespace {

void sort_worst_first(std::vector<Finding>& findings) {
    std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
        const bool a_speaks = speaks_against_the_change(a);
        if (a_speaks != speaks_against_the_change(b)) return a_speaks;
        if (a.severity != b.severity) return a.severity < b.severity;
        return a.count + a.followed_by > b.count + b.followed_by;
    });
}

std::uint64_t sum(const std::vector<Finding>& findings) {
    std::uint64_t total = 0;
    for (const Finding& finding : findings) total += finding.count;
    return total;
}

void sort_out(const Observations& seen, const std::vector<CellJudgement>& judgements, const Blame& blame,
              Report& report) {
    const Tally& tally = seen.tally;
    const Duration recorded = seen.activity.span();
    std::map<CellId, std::uint64_t> echoes;
    for (CellId id = 0; id < judgements.size(); ++id) {
        if (judgements[id].standing == Standing::downstream) echoes[judgements[id].upstream] += tally.cells()[id].count;
    }
    for (CellId id = 0; id < judgements.size(); ++id) {
        Finding finding = make_finding(tally.cells()[id], judgements[id], blame, recorded);
        if (const auto found = echoes.find(id); found != echoes.end()) finding.downstream = found->second;
        switch (judgements[id].standing) {
            case Standing::finding: report.findings.push_back(std::move(finding)); break;
            case Standing::noise: report.noise_places.push_back(std::move(finding)); break;
            case Standing::unconfirmed: report.unconfirmed_places.push_back(std::move(finding)); break;
            case Standing::downstream: report.downstream_places.push_back(std::move(finding)); break;
            case Standing::unseen: break;
        }
    }
}

void add_up(Report& report) {
    for (auto* places :
         {&report.findings, &report.noise_places, &report.unconfirmed_places, &report.downstream_places,
          &report.expected_places}) {
        sort_worst_first(*places);
    }
    report.diverged = sum(report.findings);
    report.noise = sum(report.noise_places);
    report.unconfirmed = sum(report.unconfirmed_places);
    report.downstream = sum(report.downstream_places);
    report.expected = sum(report.expected_places);
}

/// "6 findings: 4 breaking, 2 risky", of those that count.
std::string findings_in_words(const std::vector<Finding>& findings, Severity least) {
    std::array<std::size_t, kSeverities> counts{};
    std::size_t all = 0;
    for (const Finding& finding : findings) {
        if (!speaks_against_the_change(finding) || finding.severity > least) continue;
        ++counts[static_cast<std::size_t>(finding.severity)];
        ++all;
    }
    std::string text = fmt::format("{} finding{}", all, all == 1 ? "" : "s");
    const char* before = ": ";
    for (std::size_t i = 0; i < kSeverities; ++i) {
        if (counts[i] == 0) continue;
        text += fmt::format("{}{} {}", before, counts[i], to_string(static_cast<Severity>(i)));
        before = ", ";
    }
    return text;
}

}  // namespace

std::string_view to_string(ReportVerdict verdict) {
    switch (verdict) {
        case ReportVerdict::same: return "same";
        case ReportVerdict::divergent: return "divergent";
        case ReportVerdict::inconclusive: return "inconclusive";
    }
    return "unknown";
}

std::string_view to_string(SectionState state) {
    switch (state) {
        case SectionState::passed: return "passed";
        case SectionState::failed: return "failed";
        case SectionState::inconclusive: return "inconclusive";
        case SectionState::skipped: return "skipped";
    }
    return "unknown";
}

std::uint64_t Report::findings_of(Severity severity) const {
    return static_cast<std::uint64_t>(
        std::count_if(findings.begin(), findings.end(), [&](const Finding& f) { return f.severity == severity; }));
}

std::map<NoiseClass, std::uint64_t> Report::apart_by_class() const {
    std::map<NoiseClass, std::uint64_t> counts;
    for (const auto* places : {&noise_places, &unconfirmed_places}) {
        for (const Finding& place : *places) {
            if (place.noise_class) counts[*place.noise_class] += place.count;
        }
    }
    return counts;
}

Report build_report(const Observations& seen, const Blame& blame, std::vector<InputReport> inputs,
                    const ReportOptions& options) {
    Report report;
    report.inputs = std::move(inputs);
    report.coverage = seen.coverage;
    report.min_coverage = options.min_coverage;
    const bool has_control = input_of(report, Side::control) != nullptr;
    const bool has_confirmation = input_of(report, Side::confirmation) != nullptr;
    auto judgements = judge(seen.tally, seen.control_sqlstates, has_control, has_confirmation,
                            options.known_noise);
    report.known_noise = options.known_noise;
    if (has_control) report.known_noise.add_night(seen.tally, options.now);
    judge_by_schema(seen.tally, blame, judgements);
    sort_out(seen, judgements, blame, report);
    apply_rules(options.rules, seen.tolerated, options.now, report);
    add_up(report);
    report.sessions = seen.activity.state().sessions;
    report.timeline = seen.activity.state().timeline;
    add_remarks(seen, report);

    const auto counts = [&](const Finding& finding) {
        return speaks_against_the_change(finding) && finding.severity <= options.fail_on;
    };
    const auto against =
        static_cast<std::size_t>(std::count_if(report.findings.begin(), report.findings.end(), counts));
    auto reasons = doubts(seen, report);
    if (against > 0) {
        report.verdict = ReportVerdict::divergent;
        report.reasons.push_back(findings_in_words(report.findings, options.fail_on));
    } else if (!reasons.empty()) {
        report.verdict = ReportVerdict::inconclusive;
    }
    std::move(reasons.begin(), reasons.end(), std::back_inserter(report.reasons));
    return report;
}

void add_latency(Report& report, LatencyReport latency, const ReportOptions& options) {
    const std::size_t slower = latency.count(LatencyVerdict::regressed);
    report.latency = std::move(latency);
    if (slower == 0 || options.fail_on < Severity::risky) return;
    report.verdict = ReportVerdict::divergent;
    const std::string reason = fmt::format("{} statement{} slower", slower, slower == 1 ? " got" : "s got");
    // Before the doubts, after the findings.
    const bool has_findings = !report.reasons.empty() && !report.findings.empty();
    report.reasons.insert(report.reasons.begin() + (has_findings ? 1 : 0), reason);
}

}  // namespace understudy::compare
