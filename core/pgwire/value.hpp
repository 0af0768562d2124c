#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/pgwire/type_structure.hpp"

namespace understudy::pgwire {

/// What kind of thing a value is, whatever its type's name: values of one class are compared with each other, so
/// that int → bigint or varchar → text shows no difference in values.
enum class ValueClass : std::uint8_t {
    null = 0,
    boolean = 1,
    number = 2,   ///< int2, int4, int8, oid, numeric (scale kept: 1.50 is not 1.5)
    real = 3,     ///< float4
    double_ = 4,  ///< float8
    text = 5,     ///< text, varchar, char, bpchar, name, xml, enums; all other types, as PostgreSQL prints them
    bytea = 6,
    uuid = 7,
    date = 8,
    time = 9,
    timestamp = 10,
    timestamptz = 11,  ///< in UTC
    interval = 12,
    json = 13,  ///< text of json, as sent
    jsonb = 14,
    array = 15,          ///< of a type above, in PostgreSQL's text form, elements canonical
    opaque_binary = 31,  ///< binary format of a type without a canonical form: equal only to the same bytes
};

struct CanonicalValue {
    ValueClass value_class = ValueClass::text;
    BytesView bytes;  ///< borrows from the input or from `scratch`
};

/// The canonical form of one value as the wire carries it: the same for the text and the binary format.
///
/// `type_oid` is the column's type (built-in OIDs are fixed in PostgreSQL's pg_type.dat; others are those of `user`, and
/// unknown without it), `format` 0 or 1, `scratch` is overwritten where the canonical form is not a part of the input.
/// Types made of others (arrays, ranges, multiranges, rows) are taken apart and written in PostgreSQL's text form with
/// what they hold canonical: instants in UTC, floats with their shortest digits, bytea in hexadecimal. Text that is not
/// in the ISO DateStyle or that does not parse keeps its bytes and class `text`. Never fails: binary that does not
/// fit its type, or whose type has no text form here, is compared by its bytes. docs/detection.md has the table.
CanonicalValue canonical_value(std::uint32_t type_oid, std::int16_t format, BytesView value, Bytes& scratch,
                               const UserTypes* user = nullptr);

/// The value as a person reads it: the text format, whichever format was sent; `\x…` for what has no text form here.
Bytes display_value(std::uint32_t type_oid, std::int16_t format, BytesView value, const UserTypes* user = nullptr);

/// PostgreSQL's name of a built-in type ("integer", "character varying" …); empty for others.
BytesView builtin_type_name(std::uint32_t type_oid);

}  // namespace understudy::pgwire
