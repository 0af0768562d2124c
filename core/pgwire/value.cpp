#include "core/pgwire/value.hpp"

#include "core/pgwire/value_internal.hpp"

namespace understudy::pgwire {

CanonicalValue canonical_value(std::uint32_t type_oid, std::int16_t format, BytesView value, Bytes& scratch,
                               const UserTypes* user) {
    const internal::Nesting at{user};
    if (format == 0) return internal::canonical_from_text(at, type_oid, value, scratch);
    if (format == 1) return internal::canonical_from_binary(at, type_oid, value, scratch);
    return {ValueClass::opaque_binary, value};
}

Bytes display_value(std::uint32_t type_oid, std::int16_t format, BytesView value, const UserTypes* user) {
    if (format == 0) return Bytes(value);
    Bytes out;
    if (format == 1 && internal::append_text({user}, type_oid, value, out)) return out;
    out = "\\x";
    internal::append_hex(value, out);
    return out;
}

}  // namespace understudy::pgwire
