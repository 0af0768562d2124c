#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"

namespace understudy::sql {

enum class TokenKind : std::uint8_t {
    end,                ///< nothing is left
    word,               ///< an unquoted identifier or keyword (the scanner knows no keywords)
    quoted_identifier,  ///< "x" and U&"x"
    integer,            ///< 42, and since PostgreSQL 16 0x2A, 0o52, 0b101, 1_000
    numeric,            ///< 4.2, .5, 1e10
    string,             ///< 'x', E'x', N'x', U&'x', with continuations over a line break
    dollar_string,      ///< $$x$$, $tag$x$tag$
    bit_string,         ///< B'101', X'1F'
    parameter,          ///< $1
    punctuation,        ///< one operator, or one of ( ) [ ] , ; : :: := . .. or an unknown byte
    comment,            ///< -- to the line's end, or nested /* */
};

/// A lexical token. Both views borrow from the scanned text.
struct Token {
    TokenKind kind = TokenKind::end;
    BytesView text;          ///< as written, prefix and quotes included
    BytesView body;          ///< between the quotes, escapes untouched; empty for unquoted tokens
    std::size_t offset = 0;  ///< of `text` in the scanned text

    [[nodiscard]] std::size_t end() const { return offset + text.size(); }
    [[nodiscard]] bool is(char c) const { return text.size() == 1 && text[0] == c; }
};

/// The token at or after `offset`, white space skipped; TokenKind::end past the last one. Never fails: an
/// unterminated literal or comment reaches to the end of the text. Follows PostgreSQL's documentation, 4.1
/// "Lexical Structure", with standard_conforming_strings on. Any bytes are allowed.
Token next_token(BytesView sql, std::size_t offset);

/// All tokens of a text, for a range-based loop. Borrows the text.
class Tokens {
public:
    struct End {};
    class Iterator {
    public:
        Iterator(BytesView sql, Token token) : sql_(sql), token_(token) {}
        const Token& operator*() const { return token_; }
        Iterator& operator++() {
            token_ = next_token(sql_, token_.end());
            return *this;
        }
        friend bool operator!=(const Iterator& it, End) { return it.token_.kind != TokenKind::end; }

    private:
        BytesView sql_;
        Token token_;
    };

    explicit Tokens(BytesView sql) : sql_(sql) {}
    explicit Tokens(Bytes&& sql) = delete;  // the tokens would outlive it
    [[nodiscard]] Iterator begin() const { return {sql_, next_token(sql_, 0)}; }
    [[nodiscard]] End end() const { return {}; }

private:
    BytesView sql_;
};

/// Whether the token is a constant (number, string of any kind, bit string).
bool is_constant(TokenKind kind);
/// Whether an unquoted word equals `lower` (given in lower case), ASCII case-insensitively.
bool is_word(const Token& token, BytesView lower);
/// The first word of a statement in lower case, comments skipped; empty when it begins with something else.
Bytes first_word(BytesView sql);
/// A copy in lower case; only ASCII letters change.
Bytes to_lower(BytesView text);
/// What PostgreSQL's scanner treats as white space.
bool is_space(char c);

}  // namespace understudy::sql
