#include "compare/report/migration_place.hpp"

#include <algorithm>
#include <set>

#include "core/sql/lexer.hpp"
#include "core/sql/split.hpp"

namespace understudy::compare {
namespace {

/// The names and words of a text, in lower case unless they were quoted.
std::set<Bytes> words_of(BytesView text) {
    std::set<Bytes> words;
    for (const sql::Token& token : sql::Tokens(text)) {
        if (token.kind == sql::TokenKind::word) words.insert(sql::to_lower(token.text));
        if (token.kind == sql::TokenKind::quoted_identifier) words.insert(Bytes(token.body));
    }
    return words;
}

/// What a message names stands in quotes.
void add_quoted(BytesView message, std::set<Bytes>& names) {
    for (std::size_t open = message.find('"'); open != BytesView::npos;) {
        const std::size_t close = message.find('"', open + 1);
        if (close == BytesView::npos) return;
        names.insert(Bytes(message.substr(open + 1, close - open - 1)));
        open = message.find('"', close + 1);
    }
}

/// What the difference is about: its column, and what the messages name.
std::set<Bytes> subjects_of(const Finding& finding) {
    constexpr BytesView kColumn = "column ";
    std::set<Bytes> names;
    if (finding.place.starts_with(kColumn)) names.insert(finding.place.substr(kColumn.size()));
    add_quoted(finding.candidate, names);
    add_quoted(finding.baseline, names);
    // "column x.y does not exist" has no quotes.
    for (const Bytes& word : words_of(finding.candidate)) names.insert(word);
    return names;
}

}  // namespace

std::optional<std::uint32_t> line_to_blame(BytesView migration, const Finding& finding) {
    const std::set<Bytes> subjects = subjects_of(finding);
    std::optional<std::uint32_t> line;
    std::size_t most = 0;
    for (const BytesView statement : sql::split_statements(migration)) {
        const std::set<Bytes> words = words_of(statement);
        const bool about_it = std::any_of(finding.relations.begin(), finding.relations.end(),
                                          [&](const Bytes& relation) { return words.contains(relation); });
        std::size_t score = about_it ? 2 : 0;
        for (const Bytes& subject : subjects) {
            if (words.contains(subject) && subject != "column" && subject != "table") ++score;
        }
        if (!about_it || score <= most) continue;
        most = score;
        const auto offset = static_cast<std::size_t>(statement.data() - migration.data());
        // The statement begins at its first word, not at the comment before it.
        const sql::Token first = [&] {
            sql::Token token = sql::next_token(migration, offset);
            while (token.kind == sql::TokenKind::comment) token = sql::next_token(migration, token.end());
            return token;
        }();
        line = 1 + static_cast<std::uint32_t>(
                       std::count(migration.begin(), migration.begin() + static_cast<std::ptrdiff_t>(first.offset), '\n'));
    }
    return line;
}

void locate(Report& report, std::string file_name, BytesView migration) {
    report.migration = std::move(file_name);
    for (Finding& finding : report.findings) finding.migration_line = line_to_blame(migration, finding);
}

}  // namespace understudy::compare
