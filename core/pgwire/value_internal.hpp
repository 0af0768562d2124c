#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/pgwire/value.hpp"

// What the value_*.cpp files share; nobody else includes this. A function append_X(value, out) appends the
// text that PostgreSQL prints for the binary `value`; it returns false, with `out` left in any state, for
// bytes that its send function does not produce. A function is_X_text(text) says whether `text` is what
// PostgreSQL prints for some value, in the one style that has a canonical form.

namespace understudy::pgwire::internal {

CanonicalValue canonical_from_text(std::uint32_t type_oid, BytesView value, Bytes& scratch);
CanonicalValue canonical_from_binary(std::uint32_t type_oid, BytesView value, Bytes& scratch);

/// Any type of type_oid.hpp, arrays included.
bool append_text(std::uint32_t type_oid, BytesView binary, Bytes& out);
bool append_array(std::uint32_t element_oid, BytesView binary, Bytes& out);
void append_hex(BytesView bytes, Bytes& out);

bool append_numeric(BytesView binary, Bytes& out);
bool is_numeric_text(BytesView text);

/// float8out and float4out with extra_float_digits above 0: the shortest decimal that reads back as the same
/// number.
void append_float8(double value, Bytes& out);
void append_float4(float value, Bytes& out);

bool append_date(BytesView binary, Bytes& out);
bool append_time(BytesView binary, Bytes& out);
bool append_timetz(BytesView binary, Bytes& out);
bool append_timestamp(BytesView binary, Bytes& out);
bool append_timestamptz(BytesView binary, Bytes& out);  ///< in UTC
bool append_interval(BytesView binary, Bytes& out);     ///< IntervalStyle postgres

bool is_date_text(BytesView text);
bool is_time_text(BytesView text);
bool is_timetz_text(BytesView text);
bool is_timestamp_text(BytesView text);
bool is_interval_text(BytesView text);
/// The same instant in UTC: `text` itself when it is in UTC already, else a view of `scratch`. False when
/// `text` is not in the ISO DateStyle.
bool timestamptz_in_utc(BytesView text, Bytes& scratch, BytesView& in_utc);

}  // namespace understudy::pgwire::internal
