#include <fmt/format.h>

#include "compare/report/plain_text.hpp"
#include "compare/report/writers.hpp"

namespace understudy::compare {
namespace {

std::string body_of(const Finding& finding) {
    std::string text = fmt::format("{}\n\nStatement: {}\nCause: {}\nReach: {}\n", finding.explanation, finding.statement,
                                   to_string(finding.cause), finding_reach(finding));
    if (finding.example) {
        text += fmt::format("\nExample:\n{}\nBaseline:  {}\nCandidate: {}\n", finding.example->sql,
                            finding.example->baseline, finding.example->candidate);
    }
    return text;
}

void add_finding(std::string& out, const Finding& finding) {
    out += fmt::format("    <testcase classname=\"understudy.{}\" name=\"{}\">\n",
                       xml_text(to_string(finding.severity) == "wrong answer" ? "wrong_answer"
                                                                              : to_string(finding.severity)),
                       xml_text(finding_title(finding) + ": " + finding.statement + " (" + finding.id + ")"));
    out += fmt::format("      <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>\n",
                       to_string(finding.kind), xml_text(finding.explanation), xml_text(body_of(finding)));
}

}  // namespace

std::string to_junit(const Report& report) {
    const bool doubtful = report.verdict == ReportVerdict::inconclusive;
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    const std::string counts = fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\"", report.findings.size() + 1,
                                           report.findings.size(), doubtful ? 1 : 0);
    out += fmt::format("<testsuites name=\"understudy compare\" {}>\n", counts);
    out += fmt::format("  <testsuite name=\"understudy compare\" {} skipped=\"0\" time=\"0\">\n", counts);
    out += "    <testcase classname=\"understudy.verdict\" name=\"the comparison can be believed\">\n";
    if (doubtful) {
        std::string reasons;
        for (const std::string& reason : report.reasons) reasons += reason + "\n";
        out += fmt::format("      <error type=\"inconclusive\" message=\"{}\">{}</error>\n",
                           xml_text(verdict_line(report)), xml_text(reasons));
    }
    out += "    </testcase>\n";
    for (const Finding& finding : report.findings) add_finding(out, finding);
    std::string said = verdict_line(report) + "\n";
    for (const std::string& remark : report.remarks) said += remark + "\n";
    return out + fmt::format("    <system-out>{}</system-out>\n  </testsuite>\n</testsuites>\n", xml_text(said));
}

}  // namespace understudy::compare
