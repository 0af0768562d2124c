#pragma once

#include <cstdint>
#include <unordered_map>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/catalog/catalog.hpp"

namespace understudy::compare {

/// Names of the types of one capture's server: the built-in ones, and those of the catalogues that the capture holds.
/// OIDs of user types differ between identical databases, names do not.
class TypeNames {
public:
    static constexpr std::size_t kMaxTypes = 200'000;

    /// Adds the types of a CatalogRecord's content. A capture of several databases may use one OID for two types; such
    /// an OID has no name. Errors: those of catalog::decode.
    Result<void> add_catalog(BytesView content);
    void add_catalog(const catalog::Catalog& catalog);
    void add(std::uint32_t oid, BytesView name);

    /// "integer", "public.mood"; empty for an OID that nothing explains.
    [[nodiscard]] BytesView name(std::uint32_t oid) const;
    /// The name with its modifier as PostgreSQL's format_type() shows it: "numeric(10,2)"; "oid 16422" when unknown.
    [[nodiscard]] Bytes display(std::uint32_t oid, std::int32_t typmod) const;

private:
    std::unordered_map<std::uint32_t, Bytes> names_;
};

/// A type's name with its modifier as format_type() shows both: "character varying" and 14 are "character varying(10)".
Bytes with_modifier(BytesView name, std::uint32_t oid, std::int32_t typmod);

/// Whether values of two types have the same digests when an application sees no difference: int → bigint, text →
/// varchar (the classes of core/pgwire/value.hpp).
bool values_comparable(std::uint32_t a, std::uint32_t b);

}  // namespace understudy::compare
