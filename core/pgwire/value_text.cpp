#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/base/byte_writer.hpp"
#include "core/pgwire/type_oid.hpp"
#include "core/pgwire/value_internal.hpp"

namespace understudy::pgwire::internal {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_integer_text(BytesView text) {
    if (!text.empty() && text[0] == '-') text.remove_prefix(1);
    if (text.empty() || (text[0] == '0' && text.size() > 1)) return false;
    for (const char c : text) {
        if (!is_digit(c)) return false;
    }
    return true;
}

int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool decode_hex(BytesView text, Bytes& out) {
    if (text.size() % 2 != 0) return false;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return false;
        out.push_back(static_cast<char>(high * 16 + low));
    }
    return true;
}

/// Reads the three octal digits of "\ooo" at `text`; -1 when they are not there.
int octal_escape(BytesView text) {
    if (text.size() < 4 || text[0] != '\\' || text[1] < '0' || text[1] > '3') return -1;
    if (text[2] < '0' || text[2] > '7' || text[3] < '0' || text[3] > '7') return -1;
    return (text[1] - '0') * 64 + (text[2] - '0') * 8 + (text[3] - '0');
}

/// bytea_output = escape (docs, "bytea Escape Format").
bool decode_escapes(BytesView text, Bytes& out) {
    while (!text.empty()) {
        if (text[0] != '\\') {
            out.push_back(text[0]);
            text.remove_prefix(1);
        } else if (text.size() >= 2 && text[1] == '\\') {
            out.push_back('\\');
            text.remove_prefix(2);
        } else if (const int byte = octal_escape(text); byte >= 0) {
            out.push_back(static_cast<char>(byte));
            text.remove_prefix(4);
        } else {
            return false;
        }
    }
    return true;
}

CanonicalValue bytea_from_text(BytesView text, Bytes& scratch) {
    if (text.find('\\') == BytesView::npos) return {ValueClass::bytea, text};
    scratch.clear();
    const bool hex = text.substr(0, 2) == "\\x";
    const bool decoded = hex ? decode_hex(text.substr(2), scratch) : decode_escapes(text, scratch);
    if (!decoded) return {ValueClass::text, text};
    return {ValueClass::bytea, scratch};
}

template <class Float, class Bits>
CanonicalValue float_from_text(ValueClass value_class, BytesView text, Bytes& scratch) {
    Float value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return {ValueClass::text, text};
    if (std::isnan(value)) value = std::numeric_limits<Float>::quiet_NaN();
    scratch.clear();
    ByteWriter writer(scratch);
    if constexpr (sizeof(Bits) == 4) {
        writer.u32(std::bit_cast<Bits>(value));
    } else {
        writer.u64(std::bit_cast<Bits>(value));
    }
    return {value_class, scratch};
}

bool is_lower_uuid(BytesView text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (c != '-') return false;
        } else if (!is_digit(c) && (c < 'a' || c > 'f')) {
            return false;
        }
    }
    return true;
}

/// The other input forms of a uuid, which clients send: upper case, braces, hyphens left out or elsewhere.
CanonicalValue uuid_from_text(BytesView text, Bytes& scratch) {
    if (is_lower_uuid(text)) return {ValueClass::uuid, text};
    BytesView digits = text;
    if (digits.size() >= 2 && digits.front() == '{' && digits.back() == '}') {
        digits = digits.substr(1, digits.size() - 2);
    }
    scratch.clear();
    for (const char c : digits) {
        if (c == '-') continue;
        if (hex_digit(c) < 0 || scratch.size() == 36) return {ValueClass::text, text};
        scratch.push_back("0123456789abcdef"[hex_digit(c)]);
        const std::size_t size = scratch.size();
        if (size == 8 || size == 13 || size == 18 || size == 23) scratch.push_back('-');
    }
    return scratch.size() == 36 ? CanonicalValue{ValueClass::uuid, scratch} : CanonicalValue{ValueClass::text, text};
}

CanonicalValue timestamptz_from_text(BytesView text, Bytes& scratch) {
    BytesView in_utc;
    if (!timestamptz_in_utc(text, scratch, in_utc)) return {ValueClass::text, text};
    return {ValueClass::timestamptz, in_utc};
}

/// Servers since 16 print a "char" above 127 as "\ooo".
CanonicalValue char_from_text(BytesView text, Bytes& scratch) {
    const int byte = text.size() == 4 ? octal_escape(text) : -1;
    if (byte < 0) return {ValueClass::text, text};
    scratch.assign(1, static_cast<char>(byte));
    return {ValueClass::text, scratch};
}

}  // namespace

namespace {

/// Types that are printed as their canonical form unless they hold what the session's settings say how to print.
CanonicalValue printed_from_text(Nesting at, std::uint32_t type, BytesView text, Bytes& scratch) {
    const ValueClass value_class = type_oid::element_of(type) != 0 ? ValueClass::array : ValueClass::text;
    if (!is_printed_by_settings(at, type)) return {value_class, text};
    scratch.clear();
    if (!append_reprinted(at, type, text, scratch) || scratch == text) return {value_class, text};
    return {value_class, scratch};
}

}  // namespace

CanonicalValue canonical_from_text(Nesting at, std::uint32_t type, BytesView value, Bytes& scratch) {
    const auto view_if = [value](bool fits, ValueClass value_class) {
        return CanonicalValue{fits ? value_class : ValueClass::text, value};
    };
    switch (type) {
        case type_oid::text:
        case type_oid::varchar:
        case type_oid::bpchar:
        case type_oid::name:
        case type_oid::unknown:
        case type_oid::xml: return {ValueClass::text, value};
        case type_oid::int2:
        case type_oid::int4:
        case type_oid::int8:
        case type_oid::oid: return view_if(is_integer_text(value), ValueClass::number);
        case type_oid::numeric: return view_if(is_numeric_text(value), ValueClass::number);
        case type_oid::boolean: return view_if(value == "t" || value == "f", ValueClass::boolean);
        case type_oid::float4: return float_from_text<float, std::uint32_t>(ValueClass::real, value, scratch);
        case type_oid::float8: return float_from_text<double, std::uint64_t>(ValueClass::double_, value, scratch);
        case type_oid::bytea: return bytea_from_text(value, scratch);
        case type_oid::uuid: return uuid_from_text(value, scratch);
        case type_oid::date: return view_if(is_date_text(value), ValueClass::date);
        case type_oid::time: return view_if(is_time_text(value), ValueClass::time);
        case type_oid::timetz: return view_if(is_timetz_text(value), ValueClass::time);
        case type_oid::timestamp: return view_if(is_timestamp_text(value), ValueClass::timestamp);
        case type_oid::timestamptz: return timestamptz_from_text(value, scratch);
        case type_oid::interval: return view_if(is_interval_text(value), ValueClass::interval);
        case type_oid::json: return {ValueClass::json, value};
        case type_oid::jsonb: return {ValueClass::jsonb, value};
        case type_oid::char_byte: return char_from_text(value, scratch);
        default: return printed_from_text(at, type, value, scratch);
    }
}

}  // namespace understudy::pgwire::internal
