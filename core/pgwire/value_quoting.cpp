#include "core/pgwire/type_oid.hpp"
#include "core/pgwire/value_internal.hpp"

namespace understudy::pgwire::internal {
namespace {

bool is_null_word(BytesView text) {
    constexpr BytesView kNull = "null";
    if (text.size() != kNull.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) | 0x20U) != static_cast<unsigned char>(kNull[i])) return false;
    }
    return true;
}

bool needs_quotes(BytesView text, BytesView special) {
    return text.empty() || text.find_first_of(special) != BytesView::npos ||
           text.find_first_of(" \t\n\r\v\f\"\\") != BytesView::npos;
}

/// In quotes; a quote or backslash inside has `escape` before it, or with '\0' stands twice.
void append_quoted(BytesView text, char escape, Bytes& out) {
    out.push_back('"');
    for (const char c : text) {
        if (c == '"' || c == '\\') out.push_back(escape == '\0' ? c : escape);
        out.push_back(c);
    }
    out.push_back('"');
}

}  // namespace

void append_array_element(BytesView text, char delimiter, Bytes& out) {
    const bool quoted =
        needs_quotes(text, "{}") || text.find(delimiter) != BytesView::npos || is_null_word(text);
    if (quoted) {
        append_quoted(text, '\\', out);
    } else {
        out.append(text);
    }
}

void append_field(BytesView text, Bytes& out) {
    if (needs_quotes(text, "(),")) {
        append_quoted(text, '\0', out);
    } else {
        out.append(text);
    }
}

void append_bound(BytesView text, Bytes& out) {
    if (needs_quotes(text, "()[],")) {
        append_quoted(text, '\0', out);
    } else {
        out.append(text);
    }
}

char delimiter_of(Nesting at, std::uint32_t element) {
    for (unsigned i = 0; i < Nesting::kDeepest; ++i) {
        const TypeStructure& structure = structure_of(element, at.user);
        if (structure.kind != TypeStructure::Kind::domain) break;
        element = structure.of;
    }
    return element == type_oid::box ? ';' : ',';
}

}  // namespace understudy::pgwire::internal
