#include "core/sql/numbered_names.hpp"

#include <algorithm>
#include <array>

#include "core/sql/lexer.hpp"

namespace understudy::sql {
namespace {

/// Statements that name nothing but what their session made.
constexpr std::array<BytesView, 10> kOwnNamesOnly = {"close",  "deallocate", "execute",   "fetch",    "listen",
                                                     "notify", "release",    "rollback", "savepoint", "unlisten"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_numbered(BytesView name) {
    return std::adjacent_find(name.begin(), name.end(), [](char a, char b) { return is_digit(a) && is_digit(b); }) !=
           name.end();
}

}  // namespace

Bytes numbered_names(BytesView sql) {
    Bytes names;
    if (!is_numbered(sql)) return names;
    const Bytes first = first_word(sql);
    if (std::find(kOwnNamesOnly.begin(), kOwnNamesOnly.end(), first) != kOwnNamesOnly.end()) return names;
    bool own = false;  // the next word is a name of the statement's or session's own
    for (const Token& token : Tokens(sql)) {
        if (token.kind == TokenKind::comment) continue;
        const bool skipped = own;
        own = is_word(token, "as") || is_word(token, "declare") || is_word(token, "prepare");
        const bool name = token.kind == TokenKind::word || token.kind == TokenKind::quoted_identifier;
        if (!name || skipped || !is_numbered(token.text)) continue;
        names += token.kind == TokenKind::word ? to_lower(token.text) : Bytes(token.text);
        names += ',';
    }
    return names;
}

}  // namespace understudy::sql
