#include "core/sql/literal_text.hpp"

#include <charconv>

#include "core/sql/lexer.hpp"

namespace understudy::sql {
namespace {

/// The zero-based number of a parameter token, if it has a value.
std::optional<std::size_t> parameter_index(const Token& token, std::size_t count) {
    if (token.kind != TokenKind::parameter) return std::nullopt;
    std::size_t number = 0;
    const char* end = token.text.data() + token.text.size();
    if (std::from_chars(token.text.data() + 1, end, number).ec != std::errc{}) return std::nullopt;
    if (number == 0 || number > count) return std::nullopt;
    return number - 1;
}

Bytes constant(const std::optional<Bytes>& value, BytesView type_name) {
    Bytes text = value ? quote_literal(*value) : Bytes("NULL");
    if (!type_name.empty()) text.append("::").append(type_name);
    return text;
}

}  // namespace

Bytes quote_identifier(BytesView name) {
    Bytes out = "\"";
    for (const char c : name) out.append(c == '"' ? 2 : 1, c);
    return out + '"';
}

Bytes quote_literal(BytesView value) {
    Bytes literal;
    literal.reserve(value.size() + 3);
    if (value.find('\\') != BytesView::npos) literal += 'E';
    literal += '\'';
    for (const char c : value) {
        if (c == '\'' || c == '\\') literal += c;
        literal += c;
    }
    literal += '\'';
    return literal;
}

Bytes substitute_parameters(BytesView sql, const std::vector<std::optional<Bytes>>& values,
                            const std::vector<Bytes>& type_names) {
    Bytes out;
    std::size_t copied = 0;
    for (const Token& token : Tokens(sql)) {
        const auto index = parameter_index(token, values.size());
        if (!index) continue;
        out.append(sql.substr(copied, token.offset - copied));
        copied = token.end();
        const Bytes text = constant(values[*index], *index < type_names.size() ? type_names[*index] : Bytes());
        const Token next = next_token(sql, token.end());
        // A subscript would be read as part of the type's name, and U&$1 must not become a U&'' literal.
        if (next.is('[') || next.is('.')) {
            out.append("(").append(text).append(")");
        } else {
            if (out.ends_with('&')) out += ' ';
            out += text;
        }
        if (next.kind == TokenKind::word && next.offset == token.end()) out += ' ';
    }
    out.append(sql.substr(copied));
    return out;
}

}  // namespace understudy::sql
