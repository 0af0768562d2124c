#include <fmt/format.h>

#include "compare/report/plain_text.hpp"
#include "compare/report/writers.hpp"

namespace understudy::compare {
namespace {

/// As GitHub's workflow commands want it: the text of a command, and with `property` also what ends a property.
std::string escaped(BytesView text, bool property) {
    std::string out;
    for (const char c : clean_utf8(text)) {
        switch (c) {
            case '%': out += "%25"; break;
            case '\r': out += "%0D"; break;
            case '\n': out += "%0A"; break;
            case ':': out += property ? "%3A" : ":"; break;
            case ',': out += property ? "%2C" : ","; break;
            default: out += c;
        }
    }
    return out;
}

const char* command_of(Severity severity) {
    if (severity == Severity::risky) return "warning";
    return severity == Severity::cosmetic ? "notice" : "error";
}

}  // namespace

std::string to_github(const Report& report) {
    const bool doubtful = report.verdict == ReportVerdict::inconclusive;
    std::string out = fmt::format("::{} title=Understudy::{}\n", doubtful ? "error" : "notice",
                                  escaped(verdict_line(report), false));
    for (const Section& section : report.sections) {
        if (section.state == SectionState::passed || section.state == SectionState::skipped) continue;
        out += fmt::format("::error title={}::{}\n", escaped("Understudy: " + section.title, true),
                           escaped(section.summary, false));
    }
    for (const Finding& finding : report.findings) {
        std::string place;
        if (!report.migration.empty()) {
            place = fmt::format("file={},", escaped(report.migration, true));
            if (finding.migration_line) place += fmt::format("line={},", *finding.migration_line);
        }
        out += fmt::format("::{} {}title={}::{}\n", command_of(finding.severity), place,
                           escaped("Understudy: " + finding_title(finding), true),
                           escaped(finding.explanation + "\n" + finding.statement + "\n" + finding_reach(finding), false));
    }
    return out;
}

}  // namespace understudy::compare
