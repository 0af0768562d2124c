#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"

namespace understudy::pgwire {

/// Appends the binary format of a value given as text: the inverse of display_value() for the built-in types but
/// interval, timetz and arrays. Types that are sent as their text (text, json, enums …) are copied. False, with
/// `out` as it was, for text that is no value of the type in the style that PostgreSQL prints.
bool append_binary(std::uint32_t type_oid, BytesView text, Bytes& out);

}  // namespace understudy::pgwire
