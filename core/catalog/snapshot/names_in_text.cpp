#include "core/catalog/snapshot/names_in_text.hpp"

#include <optional>

#include "core/sql/lexer.hpp"

namespace understudy::catalog {
namespace {

/// NAMEDATALEN - 1.
constexpr std::size_t kMaxName = 63;
/// Strings in strings.
constexpr int kMaxDepth = 4;

void cut(Bytes& name) {
    if (name.size() <= kMaxName) return;
    std::size_t end = kMaxName;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end;  // within a character of UTF-8
    name.resize(end);
}

std::optional<Bytes> name_of(const sql::Token& token) {
    Bytes name;
    if (token.kind == sql::TokenKind::word) {
        name = sql::to_lower(token.text);
    } else if (token.kind == sql::TokenKind::quoted_identifier) {
        for (std::size_t i = 0; i < token.body.size(); ++i) {
            name += token.body[i];
            if (token.body[i] == '"') ++i;  // a quote is written twice
        }
    } else {
        return std::nullopt;
    }
    cut(name);
    return name;
}

/// A string's value, near enough for names: what stands doubled or behind a backslash becomes one.
Bytes unquoted(BytesView body) {
    Bytes text;
    for (std::size_t i = 0; i < body.size(); ++i) {
        const bool doubled = body[i] == '\'' || body[i] == '\\';
        if (doubled && i + 1 < body.size() && (body[i + 1] == body[i] || body[i + 1] == '"')) ++i;
        text += body[i];
    }
    return text;
}

void collect(BytesView text, int depth, NamesInText& names) {
    std::optional<Bytes> before;  // the name that ended just now
    bool dotted = false;          // and a dot follows it
    for (auto token = sql::next_token(text, 0); token.kind != sql::TokenKind::end;
         token = sql::next_token(text, token.end())) {
        if (token.kind == sql::TokenKind::comment) continue;
        auto name = name_of(token);
        if (name) {
            const bool escaped = token.text.front() != '"' && token.kind == sql::TokenKind::quoted_identifier;
            if (escaped) names.incomplete = true;
            names.words.insert(*name);
            if (before && dotted) names.qualified.emplace(*before, *name);
        } else if (token.kind == sql::TokenKind::string || token.kind == sql::TokenKind::dollar_string) {
            if (depth == kMaxDepth) {
                names.incomplete = true;
            } else {
                const bool plain = token.kind == sql::TokenKind::dollar_string;
                collect(plain ? Bytes(token.body) : unquoted(token.body), depth + 1, names);
            }
        }
        if (token.is('.') && before && !dotted) {
            dotted = true;
            continue;
        }
        before = std::move(name);
        dotted = false;
    }
}

}  // namespace

NamesInText names_in_text(BytesView text) {
    NamesInText names;
    collect(text, 0, names);
    return names;
}

}  // namespace understudy::catalog
