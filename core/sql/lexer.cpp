#include "core/sql/lexer.hpp"

#include <algorithm>

namespace understudy::sql {
namespace {

constexpr BytesView kOperatorBytes = "+-*/<>=~!@#%^&|`?";
/// A multi-character operator may end in + or - only if it holds one of these.
constexpr BytesView kSignKeepers = "~!@#%^&|`?";

/// The server refuses longer operators (NAMEDATALEN); a longer run is cut here, so that scanning stays
/// linear.
constexpr std::size_t kMaxOperator = 64;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); }
bool starts_word(char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool continues_word(char c) { return starts_word(c) || is_digit(c) || c == '$'; }

/// Scans one token whose first byte stands at `begin_`.
class Scanner {
public:
    Scanner(BytesView sql, std::size_t begin) : sql_(sql), begin_(begin) {}

    Token scan() {
        const char c = sql_[begin_];
        if (at(begin_, "--") || at(begin_, "/*")) return token(TokenKind::comment, comment_end(begin_));
        if (c == '\'') return quoted(TokenKind::string, 1, false);
        if (c == '"') return quoted(TokenKind::quoted_identifier, 1, false);
        if (starts_word(c)) return word();
        if (is_digit(c) || (c == '.' && is_digit(peek(begin_ + 1)))) return number();
        if (c == '$') return dollar();
        if (kOperatorBytes.find(c) != BytesView::npos) return token(TokenKind::punctuation, operator_end());
        const bool pair = at(begin_, "::") || at(begin_, ":=") || at(begin_, "..");
        return token(TokenKind::punctuation, begin_ + (pair ? 2 : 1));
    }

private:
    [[nodiscard]] char peek(std::size_t i) const { return i < sql_.size() ? sql_[i] : '\0'; }
    [[nodiscard]] bool at(std::size_t i, BytesView text) const {
        return i <= sql_.size() && sql_.substr(i, text.size()) == text;
    }
    [[nodiscard]] Token token(TokenKind kind, std::size_t end) const {
        return Token{kind, sql_.substr(begin_, end - begin_), {}, begin_};
    }

    [[nodiscard]] std::size_t comment_end(std::size_t i) const {
        if (sql_[i] == '-') return std::min(sql_.find_first_of("\n\r", i), sql_.size());
        std::size_t depth = 0;
        while (i < sql_.size()) {
            if (at(i, "/*")) {
                ++depth;
                i += 2;
            } else if (at(i, "*/")) {
                i += 2;
                if (--depth == 0) return i;
            } else {
                ++i;
            }
        }
        return sql_.size();
    }

    /// Where the next piece's quote stands, if the literal that ended before `i` goes on after a line break.
    [[nodiscard]] std::size_t continuation(std::size_t i) const {
        bool line_break = false;
        while (i < sql_.size()) {
            if (is_space(sql_[i])) {
                line_break = line_break || sql_[i] == '\n' || sql_[i] == '\r';
                ++i;
            } else if (at(i, "--")) {
                i = comment_end(i);
            } else {
                break;
            }
        }
        return line_break && peek(i) == '\'' ? i : BytesView::npos;
    }

    /// A quoted token whose opening quote is the last byte of a prefix of `prefix` bytes.
    [[nodiscard]] Token quoted(TokenKind kind, std::size_t prefix, bool backslash_escapes) const {
        const char quote = sql_[begin_ + prefix - 1];
        const std::size_t body = begin_ + prefix;
        std::size_t i = body;
        while (i < sql_.size()) {
            if (backslash_escapes && sql_[i] == '\\') {
                i += 2;
            } else if (sql_[i] != quote) {
                ++i;
            } else if (peek(i + 1) == quote) {
                i += 2;
            } else {
                const std::size_t next = quote == '\'' ? continuation(i + 1) : BytesView::npos;
                if (next == BytesView::npos) return with_body(kind, body, i, i + 1);
                i = next + 1;
            }
        }
        return with_body(kind, body, sql_.size(), sql_.size());
    }
    [[nodiscard]] Token with_body(TokenKind kind, std::size_t from, std::size_t to, std::size_t end) const {
        Token result = token(kind, end);
        result.body = sql_.substr(from, to - from);
        return result;
    }

    [[nodiscard]] Token word() const {
        const char c = lower(sql_[begin_]);
        if (peek(begin_ + 1) == '\'') {
            if (c == 'e') return quoted(TokenKind::string, 2, true);
            if (c == 'n') return quoted(TokenKind::string, 2, false);
            if (c == 'b' || c == 'x') return quoted(TokenKind::bit_string, 2, false);
        }
        if (c == 'u' && at(begin_ + 1, "&'")) return quoted(TokenKind::string, 3, false);
        if (c == 'u' && at(begin_ + 1, "&\"")) return quoted(TokenKind::quoted_identifier, 3, false);
        std::size_t i = begin_ + 1;
        while (i < sql_.size() && continues_word(sql_[i])) ++i;
        return token(TokenKind::word, i);
    }

    [[nodiscard]] std::size_t digits_end(std::size_t i) const {
        while (is_digit(peek(i)) || (peek(i) == '_' && is_digit(peek(i + 1)))) ++i;
        return i;
    }
    [[nodiscard]] Token number() const {
        const char radix = lower(peek(begin_ + 1));
        if (sql_[begin_] == '0' && (radix == 'x' || radix == 'o' || radix == 'b') && is_hex(peek(begin_ + 2))) {
            std::size_t i = begin_ + 2;
            while (is_hex(peek(i)) || (peek(i) == '_' && is_hex(peek(i + 1)))) ++i;
            return token(TokenKind::integer, i);
        }
        TokenKind kind = TokenKind::integer;
        std::size_t i = digits_end(begin_);
        if (peek(i) == '.' && peek(i + 1) != '.') {
            kind = TokenKind::numeric;
            i = digits_end(i + 1);
        }
        if (lower(peek(i)) == 'e') {
            const std::size_t sign = peek(i + 1) == '+' || peek(i + 1) == '-' ? 1 : 0;
            if (is_digit(peek(i + 1 + sign))) {
                kind = TokenKind::numeric;
                i = digits_end(i + 1 + sign);
            }
        }
        return token(kind, i);
    }

    [[nodiscard]] Token dollar() const {
        std::size_t i = begin_ + 1;
        if (is_digit(peek(i))) {
            while (is_digit(peek(i))) ++i;
            return token(TokenKind::parameter, i);
        }
        if (starts_word(peek(i))) {
            while (i < sql_.size() && continues_word(sql_[i]) && sql_[i] != '$') ++i;
        }
        if (peek(i) != '$') return token(TokenKind::punctuation, begin_ + 1);
        const BytesView tag = sql_.substr(begin_, i + 1 - begin_);
        const std::size_t close = sql_.find(tag, i + 1);
        if (close == BytesView::npos) {
            return with_body(TokenKind::dollar_string, i + 1, sql_.size(), sql_.size());
        }
        return with_body(TokenKind::dollar_string, i + 1, close, close + tag.size());
    }

    [[nodiscard]] std::size_t operator_end() const {
        std::size_t i = begin_;
        const std::size_t limit = std::min(sql_.size(), begin_ + kMaxOperator);
        while (i < limit && kOperatorBytes.find(sql_[i]) != BytesView::npos && !at(i, "--") && !at(i, "/*")) {
            ++i;
        }
        if (sql_.substr(begin_, i - begin_).find_first_of(kSignKeepers) == BytesView::npos) {
            while (i - begin_ > 1 && (sql_[i - 1] == '+' || sql_[i - 1] == '-')) --i;
        }
        return i;
    }

    BytesView sql_;
    std::size_t begin_;
};

}  // namespace

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

Token next_token(BytesView sql, std::size_t offset) {
    while (offset < sql.size() && is_space(sql[offset])) ++offset;
    if (offset >= sql.size()) return Token{TokenKind::end, {}, {}, sql.size()};
    return Scanner(sql, offset).scan();
}

bool is_constant(TokenKind kind) {
    return kind == TokenKind::integer || kind == TokenKind::numeric || kind == TokenKind::string ||
           kind == TokenKind::dollar_string || kind == TokenKind::bit_string;
}

bool is_word(const Token& token, BytesView lower_case) {
    return token.kind == TokenKind::word && std::equal(token.text.begin(), token.text.end(), lower_case.begin(),
                                                       lower_case.end(), [](char a, char b) { return lower(a) == b; });
}

Bytes to_lower(BytesView text) {
    Bytes result(text);
    std::transform(result.begin(), result.end(), result.begin(), lower);
    return result;
}

Bytes first_word(BytesView sql) {
    Token token = next_token(sql, 0);
    while (token.kind == TokenKind::comment) token = next_token(sql, token.end());
    return token.kind == TokenKind::word ? to_lower(token.text) : Bytes();
}

}  // namespace understudy::sql
