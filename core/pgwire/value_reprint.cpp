#include <bit>

#include "core/base/byte_reader.hpp"
#include "core/pgwire/type_oid.hpp"
#include "core/pgwire/value_internal.hpp"

// Text of containers, taken apart and written again with what they hold canonical: instants in UTC, floats with their
// shortest digits, bytea in hexadecimal (docs, "Array Input and Output Syntax", "Composite Type Input and Output
// Syntax", "Range Input/Output").

namespace understudy::pgwire::internal {
namespace {

using Kind = TypeStructure::Kind;

class TextCursor {
public:
    explicit TextCursor(BytesView text) : rest_(text) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_[0]; }
    [[nodiscard]] bool at_one_of(BytesView ends) const {
        return !rest_.empty() && ends.find(rest_[0]) != BytesView::npos;
    }
    bool take(char c) {
        if (rest_.empty() || rest_[0] != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool take(BytesView word) {
        if (!rest_.starts_with(word)) return false;
        rest_.remove_prefix(word.size());
        return true;
    }
    /// "[0:1][5:5]=" before an array.
    BytesView take_bounds() {
        const std::size_t end = rest_.find('{');
        const BytesView bounds = rest_.substr(0, end == BytesView::npos ? 0 : end);
        rest_.remove_prefix(bounds.size());
        return bounds;
    }
    /// One value up to one of `ends` outside quotes, its quotes and escapes taken away. False when it does not end.
    bool take_value(BytesView ends, bool doubled_quotes, Bytes& value, bool& quoted) {
        value.clear();
        quoted = false;
        bool inside = false;
        while (!rest_.empty() && (inside || !at_one_of(ends))) {
            const char c = rest_[0];
            rest_.remove_prefix(1);
            if (c == '"') {
                const bool quote = inside && doubled_quotes && peek() == '"';
                if (quote) {
                    value.push_back(c);
                    rest_.remove_prefix(1);
                } else {
                    inside = !inside;
                    quoted = true;
                }
            } else if (c == '\\') {
                if (rest_.empty()) return false;
                value.push_back(rest_[0]);
                rest_.remove_prefix(1);
            } else {
                value.push_back(c);
            }
        }
        return !inside && !rest_.empty();
    }

private:
    BytesView rest_;
};

bool reprint_array(Nesting at, std::uint32_t element, TextCursor& cursor, Bytes& out) {
    const char delimiter = delimiter_of(at, element);
    const Bytes ends{delimiter, '{', '}'};
    Bytes value;
    Bytes text;
    bool after_value = false;
    out.append(cursor.take_bounds());
    while (!cursor.at_end()) {
        if (cursor.at_one_of(ends) && (after_value || cursor.peek() != delimiter)) {
            after_value = cursor.peek() == '}';
            out.push_back(cursor.peek());
            cursor.take(cursor.peek());
            continue;
        }
        bool quoted = false;
        if (after_value || !cursor.take_value(ends, false, value, quoted)) return false;
        after_value = true;
        if (!quoted && value == "NULL") {
            out.append(value);
            continue;
        }
        text.clear();
        if (!append_reprinted(at.deeper(), element, value, text)) return false;
        append_array_element(text, delimiter, out);
    }
    return true;
}

bool reprint_bound(Nesting at, std::uint32_t subtype, BytesView ends, TextCursor& cursor, Bytes& out) {
    Bytes value;
    Bytes text;
    bool quoted = false;
    if (!cursor.take_value(ends, true, value, quoted)) return false;
    if (value.empty() && !quoted) return true;  // infinite
    if (!append_reprinted(at.deeper(), subtype, value, text)) return false;
    append_bound(text, out);
    return true;
}

bool reprint_range(Nesting at, std::uint32_t subtype, TextCursor& cursor, Bytes& out) {
    if (cursor.take("empty")) {
        out.append("empty");
        return true;
    }
    if (!cursor.at_one_of("[(")) return false;
    out.push_back(cursor.peek());
    cursor.take(cursor.peek());
    if (!reprint_bound(at, subtype, ",", cursor, out) || !cursor.take(',')) return false;
    out.push_back(',');
    if (!reprint_bound(at, subtype, "])", cursor, out)) return false;
    out.push_back(cursor.peek());
    return cursor.take(cursor.peek());
}

bool reprint_multirange(Nesting at, std::uint32_t range, TextCursor& cursor, Bytes& out) {
    const TypeStructure& structure = structure_of(range, at.user);
    if (structure.kind != Kind::range || !cursor.take('{')) return false;
    out.push_back('{');
    while (!cursor.take('}')) {
        if (!reprint_range(at.deeper(), structure.of, cursor, out)) return false;
        if (cursor.peek() != '}' && !cursor.take(',')) return false;
        if (cursor.peek() != '}') out.push_back(',');
    }
    out.push_back('}');
    return true;
}

bool reprint_row(Nesting at, const std::vector<std::uint32_t>& attributes, TextCursor& cursor, Bytes& out) {
    Bytes value;
    Bytes text;
    if (!cursor.take('(')) return false;
    out.push_back('(');
    for (std::size_t i = 0; i < attributes.size(); ++i) {
        if (i > 0 && !cursor.take(',')) return false;
        if (i > 0) out.push_back(',');
        bool quoted = false;
        if (!cursor.take_value(",)", true, value, quoted)) return false;
        if (value.empty() && !quoted) continue;  // null
        text.clear();
        if (!append_reprinted(at.deeper(), attributes[i], value, text)) return false;
        append_field(text, out);
    }
    out.push_back(')');
    return cursor.take(')');
}

bool reprint_structured(Nesting at, std::uint32_t type, BytesView text, Bytes& out) {
    const TypeStructure& structure = structure_of(type, at.user);
    TextCursor cursor(text);
    switch (structure.kind) {
        case Kind::array: return reprint_array(at, structure.of, cursor, out);
        case Kind::range: return reprint_range(at, structure.of, cursor, out) && cursor.at_end();
        case Kind::multirange: return reprint_multirange(at, structure.of, cursor, out) && cursor.at_end();
        case Kind::composite: return reprint_row(at, structure.attributes, cursor, out) && cursor.at_end();
        case Kind::domain: return append_reprinted(at.deeper(), structure.of, text, out);
        default: out.append(text); return true;
    }
}

bool is_geometric(std::uint32_t type) {
    switch (type) {
        case type_oid::point:
        case type_oid::lseg:
        case type_oid::path:
        case type_oid::box:
        case type_oid::polygon:
        case type_oid::line:
        case type_oid::circle: return true;
        default: return false;
    }
}

/// A scalar's canonical form as text.
bool append_scalar(std::uint32_t type, BytesView text, Bytes& out) {
    Bytes scratch;
    const CanonicalValue value = canonical_from_text({}, type, text, scratch);
    const bool read = value.value_class != ValueClass::text || type == type_oid::char_byte;
    return read && append_text({}, type, value.bytes, out);
}

/// `visits` bounds the work for rows of rows of rows.
bool printed_by_settings(Nesting at, std::uint32_t type, unsigned& visits) {
    if (is_geometric(type)) return true;
    switch (type) {
        case type_oid::float4:
        case type_oid::float8:
        case type_oid::bytea:
        case type_oid::char_byte:
        case type_oid::timestamptz: return true;
        default: break;
    }
    const TypeStructure& structure = structure_of(type, at.user);
    if (structure.kind == Kind::plain || at.too_deep() || visits == 0) return false;
    --visits;
    if (structure.of != 0) return printed_by_settings(at.deeper(), structure.of, visits);
    for (const std::uint32_t attribute : structure.attributes) {
        if (printed_by_settings(at.deeper(), attribute, visits)) return true;
    }
    return false;
}

}  // namespace

bool is_printed_by_settings(Nesting at, std::uint32_t type) {
    unsigned visits = 4096;
    return printed_by_settings(at, type, visits);
}

bool append_reprinted(Nesting at, std::uint32_t type, BytesView text, Bytes& out) {
    if (at.too_deep()) return false;
    if (is_geometric(type)) return append_reprinted_geometry(text, out);
    switch (type) {
        case type_oid::float4:
        case type_oid::float8:
        case type_oid::bytea: return append_scalar(type, text, out);
        case type_oid::char_byte: return text.empty() || append_scalar(type, text, out);
        case type_oid::timestamptz: {
            Bytes scratch;
            BytesView in_utc;
            if (!timestamptz_in_utc(text, scratch, in_utc)) return false;
            out.append(in_utc);
            return true;
        }
        default: return reprint_structured(at, type, text, out);
    }
}

}  // namespace understudy::pgwire::internal
