#include "compare/report/outward.hpp"

#include <fmt/format.h>

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

/// "ERROR 22P02: invalid input syntax for type integer: "4711x"" with what it quotes of data as digests. Other words
/// hold tags, names and numbers of rows only.
Bytes without_quoted_data(BytesView words, const Digester& digester) {
    constexpr BytesView kError = "ERROR ";
    const std::size_t colon = words.find(": ");
    if (!words.starts_with(kError) || colon == BytesView::npos) return Bytes(words);
    ServerMessage message;
    message.fields.emplace_back('C', Bytes(words.substr(kError.size(), colon - kError.size())));
    message.fields.emplace_back('M', Bytes(words.substr(colon + 2)));
    const ServerMessage shown = without_user_data(std::move(message), false, digester);
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

void hide(Finding& finding, const Digester& digester) {
    for (const Bytes* words : {&finding.baseline, &finding.candidate}) {
        replace_in(finding.explanation, *words, without_quoted_data(*words, digester));
    }
    finding.baseline = without_quoted_data(finding.baseline, digester);
    finding.candidate = without_quoted_data(finding.candidate, digester);
    // What the parser normalised has only constants that are no data (ORDER BY 1, varchar(10)).
    if (finding.lexical) finding.statement = without_values(finding.statement, digester);
    if (!finding.example) return;
    finding.example->sql = without_values(finding.example->sql, digester);
    finding.example->baseline = without_quoted_data(finding.example->baseline, digester);
    finding.example->candidate = without_quoted_data(finding.example->candidate, digester);
    hide(finding.example->rows, digester);
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
    }
    return out.append(sql.substr(done));
}

Report outward(Report report, const Digester& digester) {
    for (auto* places : {&report.findings, &report.noise_places, &report.unconfirmed_places, &report.downstream_places,
                         &report.expected_places}) {
        for (Finding& finding : *places) hide(finding, digester);
    }
    if (report.latency) {
        for (LatencyPlace& place : report.latency->places) {
            place.example = without_values(place.example, digester);
            // Conditions of a plan quote constants.
            place.baseline_plan = without_values(place.baseline_plan, digester);
            place.candidate_plan = without_values(place.candidate_plan, digester);
            place.first_difference = without_values(place.first_difference, digester);
        }
    }
    return report;
}

}  // namespace understudy::compare
