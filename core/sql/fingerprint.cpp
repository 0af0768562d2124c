#include "core/sql/fingerprint.hpp"

#include <fmt/format.h>
#include <pg_query.h>

#include <optional>
#include <vector>

#include "core/sql/lexer.hpp"
#include "core/sql/parser_guard.hpp"

namespace understudy::sql {
namespace {

std::optional<std::uint64_t> parsed_fingerprint(BytesView sql) {
    if (!parsable(sql)) return std::nullopt;
    const PgQueryFingerprintResult result = pg_query_fingerprint(parser_input(sql).c_str());
    std::optional<std::uint64_t> value;
    if (result.error == nullptr) value = result.fingerprint;
    pg_query_free_fingerprint_result(result);
    return value;
}

/// The text's tokens in one spelling: words in lower case, constants and parameters as '?', lists of
/// constants and repeated groups shortened to one.
class LexicalShape {
public:
    void take(const Token& token) {
        if (is_constant(token.kind) || token.kind == TokenKind::parameter) return constant();
        if (token.kind == TokenKind::word) {
            shape_ += to_lower(token.text);
        } else if (token.is('(') || token.is('[')) {
            groups_.push_back(shape_.size());
            shape_ += token.text;
        } else if (token.is(')') || token.is(']')) {
            shape_ += token.text;
            close_group();
        } else {
            shape_ += token.text;
        }
        shape_ += ' ';
    }
    [[nodiscard]] const Bytes& shape() const { return shape_; }

private:
    static constexpr BytesView kConstant = "? ";
    static constexpr BytesView kComma = ", ";

    void constant() {
        if (shape_.ends_with("? , ")) {
            shape_.resize(shape_.size() - kComma.size());
        } else {
            shape_ += kConstant;
        }
    }
    /// Drops the group just closed if an equal one stands before it.
    void close_group() {
        if (groups_.empty()) return;
        const std::size_t begin = groups_.back();
        groups_.pop_back();
        const BytesView text = shape_;
        const BytesView group = text.substr(begin);
        const std::size_t separator = 1 + kComma.size();
        if (begin < group.size() + separator) return;
        if (text.substr(begin - separator, separator) != " , ") return;
        if (text.substr(begin - separator - group.size(), group.size()) != group) return;
        shape_.resize(begin - separator);
    }

    Bytes shape_;
    std::vector<std::size_t> groups_;
};

/// FNV-1a, 64 bits (Fowler, Noll, Vo).
std::uint64_t fnv1a(BytesView bytes) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : bytes) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3U;
    }
    return hash;
}

std::uint64_t lexical_fingerprint(BytesView sql) {
    LexicalShape shape;
    for (const Token& token : Tokens(sql)) {
        if (token.kind != TokenKind::comment && !token.is(';')) shape.take(token);
    }
    return fnv1a(shape.shape());
}

}  // namespace

std::string Fingerprint::hex() const { return fmt::format("{:016x}", value); }

Fingerprint fingerprint(BytesView sql) {
    if (const auto value = parsed_fingerprint(sql)) return {*value, false};
    return {lexical_fingerprint(sql), true};
}

}  // namespace understudy::sql
