#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "compare/report/plain_text.hpp"
#include "compare/report/report.hpp"
#include "compare/report/text_layout.hpp"
#include "compare/report/time_text.hpp"

namespace understudy::compare {
namespace {

constexpr std::size_t kShownApart = 5;  // places of noise and the like
constexpr std::size_t kShownReasons = 8;
constexpr std::size_t kShownStatement = 300;
constexpr std::size_t kShownRows = 3;
constexpr std::size_t kShownNames = 5;
constexpr std::size_t kShownBlame = 3;
constexpr std::size_t kShownPlaces = 10;  // of latency
constexpr std::size_t kShownLines = 16;   // of a section

std::string times(std::uint64_t count, std::string_view what) {
    return fmt::format("{} {}{}", grouped(count), what, count == 1 ? "" : "s");
}

std::string spoken(DivergenceKind kind) {
    std::string text(to_string(kind));
    std::replace(text.begin(), text.end(), '_', ' ');
    return text;
}

std::string one_line(BytesView statement) {
    if (statement.size() <= kShownStatement) return std::string(statement);
    return std::string(statement.substr(0, kShownStatement)) + "…";
}

/// What the place adds to the kind: "column total", "$2"; nothing for "error" or "rows".
std::string place_in_words(const Finding& finding) {
    if (finding.place.starts_with("column ") || finding.place.starts_with("$")) return " in " + finding.place;
    return {};
}

void add_verdict(TextLayout& out, const Report& report) {
    const std::string verdict = verdict_word(report);
    if (report.reasons.empty()) {
        out.line(verdict + ": the candidate answers as the baseline does");
        return;
    }
    out.field(0, verdict, report.reasons.front());
    for (std::size_t i = 1; i < report.reasons.size(); ++i) out.field(0, "", report.reasons[i]);
}

std::string reasons_in_words(const std::map<Bytes, std::uint64_t>& not_compared) {
    std::vector<std::pair<Bytes, std::uint64_t>> reasons(not_compared.begin(), not_compared.end());
    std::stable_sort(reasons.begin(), reasons.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    std::uint64_t total = 0;
    std::string text;
    for (std::size_t i = 0; i < reasons.size(); ++i) {
        total += reasons[i].second;
        if (i < kShownReasons)
            text += fmt::format("{}{} {}", i == 0 ? "" : "; ", grouped(reasons[i].second), reasons[i].first);
    }
    if (reasons.size() > kShownReasons) text += "; …";
    return fmt::format("{}: {}", times(total, "step"), text);
}

void add_overview(TextLayout& out, const Report& report) {
    const Coverage& coverage = report.coverage;
    out.field(0, "Compared",
              fmt::format("{} of {} ({:.1f} %), in {} of {}", grouped(coverage.compared),
                          times(coverage.steps + coverage.extra_steps, "step"), coverage.percent(),
                          grouped(coverage.exchanges_compared), times(coverage.exchanges, "exchange")));
    if (!coverage.not_compared.empty()) out.field(0, "Not compared", reasons_in_words(coverage.not_compared));
    if (coverage.extra_steps > 0) {
        out.field(0, "", times(coverage.extra_steps, "step") + " of the candidate that the baseline has not");
    }
    if (coverage.ambiguous + coverage.tainted > 0) {
        out.field(0, "Order",
                  fmt::format("{} ambiguous ({:.2f} %; {:.2f} % of those with data), {} tainted ({:.2f} %); {} of them "
                              "differ by order alone",
                              times(coverage.ambiguous, "step"), coverage.percent_of_compared(coverage.ambiguous),
                              coverage.percent_ambiguous(), grouped(coverage.tainted),
                              coverage.percent_of_compared(coverage.tainted), grouped(coverage.excused)));
    }
    out.field(0, "Set apart",
              fmt::format("{} as noise, {} unconfirmed, {} downstream of findings{}", times(report.noise, "difference"),
                          grouped(report.unconfirmed), grouped(report.downstream),
                          report.rules.empty() ? "" : fmt::format(", {} by rules", grouped(report.expected))));
    std::string classes;
    for (const auto& [noise, count] : report.apart_by_class()) {
        classes += fmt::format("{}{} {}", classes.empty() ? "" : ", ", grouped(count), to_string(noise));
    }
    if (!classes.empty()) out.field(0, "", classes);
    for (const InputReport& input : report.inputs) {
        const CaptureHeader& header = input.header;
        std::string role(to_string(input.side));
        role[0] = static_cast<char>(role[0] - 'a' + 'A');
        std::string text = fmt::format("{} ({}", input.name, header.source);
        if (!header.server_version.empty()) text += ", PostgreSQL " + header.server_version;
        if (header.created.known()) text += ", " + utc_text(header.created);
        if (!header.description.empty()) text += ", " + header.description;
        out.field(0, role, text + ")");
    }
    for (const std::string& remark : report.remarks) out.field(0, "Note", remark);
}

/// "(id 4, name Tea (green))"; a cell that differs from the other side's is marked.
std::string row_in_words(const RowDiff& diff, const std::optional<RowCells>& row,
                         const std::optional<RowCells>& other) {
    if (!row) return "(no such row)";
    std::string text = "(";
    for (std::size_t i = 0; i < row->size(); ++i) {
        const std::optional<Bytes>& cell = (*row)[i];
        const bool differs = other && i < other->size() && (*other)[i] != cell;
        text += fmt::format("{}{}{} {}", i == 0 ? "" : ", ", differs ? "*" : "",
                            i < diff.columns.size() ? diff.columns[i] : Bytes("?"), cell ? *cell : Bytes("NULL"));
    }
    return text + ")";
}

void add_rows(TextLayout& out, const RowDiff& diff) {
    for (std::size_t i = 0; i < diff.rows.size() && i < kShownRows; ++i) {
        const RowChange& change = diff.rows[i];
        out.field(4, "Baseline row", row_in_words(diff, change.baseline, change.candidate));
        out.field(4, "Candidate row", row_in_words(diff, change.candidate, change.baseline));
    }
    const std::uint64_t more = diff.more + (diff.rows.size() > kShownRows ? diff.rows.size() - kShownRows : 0);
    if (more > 0) out.field(4, "", fmt::format("and {} more rows that differ", grouped(more)));
}

void add_example(TextLayout& out, const Example& example) {
    out.field(4, "Example",
              fmt::format("session {:016x}, exchange {}, step {} ({})", example.exchange.session.value(),
                          example.exchange.ordinal.value(), example.step, to_string(example.kind)));
    if (!example.sql.empty()) out.verbatim(4, "", example.sql);
    out.field(4, "Baseline", example.baseline);
    out.field(4, "Candidate", example.candidate);
    add_rows(out, example.rows);
}

std::string listed(const std::vector<Bytes>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < kShownNames; ++i) text += (i == 0 ? "" : ", ") + names[i];
    return names.size() > kShownNames ? text + ", …" : text;
}

/// "shop, by checkout; about 8,640 calls a day".
std::string who(const Finding& finding) {
    std::string text = listed(finding.users);
    if (!finding.applications.empty()) text += ", by " + listed(finding.applications);
    if (finding.calls_a_day >= 1) {
        text += fmt::format("; about {} calls a day", grouped(static_cast<std::uint64_t>(finding.calls_a_day)));
    }
    return text;
}

void add_finding(TextLayout& out, const std::string& number, const Finding& finding) {
    std::string head =
        fmt::format("{}{}: {}{}", number, to_string(finding.severity), spoken(finding.kind), place_in_words(finding));
    if (!finding.sqlstate.empty()) head += " " + finding.sqlstate;
    head += fmt::format(" · {} · {} in {} · {}", to_string(finding.cause), times(finding.count, "time"),
                        times(finding.sessions, "session"), finding.id);
    out.line(head);
    out.field(4, "Why", finding.explanation);
    for (std::size_t i = 0; i < finding.blame.size() && i < kShownBlame; ++i) {
        out.field(4, i == 0 ? "Change" : "", finding.blame[i]);
    }
    out.field(4, "Statement", one_line(finding.statement));
    if (!finding.seen_in.empty()) out.field(4, "Seen in", finding.seen_in);
    if (finding.first.known()) {
        out.field(4, "When",
                  finding.first == finding.last ? utc_text(finding.first)
                                                : utc_text(finding.first) + " to " + utc_text(finding.last));
    }
    if (!finding.users.empty()) out.field(4, "Who", who(finding));
    if (finding.followed_by > 0) {
        out.field(4, "Then",
                  times(finding.followed_by, "step") +
                      " after it failed or never ran because of it (25P02, skipped, not prepared)");
    }
    if (finding.downstream > 0) {
        out.field(4, finding.followed_by > 0 ? "" : "Then",
                  times(finding.downstream, "difference") + " in later reads of what it should have written");
    }
    if (finding.example) add_example(out, *finding.example);
}

std::string in_capitals(std::string_view word) {
    std::string text(word);
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return text;
}

void add_sections(TextLayout& out, const std::vector<Section>& sections) {
    for (const Section& section : sections) {
        out.blank();
        out.field(0, in_capitals(to_string(section.state)), section.title + ": " + section.summary);
        for (std::size_t i = 0; i < section.lines.size() && i < kShownLines; ++i) out.field(4, "", section.lines[i]);
        if (section.lines.size() > kShownLines) {
            out.field(4, "", fmt::format("and {} more lines (--html, --json)", section.lines.size() - kShownLines));
        }
    }
}

std::string times_in_words(const PairedTime& times) {
    return fmt::format("{:.2f} → {:.2f} ms", times.baseline, times.candidate);
}

void add_latency(TextLayout& out, const LatencyReport& latency) {
    out.blank();
    out.field(0, "Latency",
              fmt::format("{} of runs; {} of {} tested; {} slower, {} faster", times(latency.pairs, "pair"),
                          grouped(latency.tested), times(latency.statements, "statement"),
                          latency.count(LatencyVerdict::regressed), latency.count(LatencyVerdict::improved)));
    out.field(0, "", latency.power());
    if (latency.pipelined + latency.not_measured > 0) {
        out.field(0, "",
                  fmt::format("not measured: {} of several statements, {} failed or unknown",
                              times(latency.pipelined, "exchange"), grouped(latency.not_measured)));
    }
    std::size_t shown = 0;
    for (const LatencyPlace& place : latency.places) {
        const LatencyJudgement& judged = place.judgement;
        const bool changed = judged.verdict == LatencyVerdict::regressed || judged.verdict == LatencyVerdict::improved;
        if (shown >= kShownPlaces || (!changed && shown >= kShownApart)) break;
        ++shown;
        const std::string interval = judged.high > 0 ? fmt::format(", {:.2f} to {:.2f}", judged.low, judged.high) : "";
        out.field(
            4, to_string(judged.verdict),
            fmt::format("{} {} (× {:.2f}{}), {} calls, {:.1f} % of the time: {}", judged.metric,
                        times_in_words(judged.metric == "p99"   ? place.p99
                                       : judged.metric == "p95" ? place.p95
                                                                : place.median),
                        judged.ratio, interval, grouped(place.calls), place.share * 100, one_line(place.statement)));
        if (!place.first_difference.empty()) out.verbatim(4, "plans", place.first_difference);
    }
}

void add_apart(TextLayout& out, std::string_view title, const std::vector<Finding>& places) {
    if (places.empty()) return;
    out.blank();
    std::map<std::string, std::vector<const Finding*>> by_reason;
    for (const Finding& place : places) by_reason[place.why].push_back(&place);
    for (const auto& [why, list] : by_reason) {
        out.field(0, title, why);
        for (std::size_t i = 0; i < list.size() && i < kShownApart; ++i) {
            const Finding& place = *list[i];
            out.field(4, fmt::format("{} ×", grouped(place.count)),
                      fmt::format("{}{}{}{}: {}", spoken(place.kind), place_in_words(place),
                                  place.sqlstate.empty() ? "" : " ", place.sqlstate, one_line(place.statement)));
        }
        if (list.size() > kShownApart) out.field(4, "", fmt::format("and {} more places", list.size() - kShownApart));
    }
}

}  // namespace

std::string finding_text(const Finding& finding) {
    TextLayout out;
    add_finding(out, "", finding);
    if (!finding.why.empty()) out.field(4, "Set apart", finding.why);
    return out.take();
}

std::string to_text(const Report& report, const ReportOptions& options) {
    TextLayout out;
    add_verdict(out, report);
    out.blank();
    add_overview(out, report);
    const std::size_t shown = std::min(report.findings.size(), options.max_findings);
    for (std::size_t i = 0; i < shown; ++i) {
        out.blank();
        add_finding(out, fmt::format("{:2}. ", i + 1), report.findings[i]);
    }
    if (report.findings.size() > shown) {
        out.blank();
        out.line(fmt::format("and {} more findings (--max-findings, --json)", report.findings.size() - shown));
    }
    add_sections(out, report.sections);
    if (report.latency) add_latency(out, *report.latency);
    add_apart(out, "By rule", report.expected_places);
    add_apart(out, "Unconfirmed", report.unconfirmed_places);
    add_apart(out, "Downstream", report.downstream_places);
    add_apart(out, "Noise", report.noise_places);
    return out.take();
}

}  // namespace understudy::compare
