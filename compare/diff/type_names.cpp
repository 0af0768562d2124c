#include "compare/diff/type_names.hpp"

#include <fmt/format.h>

#include "core/catalog/catalog_codec.hpp"
#include "core/pgwire/type_oid.hpp"
#include "core/pgwire/value.hpp"

namespace understudy::compare {
namespace {

namespace oid = pgwire::type_oid;

/// The modifier as its type's typmodout writes it (PostgreSQL source: varchar.c, numeric.c, timestamp.c).
Bytes modifier(std::uint32_t type, std::int32_t typmod) {
    if (typmod < 0) return {};
    switch (type) {
        case oid::varchar:
        case oid::bpchar: return fmt::format("({})", typmod - 4);
        case oid::numeric: {
            // Eleven bits of signed scale below sixteen of precision, both moved by VARHDRSZ.
            const std::int32_t packed = typmod - 4;
            const std::int32_t scale = ((packed & 0x7FF) ^ 1024) - 1024;
            return fmt::format("({},{})", (packed >> 16) & 0xFFFF, scale);
        }
        default: return fmt::format("({})", typmod);
    }
}

int family(std::uint32_t type) {
    switch (type) {
        case oid::int2:
        case oid::int4:
        case oid::int8:
        case oid::oid:
        case oid::numeric: return 1;
        case oid::text:
        case oid::varchar:
        case oid::bpchar:
        case oid::name:
        case oid::xml: return 2;
        default: return 0;
    }
}

}  // namespace

Result<void> TypeNames::add_catalog(BytesView content) {
    UNDERSTUDY_TRY(const auto catalog, catalog::decode(content));
    add_catalog(catalog);
    return {};
}

void TypeNames::add_catalog(const catalog::Catalog& catalog) {
    for (const catalog::Type& type : catalog.types) add(type.oid, catalog.type_name(type.oid));
}

void TypeNames::add(std::uint32_t oid, BytesView name) {
    if (names_.size() >= kMaxTypes) return;
    const auto [entry, inserted] = names_.try_emplace(oid, name);
    if (!inserted && entry->second != name) entry->second.clear();
}

BytesView TypeNames::name(std::uint32_t oid) const {
    if (const BytesView builtin = pgwire::builtin_type_name(oid); !builtin.empty()) return builtin;
    const auto found = names_.find(oid);
    return found == names_.end() ? BytesView() : BytesView(found->second);
}

Bytes TypeNames::display(std::uint32_t oid, std::int32_t typmod) const {
    const BytesView known = name(oid);
    if (known.empty()) return fmt::format("oid {}", oid);
    return with_modifier(known, oid, typmod);
}

Bytes with_modifier(BytesView known, std::uint32_t oid, std::int32_t typmod) {
    const Bytes suffix = modifier(oid, typmod);
    // "timestamp(3) without time zone".
    const std::size_t words = known.starts_with("time") ? known.find(' ') : BytesView::npos;
    if (words == BytesView::npos) return Bytes(known) + suffix;
    return Bytes(known.substr(0, words)) + suffix + Bytes(known.substr(words));
}

bool values_comparable(std::uint32_t a, std::uint32_t b) {
    return a == b || (family(a) != 0 && family(a) == family(b));
}

}  // namespace understudy::compare
