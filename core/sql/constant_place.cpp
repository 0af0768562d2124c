#include "core/sql/constant_place.hpp"

#include "core/sql/lexer.hpp"

namespace understudy::sql {
namespace {

/// The first token at or after `offset` that is neither a comment nor a sign.
Token token_after_signs(BytesView sql, std::size_t offset) {
    if (offset >= sql.size()) return {};
    Token token = next_token(sql, offset);
    while (token.kind == TokenKind::comment || token.is('-') || token.is('+')) token = next_token(sql, token.end());
    return token;
}

}  // namespace

std::size_t constant_length(BytesView sql, std::size_t offset) {
    const Token token = token_after_signs(sql, offset);
    if (!is_constant(token.kind)) return 0;
    const Token next = next_token(sql, token.end());
    const std::size_t end = is_word(next, "uescape") ? next_token(sql, next.end()).end() : token.end();
    return end - offset;
}

std::size_t parameter_length(BytesView sql, std::size_t offset) {
    const Token token = token_after_signs(sql, offset);
    return token.kind == TokenKind::parameter ? token.end() - offset : 0;
}

}  // namespace understudy::sql
