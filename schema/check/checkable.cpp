#include "schema/check/checkable.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include "core/sql/lexer.hpp"
#include "core/sql/literal_text.hpp"
#include "core/sql/statement_traits.hpp"

namespace understudy::schema {
namespace {

using sql::Token;
using sql::TokenKind;

/// The tokens of utility statements that are looked at; these are short, whatever a COPY's query or a hostile
/// text is.
constexpr std::size_t kMaxTokens = 100'000;

struct Rule {
    std::string_view word;
    Checkability checkability;
    std::string_view reason;
};

constexpr std::array<Rule, 33> kRules = {{
    {"begin", Checkability::nothing, "transaction"},
    {"start", Checkability::nothing, "transaction"},
    {"commit", Checkability::nothing, "transaction"},
    {"end", Checkability::nothing, "transaction"},
    {"rollback", Checkability::nothing, "transaction"},
    {"abort", Checkability::nothing, "transaction"},
    {"savepoint", Checkability::nothing, "transaction"},
    {"release", Checkability::nothing, "transaction"},
    {"set", Checkability::nothing, "setting"},
    {"reset", Checkability::nothing, "setting"},
    {"fetch", Checkability::nothing, "session"},
    {"move", Checkability::nothing, "session"},
    {"close", Checkability::nothing, "session"},
    {"deallocate", Checkability::nothing, "session"},
    {"discard", Checkability::nothing, "session"},
    {"listen", Checkability::nothing, "session"},
    {"unlisten", Checkability::nothing, "session"},
    {"notify", Checkability::nothing, "session"},
    {"execute", Checkability::nothing, "session"},
    {"checkpoint", Checkability::nothing, "session"},
    {"load", Checkability::nothing, "session"},
    {"create", Checkability::cannot, "ddl"},
    {"alter", Checkability::cannot, "ddl"},
    {"drop", Checkability::cannot, "ddl"},
    {"grant", Checkability::cannot, "ddl"},
    {"revoke", Checkability::cannot, "ddl"},
    {"comment", Checkability::cannot, "ddl"},
    {"security", Checkability::cannot, "ddl"},
    {"import", Checkability::cannot, "ddl"},
    {"reassign", Checkability::cannot, "ddl"},
    {"do", Checkability::cannot, "do_block"},
    {"copy", Checkability::cannot, "copy"},
    {"reindex", Checkability::cannot, "maintenance"},
}};

/// Statements that name tables and nothing of them.
constexpr std::array<std::string_view, 6> kNamesTables = {"lock",    "truncate", "vacuum",
                                                          "analyze", "cluster",  "refresh"};

std::vector<Token> tokens_of(BytesView sql) {
    std::vector<Token> tokens;
    for (const Token& token : sql::Tokens(sql)) {
        if (token.kind != TokenKind::comment) tokens.push_back(token);
        if (tokens.size() == kMaxTokens) break;
    }
    return tokens;
}

bool is_name(const Token& token) { return token.kind == TokenKind::word || token.kind == TokenKind::quoted_identifier; }

/// The index of the parenthesis that closes the one at `open`; the number of tokens when none does.
std::size_t closing(const std::vector<Token>& tokens, std::size_t open) {
    std::size_t depth = 0;
    for (std::size_t i = open; i < tokens.size(); ++i) {
        if (tokens[i].is('(')) ++depth;
        if (tokens[i].is(')') && --depth == 0) return i;
    }
    return tokens.size();
}

/// COPY (query) TO: the query. COPY table (columns) FROM or TO: a query of these columns.
Bytes query_of_copy(BytesView sql) {
    const std::vector<Token> tokens = tokens_of(sql);
    std::size_t at = 1;
    if (at + 1 < tokens.size() && sql::is_word(tokens[at], "binary")) ++at;
    if (at >= tokens.size()) return {};
    const auto inside = [&](std::size_t open) -> BytesView {
        const std::size_t close = closing(tokens, open);
        if (close == tokens.size()) return {};
        return sql.substr(tokens[open].end(), tokens[close].offset - tokens[open].end());
    };
    if (tokens[at].is('(')) return Bytes(inside(at));
    const std::size_t name = at;
    while (at + 2 < tokens.size() && is_name(tokens[at]) && tokens[at + 1].is('.')) at += 2;
    if (!is_name(tokens[at])) return {};
    const BytesView table = sql.substr(tokens[name].offset, tokens[at].end() - tokens[name].offset);
    const bool listed = at + 1 < tokens.size() && tokens[at + 1].is('(');
    const BytesView columns = listed ? inside(at + 1) : BytesView("*");
    if (columns.empty()) return {};
    const std::size_t direction = listed ? closing(tokens, at + 1) + 1 : at + 1;
    if (listed && direction < tokens.size() && sql::is_word(tokens[direction], "from")) {
        // COPY may fill identity columns, and converts texts itself: NULLs have any type.
        Bytes nulls = "null";
        for (const Token& token : sql::Tokens(columns)) nulls += token.is(',') ? ", null" : "";
        return Bytes("insert into ").append(table) + Bytes(" (").append(columns) + ") overriding system value select " +
               nulls;
    }
    return Bytes("select ").append(columns).append(" from ").append(table);
}

Bytes query_of_tables(BytesView sql) {
    Bytes query;
    for (const sql::RelationUse& relation : sql::traits(sql).relations) {
        query += query.empty() ? "select from " : ", ";
        if (!relation.schema.empty()) query += sql::quote_identifier(relation.schema) + ".";
        query += sql::quote_identifier(relation.name);
    }
    return query;
}

/// CREATE TABLE … AS and CREATE MATERIALIZED VIEW … AS.
bool creates_from_query(BytesView sql) {
    constexpr std::size_t kWordsBeforeTable = 5;  // create local temporary … table
    std::size_t depth = 0;
    std::size_t index = 0;
    bool table = false;
    for (const Token& token : tokens_of(sql)) {
        if (index++ < kWordsBeforeTable)
            table = table || sql::is_word(token, "table") || sql::is_word(token, "materialized");
        if (token.is('(')) ++depth;
        if (token.is(')') && depth > 0) --depth;
        if (table && depth == 0 && sql::is_word(token, "as")) return true;
    }
    return false;
}

Checkable check(Bytes sql) { return {Checkability::check, std::move(sql), {}}; }

/// `sql` with each parameter cast to the type that a list like `int, text` declares.
Bytes with_casts(BytesView sql, const std::vector<BytesView>& types) {
    Bytes out;
    std::size_t done = 0;
    for (const Token& token : sql::Tokens(sql)) {
        if (token.kind != TokenKind::parameter) continue;
        std::size_t number = 0;
        std::from_chars(token.text.data() + 1, token.text.data() + token.text.size(), number);
        if (number == 0 || number > types.size()) continue;
        out.append(sql.substr(done, token.offset - done)).append("(").append(token.text).append("::");
        out.append(types[number - 1]).append(")");
        done = token.end();
    }
    return out.append(sql.substr(done));
}

/// PREPARE name [(types)] AS statement. Declared types are names, which a Parse message cannot carry: they become casts.
Checkable judge_prepare(BytesView sql) {
    const std::vector<Token> tokens = tokens_of(sql);
    if (tokens.size() > 1 && sql::is_word(tokens[1], "transaction")) return {Checkability::nothing, {}, "transaction"};
    if (tokens.size() > 3 && sql::is_word(tokens[2], "as")) return check(Bytes(sql.substr(tokens[3].offset)));
    const std::size_t close = tokens.size() > 4 && tokens[2].is('(') ? closing(tokens, 2) : tokens.size();
    if (close + 2 >= tokens.size() || !sql::is_word(tokens[close + 1], "as")) return {Checkability::cannot, {}, "prepare"};
    std::vector<BytesView> types;
    std::size_t begin = tokens[2].end();
    int depth = 0;
    for (std::size_t i = 2; i <= close; ++i) {
        if (tokens[i].is('(')) ++depth;
        if (tokens[i].is(')')) --depth;
        if (depth > 1 || (depth == 1 && !tokens[i].is(','))) continue;
        types.push_back(sql.substr(begin, tokens[i].offset - begin));
        begin = tokens[i].end();
    }
    return check(with_casts(sql.substr(tokens[close + 2].offset), types));
}

}  // namespace

Checkable judge_statement(BytesView sql) {
    const Bytes word = sql::first_word(sql);
    if (word == "prepare") return judge_prepare(sql);
    if (word == "create" && creates_from_query(sql)) return check(Bytes(sql));
    if (word == "copy") {
        if (Bytes query = query_of_copy(sql); !query.empty()) return check(std::move(query));
    }
    for (const std::string_view names_tables : kNamesTables) {
        if (word != names_tables) continue;
        Bytes query = query_of_tables(sql);
        return query.empty() ? Checkable{Checkability::cannot, {}, "maintenance"} : check(std::move(query));
    }
    for (const Rule& rule : kRules) {
        if (word == rule.word) return {rule.checkability, {}, rule.reason};
    }
    return check(Bytes(sql));
}

}  // namespace understudy::schema
