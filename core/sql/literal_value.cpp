#include "core/sql/literal_value.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace understudy::sql {
namespace {

/// Up to `most` digits of the base at `at`; nothing, and `at` stays, if there are fewer than `least`.
std::optional<std::uint32_t> read_code(BytesView text, std::size_t& at, std::size_t least, std::size_t most, int base) {
    if (at >= text.size()) return std::nullopt;
    std::uint32_t code = 0;
    const BytesView digits = text.substr(at, most);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, base);
    const auto length = static_cast<std::size_t>(end - digits.data());
    if (error != std::errc() || length < least) return std::nullopt;
    at += length;
    return code;
}

void append_utf8(std::uint32_t code, Bytes& out) {
    const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80U | ((code >> shift) & 0x3FU)); };
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | (code >> 6U));
        tail(0);
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0U | (code >> 12U));
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xF0U | ((code >> 18U) & 7U));
        tail(12);
        tail(6);
        tail(0);
    }
}

/// What follows a backslash of E'…' at `at`.
void append_escape(BytesView text, std::size_t& at, Bytes& out) {
    constexpr BytesView kLetters = "bfnrtv";
    constexpr BytesView kMeanings = "\b\f\n\r\t\v";
    const char c = text[at];
    if (c >= '0' && c <= '7') {
        const auto code = read_code(text, at, 1, 3, 8);
        out += static_cast<char>(code.value_or(0));
        return;
    }
    ++at;
    std::optional<std::uint32_t> code;
    if (c == 'x' && (code = read_code(text, at, 1, 2, 16))) {
        out += static_cast<char>(*code);
    } else if ((c == 'u' && (code = read_code(text, at, 4, 4, 16))) ||
               (c == 'U' && (code = read_code(text, at, 8, 8, 16)))) {
        append_utf8(*code, out);
    } else {
        const std::size_t letter = kLetters.find(c);
        out += letter == BytesView::npos ? c : kMeanings[letter];
    }
}

/// One piece 'between quotes' that begins after its opening quote; `at` is then after the closing one.
void append_piece(BytesView text, std::size_t& at, char escapes, Bytes& out) {
    while (at < text.size()) {
        const char c = text[at++];
        if (c == '\'') {
            if (at >= text.size() || text[at] != '\'') return;
            out += '\'';
            ++at;
        } else if (c == '\\' && escapes == 'e' && at < text.size()) {
            append_escape(text, at, out);
        } else if (c == '\\' && escapes == 'u' && at < text.size()) {
            const bool longer = text[at] == '+';
            std::size_t from = at + (longer ? 1 : 0);
            const auto code = read_code(text, from, longer ? 6 : 4, longer ? 6 : 4, 16);
            if (code) {
                append_utf8(*code, out);
                at = from;
            } else {
                out += text[at++];
            }
        } else {
            out += c;
        }
    }
}

}  // namespace

Bytes literal_value(const Token& token) {
    if (token.kind != TokenKind::string) return Bytes(token.body);
    char escapes = 0;
    if (token.text[0] == 'e' || token.text[0] == 'E') escapes = 'e';
    if (token.text[0] == 'u' || token.text[0] == 'U') escapes = 'u';
    Bytes value;
    for (std::size_t at = token.text.find('\''); at < token.text.size();) {
        append_piece(token.text, ++at, escapes, value);
        at = std::min(token.text.find('\'', at), token.text.size());
    }
    return value;
}

Bytes with_explicit_escapes(BytesView sql) {
    Bytes out;
    std::size_t copied = 0;
    for (Token token = next_token(sql, 0); token.kind != TokenKind::end;) {
        if (token.kind != TokenKind::string || token.text[0] != '\'') {
            token = next_token(sql, token.end());
            continue;
        }
        std::size_t end = token.offset + 1;
        Bytes unused;
        append_piece(sql, end, 'e', unused);
        const BytesView literal = sql.substr(token.offset, end - token.offset);
        if (literal.find('\\') != BytesView::npos) {
            out.append(sql.substr(copied, token.offset - copied));
            const bool apart = out.empty() || is_space(out.back()) || BytesView("(,=[").find(out.back()) != Bytes::npos;
            out.append(apart ? "E" : " E");
            copied = token.offset;
        }
        token = next_token(sql, end);
    }
    return out.append(sql.substr(copied));
}

}  // namespace understudy::sql
