#include "core/catalog/type_structures.hpp"

#include <algorithm>

namespace understudy::catalog {
namespace {

using pgwire::TypeStructure;
using Kind = TypeStructure::Kind;

std::vector<std::uint32_t> attributes_of(const Catalog& catalog, std::uint32_t relation) {
    std::vector<std::uint32_t> types;
    const auto before = [](const Attribute& attribute, std::uint32_t oid) { return attribute.relation < oid; };
    auto at = std::lower_bound(catalog.attributes.begin(), catalog.attributes.end(), relation, before);
    for (; at != catalog.attributes.end() && at->relation == relation; ++at) types.push_back(at->type_oid);
    return types;
}

Kind kind_of_base_type(BytesView name) {
    if (name == "citext") return Kind::text;
    if (name == "hstore") return Kind::hstore;
    if (name == "ltree" || name == "lquery" || name == "ltxtquery") return Kind::versioned_text;
    return Kind::plain;
}

TypeStructure structure_of(const Catalog& catalog, const Type& type) {
    switch (type.kind) {
        case 'e': return {Kind::text};
        case 'd': return {Kind::domain, type.base_oid};
        case 'c': {
            if (type.relation_oid == 0) return {Kind::composite};
            return {Kind::composite, 0, attributes_of(catalog, type.relation_oid)};
        }
        case 'r': return type.subtype_oid == 0 ? TypeStructure{} : TypeStructure{Kind::range, type.subtype_oid};
        case 'm': return type.subtype_oid == 0 ? TypeStructure{} : TypeStructure{Kind::multirange, type.subtype_oid};
        default: break;
    }
    if (type.element_oid != 0) return {Kind::array, type.element_oid};
    return {kind_of_base_type(type.name)};
}

}  // namespace

pgwire::UserTypes user_types(const Catalog& catalog) {
    pgwire::UserTypes types;
    for (const Type& type : catalog.types) {
        TypeStructure structure = structure_of(catalog, type);
        if (structure.kind != Kind::plain) types.add(type.oid, std::move(structure));
    }
    return types;
}

}  // namespace understudy::catalog
