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
    16384,
});

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
    const CanonicalValue again = canonical_value(type, 0, text, scratch);
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
    const CanonicalValue canonical = canonical_value(type, format, value, scratch);
    const Bytes displayed = display_value(type, format, value);
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
