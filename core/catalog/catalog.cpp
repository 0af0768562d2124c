#include "core/catalog/catalog.hpp"

#include <algorithm>
#include <tuple>

#include "core/pgwire/value.hpp"

namespace understudy::catalog {
namespace {

constexpr auto by_oid = [](const auto& entry) { return entry.oid; };
constexpr auto by_relation_and_number = [](const Attribute& a) { return std::tuple(a.relation, a.number); };

template <class Entries, class Order>
void sort_by(Entries& entries, Order order) {
    std::stable_sort(entries.begin(), entries.end(), [&](const auto& a, const auto& b) { return order(a) < order(b); });
}

template <class Entries, class Order, class Identity>
auto find_by(const Entries& entries, Order order, const Identity& identity) -> decltype(entries.data()) {
    const auto at = std::lower_bound(entries.begin(), entries.end(), identity,
                                     [&](const auto& entry, const Identity& id) { return order(entry) < id; });
    return at != entries.end() && order(*at) == identity ? &*at : nullptr;
}

}  // namespace

void Catalog::sort() {
    sort_by(types, by_oid);
    sort_by(relations, by_oid);
    sort_by(attributes, by_relation_and_number);
    sort_by(keys, [](const Key& k) { return std::tie(k.relation, k.name); });
    sort_by(foreign_keys, [](const ForeignKey& k) { return std::tie(k.relation, k.name); });
    sort_by(sequences, by_oid);
    sort_by(functions, [](const Function& f) { return std::tie(f.schema, f.name, f.arguments); });
    sort_by(settings, [](const Setting& s) { return std::tie(s.role, s.every_database, s.name); });
    sort_by(inheritance, [](const Inheritance& i) { return std::tie(i.child, i.parent); });
    sort_by(partition_keys, [](const PartitionKey& k) { return k.relation; });
    sort_by(rule_dependencies, [](const RuleDependency& d) { return std::tie(d.relation, d.depends_on); });
    sort_by(view_columns, [](const ViewColumn& c) { return std::tie(c.view, c.number); });
    sort_by(triggers, [](const Trigger& t) { return std::tie(t.relation, t.name); });
    sort_by(rules, [](const Rule& r) { return std::tie(r.relation, r.name); });
}

const Type* Catalog::type(std::uint32_t oid) const { return find_by(types, by_oid, oid); }

const Relation* Catalog::relation(std::uint32_t oid) const { return find_by(relations, by_oid, oid); }

const Attribute* Catalog::attribute(std::uint32_t relation, std::int16_t number) const {
    return find_by(attributes, by_relation_and_number, std::tuple(relation, number));
}

const Attribute* Catalog::attribute_named(std::uint32_t relation, BytesView name) const {
    const auto before = [](const Attribute& attribute, std::uint32_t oid) { return attribute.relation < oid; };
    auto at = std::lower_bound(attributes.begin(), attributes.end(), relation, before);
    for (; at != attributes.end() && at->relation == relation; ++at) {
        if (at->name == name) return &*at;
    }
    return nullptr;
}

const Relation* Catalog::relation_named(BytesView schema, BytesView name, const std::vector<Bytes>& search_path) const {
    const Relation* found = nullptr;
    std::size_t best = search_path.size();
    for (const Relation& relation : relations) {
        if (relation.name != name) continue;
        if (!schema.empty()) {
            if (relation.schema == schema) return &relation;
            continue;
        }
        const auto at = std::find(search_path.begin(), search_path.end(), relation.schema);
        const auto place = static_cast<std::size_t>(at - search_path.begin());
        if (place >= best) continue;
        best = place;
        found = &relation;
    }
    return found;
}

Bytes Catalog::type_name(std::uint32_t oid) const {
    if (const BytesView builtin = pgwire::builtin_type_name(oid); !builtin.empty()) return Bytes(builtin);
    const Type* found = type(oid);
    if (found == nullptr) return {};
    if (found->element_oid != 0) {
        // An array's element is never itself an array, so one step is all (a damaged file may claim
        // otherwise).
        const Type* element = type(found->element_oid);
        const bool simple = element == nullptr || element->element_oid == 0;
        const Bytes name = simple ? type_name(found->element_oid) : Bytes();
        if (!name.empty()) return name + "[]";
    }
    const Bytes name = quoted_if_needed(found->name);
    if (found->schema == "pg_catalog" || found->schema == "public") return name;
    return quoted_if_needed(found->schema) + "." + name;
}

Bytes quoted_if_needed(BytesView name) {
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '$'; };
    const bool starts_plain = !name.empty() && (name[0] == '_' || (name[0] >= 'a' && name[0] <= 'z'));
    if (starts_plain && std::all_of(name.begin(), name.end(), plain)) return Bytes(name);
    Bytes quoted = "\"";
    for (const char c : name) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + "\"";
}

}  // namespace understudy::catalog
