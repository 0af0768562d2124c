#include "compare/analysis/sql_names.hpp"

#include <vector>

#include "core/sql/lexer.hpp"

namespace understudy::compare {
namespace {

using sql::Token;
using sql::TokenKind;

/// The words of a statement up to a parenthesis, comments skipped; no more than matter here.
std::vector<Token> words_of(BytesView statement) {
    constexpr std::size_t kEnough = 16;
    std::vector<Token> words;
    for (const Token& token : sql::Tokens(statement)) {
        if (token.kind == TokenKind::comment) continue;
        if (token.is('(') || token.is(';') || words.size() == kEnough) break;
        words.push_back(token);
    }
    return words;
}

std::optional<Bytes> name_of(const Token& token) {
    if (token.kind == TokenKind::word) return sql::to_lower(token.text);
    if (token.kind == TokenKind::quoted_identifier) return Bytes(token.body);
    return std::nullopt;
}

std::optional<SqlName> named(bool portal, const Token& token) {
    auto name = name_of(token);
    if (!name || sql::is_word(token, "all")) return std::nullopt;
    return SqlName{portal, std::move(*name)};
}

}  // namespace

std::optional<SqlName> name_made(BytesView statement) {
    const auto words = words_of(statement);
    if (words.size() < 2) return std::nullopt;
    if (sql::is_word(words[0], "declare")) return named(true, words[1]);
    if (sql::is_word(words[0], "prepare") && !sql::is_word(words[1], "transaction")) return named(false, words[1]);
    return std::nullopt;
}

std::optional<SqlName> name_needed(BytesView statement) {
    const auto words = words_of(statement);
    if (words.size() < 2) return std::nullopt;
    if (sql::is_word(words[0], "execute")) return named(false, words[1]);
    if (sql::is_word(words[0], "deallocate")) {
        const bool said = sql::is_word(words[1], "prepare") && words.size() > 2;
        return named(false, words[said ? 2 : 1]);
    }
    if (sql::is_word(words[0], "close")) return named(true, words[1]);
    // FETCH [direction] [FROM | IN] name
    if (sql::is_word(words[0], "fetch") || sql::is_word(words[0], "move")) return named(true, words.back());
    return std::nullopt;
}

}  // namespace understudy::compare
