#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/pgwire/type_structure.hpp"
#include "core/pgwire/value.hpp"

// What the value_*.cpp files share; nobody else includes this. A function append_X(value, out) appends the
// text that PostgreSQL prints for the binary `value`; it returns false, with `out` left in any state, for
// bytes that its send function does not produce. A function is_X_text(text) says whether `text` is what
// PostgreSQL prints for some value, in the one style that has a canonical form.

namespace understudy::pgwire::internal {

/// Where a value stands among those that hold it, and what is known of user types.
struct Nesting {
    static constexpr unsigned kDeepest = 12;  ///< an array of rows of ranges of domains is 4

    const UserTypes* user = nullptr;
    unsigned depth = 0;

    [[nodiscard]] bool too_deep() const { return depth >= kDeepest; }
    [[nodiscard]] Nesting deeper() const { return {user, depth + 1}; }
};

/// A numeric of a dozen bytes may print as 131,072 digits. So that a hostile container of them takes no memory out of
/// proportion, its text may be this many times as long as the container, and this many bytes longer.
class GrowthLimit {
public:
    GrowthLimit(BytesView container, const Bytes& out)
        : most_(out.size() + container.size() * kFactor + kMore) {}
    [[nodiscard]] bool exceeded(const Bytes& out) const { return out.size() > most_; }

private:
    static constexpr std::size_t kFactor = 8;
    static constexpr std::size_t kMore = std::size_t{1} << 20U;
    std::size_t most_;
};

CanonicalValue canonical_from_text(Nesting at, std::uint32_t type_oid, BytesView value, Bytes& scratch);
CanonicalValue canonical_from_binary(Nesting at, std::uint32_t type_oid, BytesView value, Bytes& scratch);

/// Any type that has a text here, arrays and user types included.
bool append_text(Nesting at, std::uint32_t type_oid, BytesView binary, Bytes& out);
void append_hex(BytesView bytes, Bytes& out);

// Types made of others. Of the last, `type` is an array, a range, a multirange or a composite.
bool append_array(Nesting at, std::uint32_t element_oid, BytesView binary, Bytes& out);
bool append_range(Nesting at, std::uint32_t subtype_oid, BytesView binary, Bytes& out);
bool append_multirange(Nesting at, std::uint32_t range_oid, BytesView binary, Bytes& out);
bool append_record(Nesting at, BytesView binary, Bytes& out);
bool append_hstore(BytesView binary, Bytes& out);
bool append_vector(std::uint32_t element_oid, BytesView binary, Bytes& out);  ///< oidvector, int2vector

/// Whether PostgreSQL prints some value of the type in several ways, by the session's settings: text of it has to be
/// printed anew.
bool is_printed_by_settings(Nesting at, std::uint32_t type_oid);
/// Appends the one canonical text of a value that was printed as `text`. False for text that does not parse.
bool append_reprinted(Nesting at, std::uint32_t type_oid, BytesView text, Bytes& out);
bool append_reprinted_geometry(BytesView text, Bytes& out);

// How containers write the text of what they hold (array_out, record_out, range_bound_escape).
void append_array_element(BytesView text, char delimiter, Bytes& out);
void append_field(BytesView text, Bytes& out);
void append_bound(BytesView text, Bytes& out);
/// What stands between two elements of an array: a semicolon between boxes, else a comma.
char delimiter_of(Nesting at, std::uint32_t element_oid);

bool append_geometry(std::uint32_t type_oid, BytesView binary, Bytes& out);
bool append_network(std::uint32_t type_oid, BytesView binary, Bytes& out);
bool append_tsvector(BytesView binary, Bytes& out);
bool append_tsquery(BytesView binary, Bytes& out);
/// bit, varbit, tid, xid, cid, xid8, pg_lsn, pg_snapshot.
bool append_system_value(std::uint32_t type_oid, BytesView binary, Bytes& out);

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
