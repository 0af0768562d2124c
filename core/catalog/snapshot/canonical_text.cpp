#include "core/catalog/snapshot/canonical_text.hpp"

#include <optional>

#include "core/sql/lexer.hpp"

namespace understudy::catalog {
namespace {

constexpr BytesView kOpening = "(ARRAY[";
/// Longer definitions stay as they are: rewriting is quadratic in how deep arrays nest.
constexpr std::size_t kMaxRewritten = std::size_t{1} << 20U;

/// Where the bracket that opens at `from` closes, and the commas on its own level.
struct Bracket {
    std::size_t close = 0;
    std::vector<std::size_t> commas;
};

std::optional<Bracket> bracket_at(BytesView text, std::size_t from) {
    Bracket bracket;
    std::size_t depth = 0;
    for (auto token = sql::next_token(text, from); token.kind != sql::TokenKind::end;
         token = sql::next_token(text, token.end())) {
        if (token.kind != sql::TokenKind::punctuation) continue;
        if (token.is('[') || token.is('(')) ++depth;
        if (token.is(',') && depth == 1) bracket.commas.push_back(token.offset);
        if ((token.is(']') || token.is(')')) && --depth == 0) {
            bracket.close = token.offset;
            return bracket;
        }
    }
    return std::nullopt;
}

/// The type that is written at `from`, if it ends with []: "text", "public.mood", "character varying(3)".
BytesView array_type_at(BytesView text, std::size_t from) {
    for (auto token = sql::next_token(text, from); token.kind != sql::TokenKind::end;
         token = sql::next_token(text, token.end())) {
        if (token.is('[')) return text.substr(from, token.offset - from);
        if (token.is('(')) {
            const auto length = bracket_at(text, token.offset);
            if (!length) return {};
            token = sql::next_token(text, length->close);
            continue;
        }
        const bool of_a_name =
            token.kind == sql::TokenKind::word || token.kind == sql::TokenKind::quoted_identifier || token.is('.');
        if (!of_a_name) return {};
    }
    return {};
}

struct ArrayCast {
    std::size_t end = 0;  ///< of the cast in the text
    Bytes rewritten;
};

/// The array that is cast as a whole, which begins at `at`, with a cast of each element.
std::optional<ArrayCast> array_cast_at(BytesView text, std::size_t at) {
    constexpr BytesView kCast = ")::";
    const std::size_t first = at + kOpening.size();
    auto elements = bracket_at(text, first - 1);
    if (!elements || text.substr(elements->close + 1, kCast.size()) != kCast) return std::nullopt;
    const std::size_t type_at = elements->close + 1 + kCast.size();
    const BytesView type = array_type_at(text, type_at);
    if (type.empty() || text.substr(type_at + type.size(), 2) != "[]") return std::nullopt;
    ArrayCast cast;
    cast.end = type_at + type.size() + 2;
    cast.rewritten = "ARRAY[";
    std::size_t element = first;
    elements->commas.push_back(elements->close);
    for (const std::size_t end : elements->commas) {
        if (element != first) cast.rewritten += ", ";
        while (element < end && sql::is_space(text[element])) ++element;
        cast.rewritten.append("(").append(text.substr(element, end - element)).append(")::").append(type);
        element = end + 1;
    }
    cast.rewritten += ']';
    return cast;
}

}  // namespace

Bytes canonical_definition(Bytes definition) {
    if (definition.size() > kMaxRewritten || definition.find(kOpening) == Bytes::npos) return definition;
    for (auto token = sql::next_token(definition, 0); token.kind != sql::TokenKind::end;
         token = sql::next_token(definition, token.end())) {
        if (!BytesView(definition).substr(token.offset).starts_with(kOpening)) continue;
        const std::size_t at = token.offset;
        if (const auto cast = array_cast_at(definition, at)) {
            definition.replace(at, cast->end - at, cast->rewritten);
            token = sql::next_token(definition, at);  // ARRAY: its elements may hold the same again
        }
    }
    return definition;
}

Result<std::vector<Bytes>> parse_text_array(BytesView text) {
    const auto malformed = [] {
        return make_error(Errc::protocol, "the server's catalogues are not of the expected form");
    };
    if (text.size() < 2 || text.front() != '{' || text.back() != '}') return malformed();
    std::vector<Bytes> items;
    const std::size_t end = text.size() - 1;
    for (std::size_t at = 1; at < end;) {
        Bytes& item = items.emplace_back();
        const bool quoted = text[at] == '"';
        if (quoted) ++at;
        while (at < end && (quoted ? text[at] != '"' : text[at] != ',')) {
            if (text[at] == '\\' && ++at == end) return malformed();
            item += text[at++];
        }
        if (quoted && (at == end || text[at++] != '"')) return malformed();
        if (at < end && (text[at++] != ',' || at == end)) return malformed();
    }
    return items;
}

}  // namespace understudy::catalog
