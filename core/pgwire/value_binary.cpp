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

constexpr char kTextVersion = 1;  // jsonb_send, jsonpath_send, ltree_send

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

bool is_jsonb(BytesView binary) { return !binary.empty() && binary[0] == kTextVersion; }

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
        default: return type_oid::element_of(type) != 0 ? ValueClass::array : ValueClass::text;
    }
}

bool append_versioned_text(BytesView binary, Bytes& out) {
    out.append(binary.substr(binary.empty() ? 0 : 1));
    return !binary.empty() && binary[0] == kTextVersion;
}

bool append_structured(Nesting at, std::uint32_t type, BytesView binary, Bytes& out) {
    using Kind = TypeStructure::Kind;
    if (at.too_deep()) return false;
    const TypeStructure& structure = structure_of(type, at.user);
    switch (structure.kind) {
        case Kind::plain: return false;
        case Kind::array: return append_array(at, structure.of, binary, out);
        case Kind::range: return append_range(at, structure.of, binary, out);
        case Kind::multirange: return append_multirange(at, structure.of, binary, out);
        case Kind::composite: return append_record(at, binary, out);
        case Kind::domain: return append_text(at.deeper(), structure.of, binary, out);
        case Kind::text: out.append(binary); return true;
        case Kind::versioned_text: return append_versioned_text(binary, out);
        case Kind::hstore: return append_hstore(binary, out);
    }
    return false;
}

/// Types that digests of the first form took by their bytes, and those made of others.
bool append_later_text(Nesting at, std::uint32_t type, BytesView binary, Bytes& out) {
    switch (type) {
        case type_oid::point:
        case type_oid::lseg:
        case type_oid::path:
        case type_oid::box:
        case type_oid::polygon:
        case type_oid::line:
        case type_oid::circle: return append_geometry(type, binary, out);
        case type_oid::inet:
        case type_oid::cidr:
        case type_oid::macaddr:
        case type_oid::macaddr8: return append_network(type, binary, out);
        case type_oid::bit:
        case type_oid::varbit:
        case type_oid::tid:
        case type_oid::xid:
        case type_oid::cid:
        case type_oid::xid8:
        case type_oid::pg_lsn:
        case type_oid::txid_snapshot:
        case type_oid::pg_snapshot: return append_system_value(type, binary, out);
        case type_oid::tsvector: return append_tsvector(binary, out);
        case type_oid::tsquery: return append_tsquery(binary, out);
        case type_oid::oidvector: return append_vector(type_oid::oid, binary, out);
        case type_oid::int2vector: return append_vector(type_oid::int2, binary, out);
        default: return append_structured(at, type, binary, out);
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

CanonicalValue canonical_from_binary(Nesting at, std::uint32_t type, BytesView value, Bytes& scratch) {
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
    scratch.clear();
    if (!append_text(at, type, value, scratch)) return {ValueClass::opaque_binary, value};
    return {class_of_printed(type), scratch};
}

bool append_text(Nesting at, std::uint32_t type, BytesView binary, Bytes& out) {
    switch (type) {
        case type_oid::text:
        case type_oid::varchar:
        case type_oid::bpchar:
        case type_oid::name:
        case type_oid::unknown:
        case type_oid::xml:
        case type_oid::refcursor:
        case type_oid::json: out.append(binary); return true;
        case type_oid::void_: return binary.empty();
        case type_oid::jsonb:
        case type_oid::jsonpath: return append_versioned_text(binary, out);
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
        default: return append_later_text(at, type, binary, out);
    }
}

}  // namespace understudy::pgwire::internal
