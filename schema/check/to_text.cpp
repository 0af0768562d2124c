#include <fmt/format.h>

#include <algorithm>

#include "schema/check/check_report.hpp"
#include "schema/check/text_format.hpp"

namespace understudy::schema {
namespace {

std::string counted(std::uint64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count_text(count), noun, count == 1 ? "" : "s");
}

std::string headline(const CheckReport& report) {
    if (report.verdict == Verdict::findings) {
        const auto breaking = static_cast<std::uint64_t>(
            std::count_if(report.findings.begin(), report.findings.end(),
                          [](const Finding& finding) { return severity_of(finding.kind) == Severity::breaks; }));
        std::string text = fmt::format("FINDINGS: {}, {} breaking", counted(report.findings.size(), "difference"),
                                       count_text(breaking));
        if (!report.predicted.empty()) text += fmt::format("; {} predicted", count_text(report.predicted.size()));
        if (report.migration && report.migration->failed) text = "FINDINGS: the migration fails; " + text.substr(10);
        return text;
    }
    if (report.verdict == Verdict::passed) return "PASSED: no recorded statement fails or answers in another shape";
    if (report.checked == 0) return "INCONCLUSIVE: nothing could be checked";
    return fmt::format("INCONCLUSIVE: coverage is {:.1f} %, below the {:.1f} % asked for", report.coverage() * 100,
                       report.min_coverage * 100);
}

std::string reasons_text(const Reasons& reasons) {
    std::string text;
    for (const auto& [reason, count] : reasons) {
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count_text(count), reason);
    }
    return text;
}

std::string indented(BytesView text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        out += "      " + printable(text.substr(0, end)) + "\n";
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::string users_text(const Finding& finding) {
    constexpr std::size_t kMaxUsers = 5;
    std::string text;
    std::size_t shown = 0;
    for (const Bytes& user : finding.users) {
        if (shown++ == kMaxUsers) return text + fmt::format(" and {} more", finding.users.size() - kMaxUsers);
        text += (text.empty() ? " by " : ", ") + printable(user);
    }
    return text;
}

std::string finding_text(const Finding& finding, std::size_t number) {
    std::string text = fmt::format("\n{:3}. {}: ", number, to_string(severity_of(finding.kind)));
    if (!finding.sqlstate.empty()) text += fmt::format("ERROR {}: ", printable(finding.sqlstate));
    text += fmt::format("{}  [{}]\n", printable(finding.message), to_string(finding.kind));
    if (!finding.hint.empty()) text += fmt::format("     hint: {}\n", printable(finding.hint));
    if (finding.kind == DifferenceKind::error_changed) {
        text += fmt::format("     baseline: {}\n", printable(finding.baseline));
    }
    const CaretLines lines = caret_lines(finding.checked_sql, finding.position);
    text += fmt::format("     {}\n", lines.line);
    if (!lines.caret.empty()) text += fmt::format("     {}\n", lines.caret);
    text += fmt::format("     ran {}{}", counted(finding.count, "time"), users_text(finding));
    if (finding.first.known()) text += fmt::format(", {} to {}", utc_text(finding.first), utc_text(finding.last));
    if (finding.variants > 1) text += fmt::format(", in {} variants", count_text(finding.variants));
    text += fmt::format("\n     {}\n", explanation(finding.kind));
    return text + "     to see it:\n" + indented(finding.example);
}

std::string predicted_text(const PredictedFinding& finding, std::size_t number) {
    const Prediction& prediction = finding.prediction;
    std::string text = fmt::format("\n{:3}. predicted, {}: ", number, to_string(prediction.severity));
    if (!prediction.sqlstate.empty()) text += fmt::format("ERROR {}: ", printable(prediction.sqlstate));
    text += fmt::format("{}  [{} {}]\n", printable(prediction.reason), prediction.kind, printable(prediction.object));
    if (finding.statement.empty()) return text;
    text += fmt::format("     {}\n", caret_lines(finding.statement, 0).line);
    std::string users;
    for (const Bytes& user : finding.users) users += (users.empty() ? " by " : ", ") + printable(user);
    return text + fmt::format("     ran {}{}\n", counted(finding.count, "time"), users);
}

std::string migration_text(const MigrationOutcome& outcome) {
    std::string text = fmt::format("  migration  {}, {} run", counted(outcome.files, "file"),
                                   counted(outcome.statements, "statement"));
    if (!outcome.failed) return text + "\n";
    text += fmt::format("; FAILED at {}:\n      ERROR {}: {}\n", printable(outcome.place), printable(outcome.sqlstate),
                        printable(outcome.message));
    return text + indented(outcome.statement);
}

std::string closing(const CheckReport& report) {
    std::string text = "\n";
    if (!report.possible.empty()) {
        text += fmt::format("Possible, depending on data or values that are not known: {}\n",
                            counted(report.possible.size(), "effect"));
        constexpr std::size_t kShown = 10;
        for (std::size_t i = 0; i < std::min(kShown, report.possible.size()); ++i) {
            const Prediction& prediction = report.possible[i].prediction;
            text += fmt::format("  {} {}: {}\n", printable(prediction.sqlstate), printable(prediction.object),
                                printable(prediction.reason));
        }
    }
    if (!report.roles_not_assumed.empty()) {
        std::string names;
        for (const Bytes& role : report.roles_not_assumed) names += (names.empty() ? "" : ", ") + printable(role);
        const std::string user = report.asked_as.empty() ? "the user of the connection" : printable(report.asked_as);
        text += fmt::format(
            "Privileges not checked, as one of the servers lacks the role or does not allow SET ROLE: {0}\n"
            "  What the catalogues say of tables, columns and functions was compared. To have them checked: GRANT {0} TO {1};\n",
            names, user);
    }
    if (report.failed_alike > 0) {
        text += fmt::format("Checked, and failing as when they were recorded: {}\n", count_text(report.failed_alike));
    }
    if (!report.not_checked.empty()) text += fmt::format("Not checked: {}\n", reasons_text(report.not_checked));
    if (report.bodies.checked > 0 || !report.bodies.not_checked.empty()) {
        text += fmt::format("Bodies of functions and DO blocks: {} that recorded statements run, {} checked{}{}\n",
                            counted(report.bodies.routines, "function"), counted(report.bodies.checked, "statement"),
                            report.bodies.not_checked.empty() ? "" : "; not checked: ",
                            reasons_text(report.bodies.not_checked));
    }
    if (!report.nothing_to_check.empty())
        text += fmt::format("Nothing to check: {}\n", reasons_text(report.nothing_to_check));
    if (!report.information.empty()) {
        text += fmt::format("For information: {} changed a column's length or precision only\n",
                            counted(report.information.size(), "statement"));
    }
    if (report.unknown_executions > 0) {
        text += fmt::format("{} ran statements that had been prepared before the capture began\n",
                            counted(report.unknown_executions, "Bind"));
    }
    if (report.unreadable_exchanges > 0) {
        text += fmt::format("{} could not be read: bytes lost, or a message too long\n",
                            counted(report.unreadable_exchanges, "exchange"));
    }
    if (report.other_databases > 0) {
        text += fmt::format("{} of other databases left out\n", counted(report.other_databases, "session"));
    }
    return text +
           (report.predictions_made
                ? "Findings are observed by Parse and planning, or predicted from the schemas; nothing was executed.\n"
                : "Observed by Parse and planning. Not seen: constraints, triggers, function bodies, data.\n");
}

}  // namespace

std::string to_text(const CheckReport& report, std::size_t max_findings) {
    std::string text = headline(report) + "\n";
    text += fmt::format("{} checked in {:.2f} s, coverage {:.1f} %; {} recorded\n",
                        counted(report.checked, "distinct statement"), report.duration.to_seconds(),
                        report.coverage() * 100, counted(report.executions, "execution"));
    text += fmt::format("  baseline   {} (PostgreSQL {})\n  candidate  {} (PostgreSQL {})\n",
                        printable(report.baseline), printable(report.baseline_version), printable(report.candidate),
                        printable(report.candidate_version));
    if (report.migration) text += migration_text(*report.migration);
    for (const Bytes& note : report.notes) text += fmt::format("  {}\n", printable(note));
    const std::size_t shown = std::min(max_findings, report.findings.size());
    for (std::size_t i = 0; i < shown; ++i) text += finding_text(report.findings[i], i + 1);
    if (shown < report.findings.size()) {
        text +=
            fmt::format("\n... and {} more; --json FILE has them all\n", count_text(report.findings.size() - shown));
    }
    const std::size_t predicted = std::min(max_findings, report.predicted.size());
    for (std::size_t i = 0; i < predicted; ++i)
        text += predicted_text(report.predicted[i], report.findings.size() + i + 1);
    if (predicted < report.predicted.size()) {
        text += fmt::format("\n... and {} more predicted\n", count_text(report.predicted.size() - predicted));
    }
    return text + closing(report);
}

}  // namespace understudy::schema
