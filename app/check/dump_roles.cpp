#include "app/check/dump_roles.hpp"

#include <optional>
#include <vector>

#include "core/sql/lexer.hpp"

namespace understudy::app {
namespace {

using sql::Token;
using sql::TokenKind;

std::optional<Bytes> role_name(const Token& token) {
    if (token.kind == TokenKind::quoted_identifier) return Bytes(token.body);
    if (token.kind != TokenKind::word) return std::nullopt;
    Bytes name = sql::to_lower(token.text);
    for (const BytesView word :
         {"public", "current_user", "session_user", "current_role", "group", "none", "default"}) {
        if (name == word) return std::nullopt;
    }
    return name;
}

/// Names with commas between, from `at` on.
void add_names(const std::vector<Token>& statement, std::size_t at, std::set<Bytes>& roles) {
    for (; at < statement.size(); at += 2) {
        if (sql::is_word(statement[at], "group") && at + 1 < statement.size()) ++at;
        if (auto name = role_name(statement[at]); name && name->rfind("pg_", 0) != 0) roles.insert(std::move(*name));
        if (at + 1 >= statement.size() || !statement[at + 1].is(',')) return;
    }
}

void take(const std::vector<Token>& statement, std::set<Bytes>& roles) {
    if (statement.empty()) return;
    bool grants = false;
    for (std::size_t i = 0; i + 1 < statement.size(); ++i) {
        const Token& token = statement[i];
        grants = grants || sql::is_word(token, "grant") || sql::is_word(token, "revoke");
        const bool next_to = sql::is_word(statement[i + 1], "to");
        if (sql::is_word(token, "owner") && next_to) add_names(statement, i + 2, roles);
        if (sql::is_word(token, "authorization")) add_names(statement, i + 1, roles);
        if (sql::is_word(token, "role") && i > 0 && sql::is_word(statement[i - 1], "for"))
            add_names(statement, i + 1, roles);
        if (grants && (sql::is_word(token, "to") || sql::is_word(token, "from"))) add_names(statement, i + 1, roles);
        const bool policy = sql::is_word(statement[0], "create") && sql::is_word(statement[1], "policy");
        if (policy && sql::is_word(token, "to")) add_names(statement, i + 1, roles);
    }
}

}  // namespace

std::set<Bytes> roles_of_dump(BytesView dump) {
    std::set<Bytes> roles;
    std::vector<Token> statement;
    for (const Token& token : sql::Tokens(dump)) {
        if (token.kind == TokenKind::comment) continue;
        if (token.is(';')) {
            take(statement, roles);
            statement.clear();
        } else if (statement.size() < 10'000) {
            statement.push_back(token);
        }
    }
    take(statement, roles);
    return roles;
}

}  // namespace understudy::app
