#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"
#include "core/pgwire/type_oid.hpp"
#include "core/pgwire/value_internal.hpp"

namespace understudy::pgwire::internal {
namespace {

constexpr char kJsonbVersion = 1;  // jsonb_send

template <class Integer>
void append_decimal(Integer value, Bytes& out) {
    std::array<char, 24> digits{};
    const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    out.append(digits.data(), static_cast<std::size_t>(result.ptr - digits.data()));
}

bool append_integer(std::uint32_t type, BytesView binary, Bytes& out) {
    ByteReader reader(binary);
    switch (type) {
        case type_oid::int2: append_decimal(reader.i16(), out); break;
        case type_oid::int4: append_decimal(reader.i32(), out); break;
        case type_oid::oid: append_decimal(reader.u32(), out); break;
        default: append_decimal(static_cast<std::int64_t>(reader.u64()), out); break;
    }
    return reader.ok() && reader.at_end();
}

bool append_uuid(BytesView binary, Bytes& out) {
    if (binary.size() != 16) return false;
    constexpr std::array<std::size_t, 5> kGroups{4, 2, 2, 2, 6};
    for (const std::size_t group : kGroups) {
        if (binary.size() != 16) out.push_back('-');
        append_hex(binary.substr(0, group), out);
        binary.remove_prefix(group);
    }
    return true;
}

bool append_float(std::uint32_t type, BytesView binary, Bytes& out) {
    ByteReader reader(binary);
    if (type == type_oid::float4) {
        append_float4(std::bit_cast<float>(reader.u32()), out);
    } else {
        append_float8(std::bit_cast<double>(reader.u64()), out);
    }
    return reader.ok() && reader.at_end();
}

/// One byte, a zero byte being the empty text; above 127 as servers since 16 print it (charout).
bool append_char(BytesView binary, Bytes& out) {
    if (binary.size() != 1) return false;
    const auto byte = static_cast<unsigned char>(binary[0]);
    if (byte < 0x80) {
        if (byte != 0) out.push_back(binary[0]);
        return true;
    }
    out.push_back('\\');
    for (const unsigned shift : {6U, 3U, 0U}) out.push_back(static_cast<char>('0' + ((byte >> shift) & 7U)));
    return true;
}

/// The canonical bytes of a float are its own, big-endian, except that there is one NaN.
template <class Float, class Bits>
CanonicalValue float_from_binary(ValueClass value_class, BytesView binary, Bytes& scratch) {
    if (binary.size() != sizeof(Bits)) return {ValueClass::opaque_binary, binary};
    ByteReader reader(binary);
    Bits bits = 0;
    if constexpr (sizeof(Bits) == 4) {
        bits = reader.u32();
    } else {
        bits = reader.u64();
    }
    if (!std::isnan(std::bit_cast<Float>(bits))) return {value_class, binary};
    bits = std::bit_cast<Bits>(std::numeric_limits<Float>::quiet_NaN());
    scratch.clear();
    ByteWriter writer(scratch);
    if constexpr (sizeof(Bits) == 4) {
        writer.u32(bits);
    } else {
        writer.u64(bits);
    }
    return {value_class, scratch};
}

bool is_jsonb(BytesView binary) { return !binary.empty() && binary[0] == kJsonbVersion; }

CanonicalValue boolean_from_binary(BytesView binary) {
    if (binary.size() != 1) return {ValueClass::opaque_binary, binary};
    return {ValueClass::boolean, binary[0] == '\0' ? "f" : "t"};
}

CanonicalValue char_from_binary(BytesView binary) {
    if (binary.size() != 1) return {ValueClass::opaque_binary, binary};
    return {ValueClass::text, binary[0] == '\0' ? BytesView() : binary};
}

/// The class of the types whose canonical form is the text that PostgreSQL prints.
ValueClass class_of_printed(std::uint32_t type) {
    switch (type) {
        case type_oid::int2:
        case type_oid::int4:
        case type_oid::int8:
        case type_oid::oid:
        case type_oid::numeric: return ValueClass::number;
        case type_oid::uuid: return ValueClass::uuid;
        case type_oid::date: return ValueClass::date;
        case type_oid::time:
        case type_oid::timetz: return ValueClass::time;
        case type_oid::timestamp: return ValueClass::timestamp;
        case type_oid::timestamptz: return ValueClass::timestamptz;
        case type_oid::interval: return ValueClass::interval;
        default: return type_oid::element_of(type) != 0 ? ValueClass::array : ValueClass::opaque_binary;
    }
}

}  // namespace

void append_hex(BytesView bytes, Bytes& out) {
    constexpr BytesView kDigits = "0123456789abcdef";
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out.push_back(kDigits[byte >> 4U]);
        out.push_back(kDigits[byte & 15U]);
    }
}

CanonicalValue canonical_from_binary(std::uint32_t type, BytesView value, Bytes& scratch) {
    switch (type) {
        case type_oid::text:
        case type_oid::varchar:
        case type_oid::bpchar:
        case type_oid::name:
        case type_oid::unknown:
        case type_oid::xml: return {ValueClass::text, value};
        case type_oid::boolean: return boolean_from_binary(value);
        case type_oid::char_byte: return char_from_binary(value);
        case type_oid::bytea: return {ValueClass::bytea, value};
        case type_oid::float4: return float_from_binary<float, std::uint32_t>(ValueClass::real, value, scratch);
        case type_oid::float8: return float_from_binary<double, std::uint64_t>(ValueClass::double_, value, scratch);
        case type_oid::json: return {ValueClass::json, value};
        case type_oid::jsonb:
            if (is_jsonb(value)) return {ValueClass::jsonb, value.substr(1)};
            return {ValueClass::opaque_binary, value};
        default: break;
    }
    const ValueClass value_class = class_of_printed(type);
    scratch.clear();
    if (value_class == ValueClass::opaque_binary || !append_text(type, value, scratch)) {
        return {ValueClass::opaque_binary, value};
    }
    return {value_class, scratch};
}

bool append_text(std::uint32_t type, BytesView binary, Bytes& out) {
    switch (type) {
        case type_oid::text:
        case type_oid::varchar:
        case type_oid::bpchar:
        case type_oid::name:
        case type_oid::unknown:
        case type_oid::xml:
        case type_oid::json: out.append(binary); return true;
        case type_oid::jsonb: out.append(binary.substr(binary.empty() ? 0 : 1)); return is_jsonb(binary);
        case type_oid::boolean: out.append(boolean_from_binary(binary).bytes); return binary.size() == 1;
        case type_oid::char_byte: return append_char(binary, out);
        case type_oid::bytea:
            out.append("\\x");
            append_hex(binary, out);
            return true;
        case type_oid::int2:
        case type_oid::int4:
        case type_oid::int8:
        case type_oid::oid: return append_integer(type, binary, out);
        case type_oid::numeric: return append_numeric(binary, out);
        case type_oid::float4:
        case type_oid::float8: return append_float(type, binary, out);
        case type_oid::uuid: return append_uuid(binary, out);
        case type_oid::date: return append_date(binary, out);
        case type_oid::time: return append_time(binary, out);
        case type_oid::timetz: return append_timetz(binary, out);
        case type_oid::timestamp: return append_timestamp(binary, out);
        case type_oid::timestamptz: return append_timestamptz(binary, out);
        case type_oid::interval: return append_interval(binary, out);
        default: break;
    }
    const std::uint32_t element = type_oid::element_of(type);
    return element != 0 && append_array(element, binary, out);
}

}  // namespace understudy::pgwire::internal
