#include "core/sql/authorization_change.hpp"

#include <algorithm>
#include <vector>

#include "core/sql/lexer.hpp"

namespace understudy::sql {
namespace {

constexpr std::size_t kHead = 8;  // tokens that SET SESSION SESSION AUTHORIZATION 'name' has, and some

bool contains_word(BytesView text, BytesView lower) {
    const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b; };
    return std::search(text.begin(), text.end(), lower.begin(), lower.end(), same) != text.end();
}

std::vector<Token> head_of(BytesView sql) {
    std::vector<Token> head;
    for (const Token& token : Tokens(sql)) {
        if (token.kind == TokenKind::comment) continue;
        head.push_back(token);
        if (head.size() == kHead) break;
    }
    head.resize(kHead);  // TokenKind::end
    return head;
}

/// The role that a value names; nothing for DEFAULT.
std::optional<Bytes> role_of(const Token& value) {
    if (is_word(value, "default")) return std::nullopt;
    if (value.kind == TokenKind::word) return to_lower(value.text);
    const char quote = value.kind == TokenKind::quoted_identifier ? '"' : '\'';
    Bytes name;
    for (std::size_t i = 0; i < value.body.size(); ++i) {
        name += value.body[i];
        if (value.body[i] == quote) ++i;  // it is doubled
    }
    return name;
}

/// set_config('session_authorization', …) anywhere in the statement.
bool sets_by_function(BytesView sql) {
    bool function = false;
    bool name = false;
    for (const Token& token : Tokens(sql)) {
        function = function || is_word(token, "set_config") || token.body == "set_config";
        const bool text = token.kind == TokenKind::string || token.kind == TokenKind::dollar_string;
        name = name || (text && to_lower(token.body) == "session_authorization");
    }
    return function && name;
}

}  // namespace

bool may_change_authorization(BytesView sql) {
    return contains_word(sql, "authorization") || contains_word(sql, "discard");
}

std::optional<AuthorizationChange> authorization_change(BytesView one_statement) {
    if (!may_change_authorization(one_statement)) return std::nullopt;
    const std::vector<Token> head = head_of(one_statement);
    const auto is = [&](std::size_t at, BytesView word) {
        return is_word(head[at], word) || (head[at].kind == TokenKind::quoted_identifier && head[at].body == word);
    };
    const auto names_it = [&](std::size_t at) {  // how many tokens name it; 0: another setting
        if (is(at, "session_authorization")) return 1U;
        return is_word(head[at], "session") && is_word(head[at + 1], "authorization") ? 2U : 0U;
    };
    if (is_word(head[0], "discard") && is_word(head[1], "all")) return AuthorizationChange{};
    if (is_word(head[0], "reset") && names_it(1) > 0) return AuthorizationChange{};
    if (is_word(head[0], "set")) {
        std::size_t at = 1;
        if (names_it(at) == 0 && (is_word(head[at], "session") || is_word(head[at], "local"))) ++at;
        const std::size_t length = names_it(at);
        if (length > 0) {
            at += length;
            if (is_word(head[at], "to") || head[at].is('=')) ++at;
            return AuthorizationChange{role_of(head[at])};
        }
    }
    if (sets_by_function(one_statement)) return AuthorizationChange{Bytes()};
    return std::nullopt;
}

}  // namespace understudy::sql
