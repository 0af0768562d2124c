#include "compare/report/rehearsed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace understudy::compare {
namespace {

constexpr const char* kFresh = "fresh sessions (opened after the migration)";
constexpr const char* kHeld = "held sessions (open since before the migration, with prepared statements)";
constexpr const char* kBoth = "fresh and held sessions";

int weight(ReportVerdict verdict) {
    switch (verdict) {
        case ReportVerdict::same: return 0;
        case ReportVerdict::inconclusive: return 1;
        case ReportVerdict::divergent: return 2;
    }
    return 2;
}

void judge(const Section& section, Report& report) {
    if (section.state != SectionState::failed && section.state != SectionState::inconclusive) return;
    report.reasons.push_back(fmt::format("{}: {}", section.title, section.summary));
    const auto as_verdict =
        section.state == SectionState::failed ? ReportVerdict::divergent : ReportVerdict::inconclusive;
    if (weight(as_verdict) > weight(report.verdict)) report.verdict = as_verdict;
}

}  // namespace

void add_held(Report& report, Report held) {
    std::map<std::string, std::size_t> places;
    for (std::size_t i = 0; i < report.findings.size(); ++i) {
        report.findings[i].seen_in = kFresh;
        places.emplace(report.findings[i].id, i);
    }
    for (Finding& finding : held.findings) {
        const auto known = places.find(finding.id);
        if (known != places.end()) {
            report.findings[known->second].seen_in = kBoth;
            continue;
        }
        finding.seen_in = kHeld;
        report.diverged += finding.count;
        report.findings.push_back(std::move(finding));
    }
    std::stable_sort(report.findings.begin(), report.findings.end(),
                     [](const Finding& a, const Finding& b) { return a.severity < b.severity; });
    for (const std::string& reason : held.reasons) report.reasons.push_back("held sessions: " + reason);
    for (const std::string& remark : held.remarks) {
        if (std::find(report.remarks.begin(), report.remarks.end(), remark) == report.remarks.end()) {
            report.remarks.push_back("held sessions: " + remark);
        }
    }
    if (weight(held.verdict) > weight(report.verdict)) report.verdict = held.verdict;
}

void judge_sections(Report& report) {
    for (const Section& section : report.sections) judge(section, report);
}

void add_section(Report& report, Section section) {
    judge(section, report);
    report.sections.push_back(std::move(section));
}

}  // namespace understudy::compare
