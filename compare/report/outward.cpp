#include "compare/report/outward.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/exchange/message_privacy.hpp"
#include "core/pgwire/value.hpp"
#include "core/sql/lexer.hpp"

namespace understudy::compare {
namespace {

Bytes placeholder(BytesView type, BytesView value, const Digester& digester) {
    return fmt::format("‹{} {:04x}›", type.empty() ? BytesView("value") : type, digester.bytes(value) >> 48U);
}

BytesView kind_of(sql::TokenKind kind) {
    switch (kind) {
        case sql::TokenKind::integer: return "integer";
        case sql::TokenKind::numeric: return "numeric";
        case sql::TokenKind::bit_string: return "bit";
        default: return "text";
    }
}

/// "ERROR 22P02: invalid input syntax for type integer: "4711x"" with what it quotes of data and of the statement as
/// digests; all of the text of one that a function raised. Other words hold tags, names and numbers of rows only.
Bytes without_quoted_data(BytesView words, bool raised, const Digester& digester) {
    constexpr BytesView kError = "ERROR ";
    const std::size_t colon = words.find(": ");
    if (!words.starts_with(kError) || colon == BytesView::npos) return Bytes(words);
    ServerMessage message;
    message.fields.emplace_back('C', Bytes(words.substr(kError.size(), colon - kError.size())));
    message.fields.emplace_back('M', Bytes(words.substr(colon + 2)));
    if (raised) message.fields.emplace_back('R', "exec_stmt_raise");
    const ServerMessage shown = without_user_data(std::move(message), false, digester, true);
    return Bytes(words.substr(0, colon + 2)).append(shown.get('M'));
}

/// The explanation quotes the sides' messages as they are.
void replace_in(Bytes& text, BytesView words, BytesView shown) {
    const std::size_t colon = words.find(": ");
    if (colon == BytesView::npos || words == shown) return;
    const BytesView from = words.substr(colon + 2);
    const BytesView to = shown.substr(colon + 2);
    for (std::size_t at = text.find(from); !from.empty() && at != Bytes::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

void hide(RowDiff& diff, const Digester& digester) {
    for (RowChange& change : diff.rows) {
        for (std::optional<RowCells>* row : {&change.baseline, &change.candidate}) {
            if (!*row) continue;
            for (std::size_t i = 0; i < (*row)->size(); ++i) {
                std::optional<Bytes>& cell = (**row)[i];
                if (!cell) continue;
                const std::uint32_t type = i < diff.types.size() ? diff.types[i] : 0;
                cell = placeholder(pgwire::builtin_type_name(type), *cell, digester);
            }
        }
    }
}

/// Whether the parser's normalisation leaves no constant in it that is data: ORDER BY 1 and varchar(10) are none.
bool is_query(BytesView statement) {
    constexpr std::array<BytesView, 7> kQueries{"select", "insert", "update", "delete", "with", "values", "merge"};
    return std::find(kQueries.begin(), kQueries.end(), sql::first_word(statement)) != kQueries.end();
}

/// Defaults quote what people wrote into the schema; numbers are types' and places.
Bytes without_strings(BytesView text, const Digester& digester) {
    Bytes out;
    std::size_t done = 0;
    for (const sql::Token& token : sql::Tokens(text)) {
        // "--" begins an option as well as a comment, in prose; a comment of a body ends with its line.
        const bool comment = token.kind == sql::TokenKind::comment &&
                             (token.text.starts_with("/*") || token.end() < text.size());
        const bool string = token.kind == sql::TokenKind::string || token.kind == sql::TokenKind::dollar_string;
        if (!comment && !string) continue;
        out.append(text.substr(done, token.offset - done));
        if (string) out += placeholder("text", token.text, digester);
        done = token.end();
    }
    return out.append(text.substr(done));
}

/// A plan's conditions quote constants; its costs are nobody's.
Bytes plan_without_values(BytesView plan, const Digester& digester) {
    Bytes out;
    while (!plan.empty()) {
        const std::size_t end = std::min(plan.find('\n'), plan.size());
        const BytesView line = plan.substr(0, end);
        const std::size_t costs = std::min(line.find("  (cost="), line.size());
        out.append(without_values(line.substr(0, costs), digester)).append(line.substr(costs));
        plan.remove_prefix(end);
        if (plan.empty()) break;
        out += '\n';
        plan.remove_prefix(1);
    }
    return out;
}

void hide(Finding& finding, const Digester& digester) {
    for (const Bytes* words : {&finding.baseline, &finding.candidate}) {
        replace_in(finding.explanation, *words, without_quoted_data(*words, finding.raised, digester));
    }
    finding.baseline = without_quoted_data(finding.baseline, finding.raised, digester);
    finding.candidate = without_quoted_data(finding.candidate, finding.raised, digester);
    if (finding.lexical || !is_query(finding.statement))
        finding.statement = without_values(finding.statement, digester);
    for (Bytes& text : finding.blame) text = without_strings(text, digester);
    if (!finding.example) return;
    finding.example->sql = without_values(finding.example->sql, digester);
    finding.example->baseline = without_quoted_data(finding.example->baseline, finding.raised, digester);
    finding.example->candidate = without_quoted_data(finding.example->candidate, finding.raised, digester);
    hide(finding.example->rows, digester);
}

/// `text` with what stands between `opening` and `closing` as placeholders.
Bytes without_between(BytesView text, BytesView opening, BytesView closing, const Digester& digester) {
    Bytes out;
    std::size_t done = 0;
    for (std::size_t at = text.find(opening); at != BytesView::npos; at = text.find(opening, done)) {
        const std::size_t begin = at + opening.size();
        const std::size_t end = std::min(text.find(closing, begin), text.size());
        out.append(text.substr(done, begin - done))
            .append(placeholder("value", text.substr(begin, end - begin), digester));
        done = end;
    }
    return out.append(text.substr(done));
}

/// What the server says in prose of a section, where PostgreSQL's messages quote data: after a colon ("invalid input
/// syntax for type integer: "4711x""), after the word value, in "Key (id)=(4711)"; and all of what a function raised.
Bytes prose_without_data(BytesView text, const Digester& digester) {
    Bytes out = without_strings(text, digester);
    out = without_between(out, ": \"", "\"", digester);
    out = without_between(out, "value \"", "\"", digester);
    out = without_between(out, ")=(", ")", digester);
    const std::size_t raised = out.find("P0001");
    if (raised == Bytes::npos) return out;
    // "ERROR P0001: text" and "line 3: text (P0001)".
    if (out.find("P0001: ") == raised)
        return out.substr(0, raised + 7) + placeholder("message", out.substr(raised), digester);
    const std::size_t line = out.rfind(": ", raised);
    const std::size_t begin = line == Bytes::npos ? 0 : line + 2;
    return out.substr(0, begin) + placeholder("message", out.substr(begin, raised - begin), digester) + " (" +
           out.substr(raised);
}

void hide(LatencyPlace& place, const Digester& digester) {
    if (!is_query(place.statement)) place.statement = without_values(place.statement, digester);
    place.example = without_values(place.example, digester);
    for (Bytes* plan : {&place.baseline_plan, &place.candidate_plan, &place.first_difference}) {
        *plan = plan_without_values(*plan, digester);
    }
}

}  // namespace

Bytes without_values(BytesView sql, const Digester& digester) {
    Bytes out;
    std::size_t done = 0;
    for (const sql::Token& token : sql::Tokens(sql)) {
        const bool comment = token.kind == sql::TokenKind::comment;
        if (!comment && !sql::is_constant(token.kind)) continue;
        out.append(sql.substr(done, token.offset - done));
        if (!comment) out += placeholder(kind_of(token.kind), token.text, digester);
        done = token.end();
        // With standard_conforming_strings off a backslash escapes the quote: where the constant ends is not known.
        const bool plain = token.kind == sql::TokenKind::string && token.text[0] == '\'';
        if (plain && token.text.find('\\') != BytesView::npos) return out + " …";
    }
    return out.append(sql.substr(done));
}

Report outward(Report report, const Digester& digester) {
    for (auto* places : {&report.findings, &report.noise_places, &report.unconfirmed_places, &report.downstream_places,
                         &report.expected_places}) {
        for (Finding& finding : *places) hide(finding, digester);
    }
    for (Section& section : report.sections) {
        section.summary = prose_without_data(section.summary, digester);
        for (std::string& line : section.lines) line = prose_without_data(line, digester);
    }
    // Reasons repeat what sections say.
    for (std::string& reason : report.reasons) reason = prose_without_data(reason, digester);
    if (report.latency) {
        for (LatencyPlace& place : report.latency->places) hide(place, digester);
    }
    return report;
}

}  // namespace understudy::compare
