// A binary value with a canonical form has the same one as the text it is displayed as; a value without one
// keeps its bytes; and a canonical form in text is its own canonical form.

#include <array>
#include <cstdint>

#include "core/base/error.hpp"
#include "core/pgwire/type_oid.hpp"
#include "core/pgwire/value.hpp"

namespace {

using namespace understudy;
using namespace understudy::pgwire;

constexpr std::uint32_t kMood = 16384;
constexpr std::uint32_t kRow = 16385;
constexpr std::uint32_t kRange = 16386;
constexpr std::uint32_t kMultirange = 16387;
constexpr std::uint32_t kDomain = 16388;
constexpr std::uint32_t kArray = 16389;
constexpr std::uint32_t kHstore = 16390;
constexpr std::uint32_t kTree = 16391;

constexpr auto kTypes = std::to_array<std::uint32_t>({
    type_oid::boolean,
    type_oid::bytea,
    type_oid::char_byte,
    type_oid::name,
    type_oid::int8,
    type_oid::int2,
    type_oid::int4,
    type_oid::text,
    type_oid::oid,
    type_oid::json,
    type_oid::xml,
    type_oid::float4,
    type_oid::float8,
    type_oid::unknown,
    type_oid::bpchar,
    type_oid::varchar,
    type_oid::date,
    type_oid::time,
    type_oid::timestamp,
    type_oid::timestamptz,
    type_oid::interval,
    type_oid::timetz,
    type_oid::numeric,
    type_oid::uuid,
    type_oid::jsonb,
    1007,
    1009,
    1001,
    1022,
    1185,
    1231,
    1187,
    3807,
    kMood,
    type_oid::point,
    type_oid::lseg,
    type_oid::path,
    type_oid::box,
    type_oid::polygon,
    type_oid::line,
    type_oid::circle,
    type_oid::inet,
    type_oid::cidr,
    type_oid::macaddr,
    type_oid::macaddr8,
    type_oid::bit,
    type_oid::tid,
    type_oid::xid8,
    type_oid::pg_lsn,
    type_oid::pg_snapshot,
    type_oid::tsvector,
    type_oid::tsquery,
    type_oid::jsonpath,
    type_oid::oidvector,
    type_oid::record,
    type_oid::numrange,
    type_oid::tstzrange,
    4534,  // tstzmultirange
    1020,  // box[]
    2287,  // record[]
    3911,  // tstzrange[]
    kRow,
    kRange,
    kMultirange,
    kDomain,
    kArray,
    kHstore,
    kTree,
    1002,
    1021,
});

/// A row of rows, a range over a domain over an array of it, and so on; also types that are made of themselves.
UserTypes user_types() {
    using Kind = TypeStructure::Kind;
    UserTypes types;
    types.add(kMood, {Kind::text});
    types.add(kRow, {Kind::composite, 0, {type_oid::timestamptz, kMood, kArray, type_oid::text, 1001, kRow}});
    types.add(kRange, {Kind::range, kDomain});
    types.add(kMultirange, {Kind::multirange, kRange});
    types.add(kDomain, {Kind::domain, type_oid::timestamptz});
    types.add(kArray, {Kind::array, kRow});
    types.add(kHstore, {Kind::hstore});
    types.add(kTree, {Kind::versioned_text});
    return types;
}

const UserTypes& known() {
    static const UserTypes types = user_types();
    return types;
}

/// Whether the canonical form of this class is itself the text of a value.
bool is_text_form(ValueClass value_class) {
    switch (value_class) {
        case ValueClass::real:
        case ValueClass::double_:
        case ValueClass::bytea:
        case ValueClass::text:
        case ValueClass::opaque_binary: return false;
        default: return true;
    }
}

void check_same(std::uint32_t type, BytesView text, ValueClass value_class, BytesView canonical) {
    Bytes scratch;
    const CanonicalValue again = canonical_value(type, 0, text, scratch, &known());
    UNDERSTUDY_ASSERT(again.value_class == value_class && again.bytes == canonical);
}

}  // namespace

/// The input: a type, a format, a value.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::uint32_t type = kTypes[data[0] % kTypes.size()];
    const auto format = static_cast<std::int16_t>(data[1] % 2U);
    const BytesView value = BytesView(reinterpret_cast<const char*>(data), size).substr(2);
    Bytes scratch;
    const CanonicalValue canonical = canonical_value(type, format, value, scratch, &known());
    const Bytes displayed = display_value(type, format, value, &known());
    if (canonical.value_class == ValueClass::opaque_binary) {
        UNDERSTUDY_ASSERT(format == 1 && canonical.bytes == value && displayed.size() == 2 + 2 * value.size());
        return 0;
    }
    check_same(type, displayed, canonical.value_class, canonical.bytes);
    if (is_text_form(canonical.value_class)) {
        check_same(type, canonical.bytes, canonical.value_class, canonical.bytes);
    }
    return 0;
}
