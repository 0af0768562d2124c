#include "core/pgwire/type_structure.hpp"

#include <utility>

#include "core/pgwire/type_oid.hpp"

namespace understudy::pgwire {
namespace {

using Kind = TypeStructure::Kind;

/// The element types of the arrays that digests of the first form took by their bytes in binary.
std::uint32_t later_element_of(std::uint32_t array_oid) {
    switch (array_oid) {
        case 1006: return type_oid::int2vector;
        case 1010: return type_oid::tid;
        case 1011: return type_oid::xid;
        case 1012: return type_oid::cid;
        case 1013: return type_oid::oidvector;
        case 1017: return type_oid::point;
        case 1018: return type_oid::lseg;
        case 1019: return type_oid::path;
        case 1020: return type_oid::box;
        case 1027: return type_oid::polygon;
        case 629: return type_oid::line;
        case 651: return type_oid::cidr;
        case 719: return type_oid::circle;
        case 775: return type_oid::macaddr8;
        case 1040: return type_oid::macaddr;
        case 1041: return type_oid::inet;
        case 1561: return type_oid::bit;
        case 1563: return type_oid::varbit;
        case 2201: return type_oid::refcursor;
        case 2287: return type_oid::record;
        case 2949: return type_oid::txid_snapshot;
        case 3221: return type_oid::pg_lsn;
        case 3643: return type_oid::tsvector;
        case 3645: return type_oid::tsquery;
        case 3905: return type_oid::int4range;
        case 3907: return type_oid::numrange;
        case 3909: return type_oid::tsrange;
        case 3911: return type_oid::tstzrange;
        case 3913: return type_oid::daterange;
        case 3927: return type_oid::int8range;
        case 4073: return type_oid::jsonpath;
        case 5039: return type_oid::pg_snapshot;
        case 271: return type_oid::xid8;
        case 6150: return 4451;
        case 6151: return 4532;
        case 6152: return 4533;
        case 6153: return 4534;
        case 6155: return 4535;
        case 6157: return 4536;
        default: return 0;
    }
}

TypeStructure builtin_structure(std::uint32_t oid) {
    switch (oid) {
        case type_oid::int4range: return {Kind::range, type_oid::int4};
        case type_oid::numrange: return {Kind::range, type_oid::numeric};
        case type_oid::tsrange: return {Kind::range, type_oid::timestamp};
        case type_oid::tstzrange: return {Kind::range, type_oid::timestamptz};
        case type_oid::daterange: return {Kind::range, type_oid::date};
        case type_oid::int8range: return {Kind::range, type_oid::int8};
        case 4451: return {Kind::multirange, type_oid::int4range};
        case 4532: return {Kind::multirange, type_oid::numrange};
        case 4533: return {Kind::multirange, type_oid::tsrange};
        case 4534: return {Kind::multirange, type_oid::tstzrange};
        case 4535: return {Kind::multirange, type_oid::daterange};
        case 4536: return {Kind::multirange, type_oid::int8range};
        case type_oid::record: return {Kind::composite};
        default: break;
    }
    const std::uint32_t first = type_oid::element_of(oid);
    const std::uint32_t element = first != 0 ? first : later_element_of(oid);
    return element != 0 ? TypeStructure{Kind::array, element} : TypeStructure{};
}

/// Those below this OID, which all fit a table.
constexpr std::uint32_t kEndOfTable = 6200;

bool is_first_scalar(std::uint32_t oid) {
    switch (oid) {
        case type_oid::boolean:
        case type_oid::bytea:
        case type_oid::char_byte:
        case type_oid::name:
        case type_oid::int8:
        case type_oid::int2:
        case type_oid::int4:
        case type_oid::text:
        case type_oid::oid:
        case type_oid::json:
        case type_oid::xml:
        case type_oid::float4:
        case type_oid::float8:
        case type_oid::unknown:
        case type_oid::bpchar:
        case type_oid::varchar:
        case type_oid::date:
        case type_oid::time:
        case type_oid::timestamp:
        case type_oid::timestamptz:
        case type_oid::interval:
        case type_oid::timetz:
        case type_oid::numeric:
        case type_oid::uuid:
        case type_oid::jsonb: return true;
        default: return false;
    }
}

bool is_printed_in_several_ways(std::uint32_t scalar) {
    switch (scalar) {
        case type_oid::bytea:
        case type_oid::char_byte:
        case type_oid::float4:
        case type_oid::float8:
        case type_oid::timestamptz: return true;
        default: return false;
    }
}

}  // namespace

void UserTypes::add(std::uint32_t oid, TypeStructure structure) {
    if (oid < kFirstOid || types_.size() >= kMaxTypes) return;
    const auto found = types_.find(oid);
    if (found == types_.end()) {
        types_.emplace(oid, std::move(structure));
    } else if (found->second != structure) {
        found->second = {};
    }
}

void UserTypes::update(const UserTypes& newer) {
    for (const auto& [oid, structure] : newer.types_) {
        if (types_.size() < kMaxTypes || types_.contains(oid)) types_.insert_or_assign(oid, structure);
    }
}

const TypeStructure* UserTypes::find(std::uint32_t oid) const {
    const auto found = types_.find(oid);
    return found == types_.end() ? nullptr : &found->second;
}

const TypeStructure& structure_of(std::uint32_t oid, const UserTypes* user) {
    static const std::vector<TypeStructure> builtin = [] {
        std::vector<TypeStructure> table;
        for (std::uint32_t each = 0; each < kEndOfTable; ++each) table.push_back(builtin_structure(each));
        return table;
    }();
    if (oid < kEndOfTable) return builtin[oid];
    const TypeStructure* const known = user != nullptr && oid >= UserTypes::kFirstOid ? user->find(oid) : nullptr;
    return known != nullptr ? *known : builtin[0];
}

bool has_settled_digest(std::uint32_t oid) {
    if (is_first_scalar(oid)) return true;
    const std::uint32_t element = type_oid::element_of(oid);
    return element != 0 && !is_printed_in_several_ways(element);
}

bool was_read_in_first_form(std::uint32_t oid) { return is_first_scalar(oid) || type_oid::element_of(oid) != 0; }

}  // namespace understudy::pgwire
