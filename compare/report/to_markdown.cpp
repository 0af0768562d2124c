#include <fmt/format.h>

#include <algorithm>

#include "compare/report/plain_text.hpp"
#include "compare/report/text_layout.hpp"
#include "compare/report/writers.hpp"

namespace understudy::compare {
namespace {

constexpr std::size_t kRoomForTheEnd = 500;
constexpr std::size_t kShownStatement = 400;
constexpr std::size_t kShownRows = 5;

const char* icon(ReportVerdict verdict) {
    switch (verdict) {
        case ReportVerdict::same: return "✅";
        case ReportVerdict::divergent: return "❌";
        case ReportVerdict::inconclusive: return "❔";
    }
    return "";
}

std::string cut(BytesView text, std::size_t most) {
    const std::string clean = clean_utf8(text);
    if (clean.size() <= most) return clean;
    return clean_utf8(BytesView(clean).substr(0, most)) + "…";
}

/// Text that is neither markup nor a table's edge.
std::string inert(BytesView text) {
    std::string out;
    for (const char c : xml_text(text)) {
        if (BytesView("\\`*_{}[]|#~@").find(c) != BytesView::npos) out += '\\';
        out += c == '\n' || c == '\r' ? ' ' : c;
    }
    return out;
}

/// A block whose fence is longer than any in the text.
std::string code(BytesView text, const char* language) {
    const std::string clean = clean_utf8(text);
    std::size_t longest = 0;
    std::size_t run = 0;
    for (const char c : clean) {
        run = c == '`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const std::string fence(std::max<std::size_t>(3, longest + 1), '`');
    return fence + language + "\n" + clean + "\n" + fence + "\n";
}

std::string rows_of(const RowDiff& diff) {
    std::string out = "\n| |";
    std::string rule = "\n|---|";
    for (const Bytes& column : diff.columns) {
        out += " " + inert(column) + " |";
        rule += "---|";
    }
    out += rule;
    for (std::size_t i = 0; i < diff.rows.size() && i < kShownRows; ++i) {
        const auto line = [&](const char* side, const std::optional<RowCells>& row) {
            if (!row) return;
            out += fmt::format("\n| {} |", side);
            for (const auto& cell : *row) out += " " + (cell ? inert(cut(*cell, 80)) : std::string("*NULL*")) + " |";
        };
        line("baseline", diff.rows[i].baseline);
        line("candidate", diff.rows[i].candidate);
    }
    return out + "\n";
}

std::string finding_block(const Finding& finding) {
    std::string out = fmt::format("<details><summary><b>{}</b>: {} — {}</summary>\n\n{}\n\n",
                                  to_string(finding.severity), xml_text(finding_title(finding)),
                                  xml_text(cut(finding.statement, 120)), inert(cut(finding.explanation, 2000)));
    out += code(cut(finding.statement, kShownStatement), "sql");
    out += fmt::format("\nCause: {}. {}.\n", to_string(finding.cause), inert(finding_reach(finding)));
    if (finding.example) {
        const Example& example = *finding.example;
        if (!example.sql.empty()) out += "\nExample:\n\n" + code(cut(example.sql, 2000), "sql");
        out += "\n| side | answer |\n|---|---|\n";
        out += "| baseline | " + inert(cut(example.baseline, 500)) + " |\n";
        out += "| candidate | " + inert(cut(example.candidate, 500)) + " |\n";
        if (!example.rows.rows.empty()) out += rows_of(example.rows);
    }
    return out + fmt::format("\nId: `{}`\n\n</details>\n\n", finding.id);
}

std::string overview(const Report& report) {
    const Coverage& coverage = report.coverage;
    std::string out = "| | |\n|---|---|\n";
    out += fmt::format("| compared | {} of {} steps ({:.1f} %) |\n", grouped(coverage.compared),
                       grouped(coverage.steps + coverage.extra_steps), coverage.percent());
    for (std::size_t i = 0; i < kSeverities; ++i) {
        const auto severity = static_cast<Severity>(i);
        if (report.findings_of(severity) > 0) {
            out += fmt::format("| {} | {} |\n", to_string(severity), grouped(report.findings_of(severity)));
        }
    }
    out += fmt::format("| set apart | {} noise, {} unconfirmed, {} downstream |\n", grouped(report.noise),
                       grouped(report.unconfirmed), grouped(report.downstream));
    return out;
}

std::string section_block(const Section& section) {
    std::string out = fmt::format("<details><summary><b>{}</b>: {} — {}</summary>\n\n", to_string(section.state),
                                  xml_text(section.title), xml_text(cut(section.summary, 500)));
    for (const std::string& line : section.lines) out += "- " + inert(cut(line, 1000)) + "\n";
    return out + "\n</details>\n\n";
}

}  // namespace

std::string to_markdown(const Report& report) {
    std::string out = fmt::format("## {} Understudy: {}\n\n", icon(report.verdict), to_string(report.verdict));
    for (const std::string& reason : report.reasons) out += "- " + inert(cut(reason, 500)) + "\n";
    out += "\n" + overview(report) + "\n";
    for (const std::string& remark : report.remarks) out += "> " + inert(cut(remark, 500)) + "\n";
    out += "\n";
    for (const Section& section : report.sections) {
        const std::string block = section_block(section);
        if (out.size() + block.size() + kRoomForTheEnd > kMaxMarkdown) break;
        out += block;
    }
    std::size_t shown = 0;
    for (const Finding& finding : report.findings) {
        const std::string block = finding_block(finding);
        if (out.size() + block.size() + kRoomForTheEnd > kMaxMarkdown) break;
        out += block;
        ++shown;
    }
    if (shown < report.findings.size()) {
        out += fmt::format("and {} more findings; the HTML or JSON report has them all.\n",
                           grouped(report.findings.size() - shown));
    }
    return out;
}

}  // namespace understudy::compare
