#include "schema/check/temp_tables.hpp"

#include <algorithm>
#include <set>

#include "core/sql/lexer.hpp"
#include "core/sql/literal_text.hpp"

namespace understudy::schema {
namespace {

using sql::Token;
using sql::TokenKind;

constexpr std::size_t kMaxText = std::size_t{64} << 10U;

std::vector<Token> tokens_of(BytesView sql) {
    std::vector<Token> tokens;
    for (const Token& token : sql::Tokens(sql)) {
        if (token.kind != TokenKind::comment) tokens.push_back(token);
    }
    while (!tokens.empty() && tokens.back().is(';')) tokens.pop_back();
    return tokens;
}

bool is_temp(const Token& token) { return sql::is_word(token, "temp") || sql::is_word(token, "temporary"); }

Bytes name_of(const Token& token) {
    if (token.kind == TokenKind::word) return sql::to_lower(token.text);
    return token.kind == TokenKind::quoted_identifier ? Bytes(token.body) : Bytes();
}

/// Steps over words that may stand there.
std::size_t skip(const std::vector<Token>& tokens, std::size_t at, std::initializer_list<BytesView> words) {
    const auto is_one = [&](const Token& token) {
        return std::any_of(words.begin(), words.end(), [&](BytesView word) { return sql::is_word(token, word); });
    };
    while (at < tokens.size() && is_one(tokens[at])) ++at;
    return at;
}

/// The name at `at`, with pg_temp before it or not; `at` moves behind it.
Bytes read_name(const std::vector<Token>& tokens, std::size_t& at) {
    if (at + 2 < tokens.size() && name_of(tokens[at]) == "pg_temp" && tokens[at + 1].is('.')) at += 2;
    if (at >= tokens.size()) return {};
    const bool qualified = at + 1 < tokens.size() && tokens[at + 1].is('.');
    return qualified ? Bytes() : name_of(tokens[at++]);
}

/// Index of the first token outside of parentheses that is the word; the number of tokens when none is.
std::size_t find_word(const std::vector<Token>& tokens, std::size_t from, BytesView word) {
    int depth = 0;
    for (std::size_t i = from; i < tokens.size(); ++i) {
        if (tokens[i].is('(')) ++depth;
        if (tokens[i].is(')')) --depth;
        if (depth == 0 && sql::is_word(tokens[i], word)) return i;
    }
    return tokens.size();
}

/// The query without WITH [NO] DATA at its end, and with WITH NO DATA.
Bytes without_rows(BytesView sql, const std::vector<Token>& tokens) {
    std::size_t count = tokens.size();
    if (count > 1 && sql::is_word(tokens[count - 1], "data")) {
        const std::size_t with = count - (sql::is_word(tokens[count - 2], "no") ? 3 : 2);
        if (with < count && sql::is_word(tokens[with], "with")) count = with;
    }
    return Bytes(sql.substr(0, tokens[count - 1].end())) + " with no data";
}

std::optional<TempCreation> of_create(BytesView sql, const std::vector<Token>& tokens) {
    std::size_t at = skip(tokens, 1, {"or", "replace", "global", "local"});
    const bool temp = at < tokens.size() && is_temp(tokens[at]);
    at = skip(tokens, at, {"temp", "temporary", "recursive"});
    if (at >= tokens.size()) return std::nullopt;
    const bool table = sql::is_word(tokens[at], "table");
    if (!table && !sql::is_word(tokens[at], "view") && !sql::is_word(tokens[at], "sequence")) return std::nullopt;
    at = skip(tokens, at + 1, {"if", "not", "exists"});
    const bool in_temp_schema = at < tokens.size() && name_of(tokens[at]) == "pg_temp";
    if (!temp && !in_temp_schema) return std::nullopt;
    TempCreation creation;
    creation.name = read_name(tokens, at);
    if (creation.name.empty()) return std::nullopt;
    creation.sql = Bytes(sql.substr(0, tokens.back().end()));
    const std::size_t as = find_word(tokens, at, "as");
    if (!table || as + 1 >= tokens.size()) return creation;
    if (sql::is_word(tokens[as + 1], "execute")) return std::nullopt;
    creation.from_query = true;
    creation.sql = without_rows(sql, tokens);
    return creation;
}

/// SELECT … INTO [TEMP] [TABLE] name …, as CREATE TEMP TABLE name AS SELECT … …
std::optional<TempCreation> of_select_into(BytesView sql, const std::vector<Token>& tokens) {
    const std::size_t into = find_word(tokens, 1, "into");
    const std::size_t insert = find_word(tokens, 0, "insert");
    if (into + 1 >= tokens.size() || insert < into) return std::nullopt;
    std::size_t at = skip(tokens, into + 1, {"local", "global"});
    if (at >= tokens.size() || !is_temp(tokens[at])) return std::nullopt;
    at = skip(tokens, at + 1, {"table"});
    TempCreation creation;
    creation.name = read_name(tokens, at);
    if (creation.name.empty()) return std::nullopt;
    creation.from_query = true;
    Bytes rest;
    if (at < tokens.size()) rest = Bytes(sql.substr(tokens[at].offset, tokens.back().end() - tokens[at].offset));
    creation.sql = "create temp table " + sql::quote_identifier(creation.name) + " as " +
                   Bytes(sql.substr(tokens[0].offset, tokens[into].offset - tokens[0].offset)) + rest + " with no data";
    return creation;
}

}  // namespace

std::optional<TempCreation> temp_creation(BytesView sql) {
    if (sql.size() > kMaxText) return std::nullopt;
    const std::vector<Token> tokens = tokens_of(sql);
    if (tokens.size() < 3) return std::nullopt;
    for (const Token& token : tokens) {
        if (token.is(';') || token.kind == TokenKind::parameter) return std::nullopt;
    }
    if (sql::is_word(tokens[0], "create")) return of_create(sql, tokens);
    if (sql::is_word(tokens[0], "select") || sql::is_word(tokens[0], "with")) return of_select_into(sql, tokens);
    return std::nullopt;
}

bool TempTables::may_change(BytesView sql) {
    const Bytes word = sql::first_word(sql);
    if (word == "drop" || word == "discard") return true;
    if (word != "create" && word != "select" && word != "with") return false;
    constexpr BytesView kTemp = "temp";
    const auto same = [](char a, char b) { return a == b || a + ('a' - 'A') == b; };
    return std::search(sql.begin(), sql.end(), kTemp.begin(), kTemp.end(), same) != sql.end();
}

void TempTables::on_statement(BytesView sql) {
    const Bytes word = sql::first_word(sql);
    const auto forget = [&](const Bytes& name) {
        std::erase_if(tables_, [&](const TempCreation& each) { return each.name == name; });
    };
    if (word == "drop" || word == "discard") {
        for (const Token& token : sql::Tokens(sql)) {
            if (word == "discard" && (is_temp(token) || sql::is_word(token, "all"))) tables_.clear();
            if (word == "drop") forget(name_of(token));
        }
        return;
    }
    auto creation = temp_creation(sql);
    if (!creation) return;
    forget(creation->name);
    if (tables_.size() < kMaxTables) tables_.push_back(std::move(*creation));
}

std::vector<Bytes> TempTables::needed_by(BytesView sql) const {
    std::vector<Bytes> needed;
    if (tables_.empty()) return needed;
    std::set<Bytes> named;
    const auto add_names = [&](BytesView text) {
        for (const Token& token : sql::Tokens(text)) {
            if (Bytes name = name_of(token); !name.empty()) named.insert(std::move(name));
        }
    };
    add_names(sql);
    // A statement that makes one of them does not need that one.
    const auto makes = temp_creation(sql);
    for (auto table = tables_.rbegin(); table != tables_.rend(); ++table) {
        if (named.count(table->name) == 0 || (makes && makes->name == table->name)) continue;
        needed.push_back(table->sql);
        add_names(table->sql);
    }
    std::reverse(needed.begin(), needed.end());
    return needed;
}

}  // namespace understudy::schema
