#include "app/check/check_as_report.hpp"

#include <fmt/format.h>

#include "compare/report/make_finding.hpp"

namespace understudy::app {
namespace {

using compare::DivergenceKind;

DivergenceKind kind_of_difference(schema::DifferenceKind kind) {
    switch (kind) {
        case schema::DifferenceKind::error_appeared: return DivergenceKind::error_appeared;
        case schema::DifferenceKind::error_disappeared: return DivergenceKind::error_disappeared;
        case schema::DifferenceKind::error_changed: return DivergenceKind::error_changed;
        case schema::DifferenceKind::parameter_types: return DivergenceKind::parameter_types;
        case schema::DifferenceKind::column_added: return DivergenceKind::column_added;
        case schema::DifferenceKind::column_removed: return DivergenceKind::column_removed;
        case schema::DifferenceKind::column_renamed: return DivergenceKind::column_renamed;
        case schema::DifferenceKind::column_retyped:
        case schema::DifferenceKind::type_modifier: return DivergenceKind::column_retyped;
        case schema::DifferenceKind::column_order: return DivergenceKind::column_order;
    }
    return DivergenceKind::error_appeared;
}

compare::Severity severity_in_report(schema::Severity severity) {
    switch (severity) {
        case schema::Severity::breaks: return compare::Severity::breaking;
        case schema::Severity::risky: return compare::Severity::risky;
        case schema::Severity::information: return compare::Severity::cosmetic;
    }
    return compare::Severity::risky;
}

/// Which statement it is, and when and by whom it was recorded. What makes the finding's id is there already.
template <class Found>
void add_occurrences(const Found& from, compare::Finding& finding) {
    finding.statement = from.statement;
    finding.fingerprint = from.fingerprint.hex();
    finding.lexical = from.fingerprint.lexical;
    finding.id = compare::finding_id(finding.fingerprint, finding.kind, finding.place, finding.sqlstate);
    finding.count = from.count;
    finding.users.assign(from.users.begin(), from.users.end());
    finding.first = from.first;
    finding.last = from.last;
}

compare::Finding observed_finding(const schema::Finding& from) {
    compare::Finding finding;
    finding.kind = kind_of_difference(from.kind);
    finding.severity = severity_in_report(schema::severity_of(from.kind));
    const bool parameter = from.place.starts_with("$");
    finding.place = from.place.empty() ? "error" : parameter ? from.place : "column " + from.place;
    finding.sqlstate = from.sqlstate;
    add_occurrences(from, finding);
    finding.cause = from.cause == "privilege" ? compare::Cause::privilege
                    : from.cause == "data"    ? compare::Cause::data
                                              : compare::Cause::schema;
    finding.explanation = from.hint.empty() ? from.message : from.message + " (" + from.hint + ")";
    finding.baseline = from.baseline;
    finding.candidate = from.candidate;
    finding.example = compare::Example{};
    finding.example->sql = from.example;
    finding.example->baseline = from.baseline;
    finding.example->candidate = from.candidate;
    return finding;
}

compare::Finding predicted_finding(const schema::PredictedFinding& from) {
    compare::Finding finding;
    const schema::Prediction& prediction = from.prediction;
    finding.kind = prediction.sqlstate.empty() ? DivergenceKind::value : DivergenceKind::error_appeared;
    finding.severity = severity_in_report(prediction.severity);
    finding.place = prediction.object;
    finding.sqlstate = prediction.sqlstate;
    add_occurrences(from, finding);
    if (from.statement.empty()) finding.statement = "(all sessions)";
    finding.cause = compare::Cause::schema;
    finding.explanation = "predicted, not observed: " + prediction.reason;
    return finding;
}

compare::Section migration_section(const schema::MigrationOutcome& outcome) {
    compare::Section section{"migration", "The migration", compare::SectionState::passed, {}, {}};
    if (!outcome.failed) {
        section.summary =
            fmt::format("{} statements of {} files ran on a scratch copy", outcome.statements, outcome.files);
        return section;
    }
    section.state = compare::SectionState::failed;
    section.summary = fmt::format("{}: {} ({})", outcome.place, outcome.message, outcome.sqlstate);
    section.lines = {outcome.statement};
    return section;
}

compare::Section coverage_section(const schema::CheckReport& check) {
    compare::Section section{"checked", "What was checked", compare::SectionState::passed, {}, {}};
    section.summary =
        fmt::format("{} distinct statements, {:.1f} % of those that can be, asked of both schemas; none was executed",
                    check.checked, 100 * check.coverage());
    if (check.verdict == schema::Verdict::inconclusive) section.state = compare::SectionState::inconclusive;
    for (const auto& [reason, count] : check.not_checked)
        section.lines.push_back(fmt::format("not checked, {}: {}", reason, count));
    for (const auto& note : check.notes) section.lines.push_back(note);
    for (const auto& possible : check.possible) {
        section.lines.push_back(fmt::format("possible: {}", possible.prediction.reason));
    }
    return section;
}

}  // namespace

compare::Report check_as_report(const schema::CheckReport& check, const std::string& migration) {
    compare::Report report;
    report.command = "check";
    report.title = migration.empty() ? "Check of two schemas" : "Check of " + migration;
    for (const schema::Finding& finding : check.findings) report.findings.push_back(observed_finding(finding));
    for (const schema::PredictedFinding& finding : check.predicted)
        report.findings.push_back(predicted_finding(finding));
    if (check.migration) report.sections.push_back(migration_section(*check.migration));
    report.sections.push_back(coverage_section(check));
    report.coverage.steps = check.checked;
    report.coverage.compared = check.checked;
    for (const auto& [reason, count] : check.not_checked) {
        report.coverage.steps += count;
        report.coverage.not_compared[std::string(reason)] += count;
    }
    report.diverged = report.findings.size();
    switch (check.verdict) {
        case schema::Verdict::passed: report.verdict = compare::ReportVerdict::same; break;
        case schema::Verdict::findings: report.verdict = compare::ReportVerdict::divergent; break;
        case schema::Verdict::inconclusive: report.verdict = compare::ReportVerdict::inconclusive; break;
    }
    if (report.verdict == compare::ReportVerdict::inconclusive) {
        report.reasons.push_back(
            fmt::format("only {:.1f} % of the distinct statements could be checked", 100 * check.coverage()));
    } else if (!report.findings.empty()) {
        report.reasons.push_back(
            fmt::format("{} findings, of which {} are predicted", report.findings.size(), check.predicted.size()));
    }
    return report;
}

}  // namespace understudy::app
