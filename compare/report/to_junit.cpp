#include <fmt/format.h>

#include <algorithm>

#include "compare/report/plain_text.hpp"
#include "compare/report/writers.hpp"

namespace understudy::compare {
namespace {

std::string body_of(const Finding& finding) {
    std::string text = fmt::format("{}\n\nStatement: {}\nCause: {}\nReach: {}\n", finding.explanation,
                                   finding.statement, to_string(finding.cause), finding_reach(finding));
    if (finding.example) {
        text += fmt::format("\nExample:\n{}\nBaseline:  {}\nCandidate: {}\n", finding.example->sql,
                            finding.example->baseline, finding.example->candidate);
    }
    return text;
}

void add_finding(std::string& out, const Finding& finding) {
    out += fmt::format(
        "    <testcase classname=\"understudy.{}\" name=\"{}\">\n",
        xml_text(to_string(finding.severity) == "wrong answer" ? "wrong_answer" : to_string(finding.severity)),
        xml_text(finding_title(finding) + ": " + finding.statement + " (" + finding.id + ")"));
    out += fmt::format("      <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>\n",
                       to_string(finding.kind), xml_text(finding.explanation), xml_text(body_of(finding)));
}

void add_section(std::string& out, const Section& section) {
    out += fmt::format("    <testcase classname=\"understudy.sections\" name=\"{}\">\n", xml_text(section.title));
    std::string body;
    for (const std::string& line : section.lines) body += line + "\n";
    if (section.state == SectionState::skipped) {
        out += fmt::format("      <skipped>{}</skipped>\n", xml_text(section.summary));
    } else if (section.state != SectionState::passed) {
        const bool failed = section.state == SectionState::failed;
        out += fmt::format("      <{0} type=\"{1}\" message=\"{2}\">{3}</{0}>\n", failed ? "failure" : "error",
                           to_string(section.state), xml_text(section.summary), xml_text(body));
    }
    out += "    </testcase>\n";
}

std::size_t sections_that(const Report& report, SectionState state) {
    return static_cast<std::size_t>(std::count_if(report.sections.begin(), report.sections.end(),
                                                  [&](const Section& section) { return section.state == state; }));
}

}  // namespace

std::string to_junit(const Report& report) {
    const bool doubtful = report.verdict == ReportVerdict::inconclusive;
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    const std::string counts =
        fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\"", report.findings.size() + report.sections.size() + 1,
                    report.findings.size() + sections_that(report, SectionState::failed),
                    sections_that(report, SectionState::inconclusive) + (doubtful ? 1 : 0));
    const std::string name = "understudy " + report.command;
    out += fmt::format("<testsuites name=\"{}\" {}>\n", name, counts);
    out += fmt::format("  <testsuite name=\"{}\" {} skipped=\"{}\" time=\"0\">\n", name, counts,
                       sections_that(report, SectionState::skipped));
    out += "    <testcase classname=\"understudy.verdict\" name=\"the comparison can be believed\">\n";
    if (doubtful) {
        std::string reasons;
        for (const std::string& reason : report.reasons) reasons += reason + "\n";
        out += fmt::format("      <error type=\"inconclusive\" message=\"{}\">{}</error>\n",
                           xml_text(verdict_line(report)), xml_text(reasons));
    }
    out += "    </testcase>\n";
    for (const Section& section : report.sections) add_section(out, section);
    for (const Finding& finding : report.findings) add_finding(out, finding);
    std::string said = verdict_line(report) + "\n";
    for (const std::string& remark : report.remarks) said += remark + "\n";
    return out + fmt::format("    <system-out>{}</system-out>\n  </testsuite>\n</testsuites>\n", xml_text(said));
}

}  // namespace understudy::compare
