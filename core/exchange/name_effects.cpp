#include "core/exchange/name_effects.hpp"

#include "core/sql/lexer.hpp"

namespace understudy {
namespace {

using sql::Token;
using sql::TokenKind;

constexpr std::size_t kMaxIdentifier = 63;  // NAMEDATALEN less one

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool word_at(BytesView text, std::size_t at, BytesView word) {
    if (text.size() - at < word.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i) {
        if (lower(text[at + i]) != word[i]) return false;
    }
    return true;
}

/// Whether one of the three words occurs anywhere; nearly all texts end here.
bool may_act(BytesView text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = lower(text[i]);
        if (c == 'd' && (word_at(text, i, "deallocate") || word_at(text, i, "discard"))) return true;
        if (c == 'p' && word_at(text, i, "prepare")) return true;
    }
    return false;
}

/// An identifier as the server stores it.
Bytes identifier(const Token& token) {
    Bytes name;
    if (token.kind == TokenKind::quoted_identifier) {
        for (std::size_t i = 0; i < token.body.size(); ++i) {
            name.push_back(token.body[i]);
            if (token.body[i] == '"') ++i;  // written twice
        }
    } else {
        name = sql::to_lower(token.text);
    }
    if (name.size() > kMaxIdentifier) name.resize(kMaxIdentifier);
    return name;
}

bool names_something(const Token& token) {
    return token.kind == TokenKind::word || token.kind == TokenKind::quoted_identifier;
}

/// Reads one statement, given by its tokens without comments.
void read_statement(BytesView sql, const std::vector<Token>& tokens, std::size_t end, std::uint32_t place,
                    std::vector<NameEffect>& effects) {
    NameEffect effect;
    effect.statement = place;
    const std::size_t count = tokens.size();
    if (count >= 2 && sql::is_word(tokens[0], "discard")) {
        if (sql::is_word(tokens[1], "all")) effects.push_back(std::move(effect));
        return;
    }
    if (count >= 2 && sql::is_word(tokens[0], "deallocate")) {
        const std::size_t at = sql::is_word(tokens[1], "prepare") && count >= 3 ? 2 : 1;
        if (!names_something(tokens[at])) return;
        effect.kind = sql::is_word(tokens[at], "all") ? NameEffect::Kind::drop_all : NameEffect::Kind::drop;
        if (effect.kind == NameEffect::Kind::drop) effect.name = identifier(tokens[at]);
        effects.push_back(std::move(effect));
        return;
    }
    if (count < 4 || !sql::is_word(tokens[0], "prepare") || !names_something(tokens[1])) return;
    effect.kind = NameEffect::Kind::define;
    effect.name = identifier(tokens[1]);
    std::size_t at = 2;
    if (tokens[at].is('(')) {
        effect.typed = true;
        while (at < count && !sql::is_word(tokens[at], "as")) ++at;
    }
    if (at + 1 >= count || !sql::is_word(tokens[at], "as")) return;  // PREPARE TRANSACTION
    effect.sql = sql.substr(tokens[at + 1].offset, end - tokens[at + 1].offset);
    effects.push_back(std::move(effect));
}

}  // namespace

std::vector<NameEffect> name_effects(BytesView sql) {
    std::vector<NameEffect> effects;
    if (!may_act(sql)) return effects;
    std::vector<Token> tokens;
    std::uint32_t place = 0;
    std::size_t depth = 0;
    std::size_t end = 0;
    const auto finish = [&] {
        if (tokens.empty()) return;
        read_statement(sql, tokens, end, place++, effects);
        tokens.clear();
    };
    constexpr std::size_t kEnough = 4096;  // tokens; past them no statement of interest has its name
    for (const Token& token : sql::Tokens(sql)) {
        if (token.kind == TokenKind::comment) continue;
        if (token.is(';') && depth == 0) {
            finish();
            continue;
        }
        if (token.is('(')) ++depth;
        if (token.is(')') && depth > 0) --depth;
        end = token.end();
        if (tokens.size() < kEnough) tokens.push_back(token);
    }
    finish();
    return effects;
}

}  // namespace understudy
