#include <pg_query.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/sql/fingerprint.hpp"
#include "core/sql/lexer.hpp"
#include "core/sql/parser_guard.hpp"

namespace understudy::sql {
namespace {

/// libpg_query's normalisation is quadratic in the number of result columns: longer texts go without it.
constexpr std::size_t kMaxParserNormalised = std::size_t{64} << 10U;

/// The parser's normalisation, which knows where a number is not a constant (ORDER BY 1, varchar(10)).
std::optional<Bytes> parser_normalised(BytesView sql) {
    if (sql.size() > kMaxParserNormalised || !parsable(sql)) return std::nullopt;
    const PgQueryNormalizeResult result = pg_query_normalize(parser_input(sql).c_str());
    std::optional<Bytes> text;
    if (result.error == nullptr) text = result.normalized_query;
    pg_query_free_normalize_result(result);
    return text;
}

std::uint64_t highest_parameter(BytesView sql) {
    std::uint64_t highest = 0;
    for (const Token& token : Tokens(sql)) {
        if (token.kind != TokenKind::parameter) continue;
        std::uint32_t number = 0;
        std::from_chars(token.text.data() + 1, token.text.data() + token.text.size(), number);
        highest = std::max<std::uint64_t>(highest, number);
    }
    return highest;
}

/// Comments dropped, white space collapsed, strings (and numbers, if asked) replaced.
Bytes tidied(BytesView sql, bool replace_numbers) {
    Bytes out;
    std::uint64_t next = highest_parameter(sql) + 1;
    Token previous;
    for (const Token& token : Tokens(sql)) {
        if (token.kind == TokenKind::comment) continue;
        const bool number = token.kind == TokenKind::integer || token.kind == TokenKind::numeric;
        const bool replaced = is_constant(token.kind) && (replace_numbers || !number);
        // select'x' must not become the identifier select$1, nor $'x' the dollar quote $$1.
        const bool joins = previous.kind == TokenKind::word || previous.is('$');
        const bool apart = token.offset > previous.end() || (replaced && joins);
        if (!out.empty() && apart) out += ' ';
        if (replaced) {
            out += '$';
            out += std::to_string(next++);
        } else {
            out += token.text;
        }
        previous = token;
    }
    while (!out.empty() && (out.back() == ';' || is_space(out.back()))) out.pop_back();
    return out;
}

}  // namespace

Bytes normalise(BytesView sql) {
    if (const auto text = parser_normalised(sql)) return tidied(*text, false);
    return tidied(sql, true);
}

}  // namespace understudy::sql
