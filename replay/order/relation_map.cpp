#include "replay/order/relation_map.hpp"

#include <algorithm>

#include "core/sql/lexer.hpp"

namespace understudy::replay {
namespace {

/// Whether nobody can know the column's default before the server has made it.
bool is_generated(const catalog::Attribute& attribute) {
    if (attribute.identity != 0) return true;
    for (const sql::Token& token : sql::Tokens(attribute.default_text)) {
        if (sql::is_word(token, "nextval") || sql::is_word(token, "gen_random_uuid") ||
            sql::is_word(token, "uuid_generate_v4") || sql::is_word(token, "uuid_generate_v1")) {
            return true;
        }
    }
    return false;
}

std::uint32_t base_type(const catalog::Catalog& catalog, std::uint32_t oid) {
    constexpr int kMaxDomains = 32;  // over each other
    for (int i = 0; i < kMaxDomains; ++i) {
        const catalog::Type* type = catalog.type(oid);
        if (type == nullptr || type->base_oid == 0) break;
        oid = type->base_oid;
    }
    return oid;
}

RowAccess any_row(RelationIndex relation, bool written) {
    RowAccess any;
    any.relation = relation;
    any.reads = true;
    any.writes = written;
    any.lock = written ? sql::RowLock::no_key_update : sql::RowLock::none;
    return any;
}

}  // namespace

RelationMap::RelationMap(const catalog::Catalog& catalog) {
    read_relations(catalog);
    read_inheritance(catalog);
    read_keys(catalog);
    read_foreign_keys(catalog);
    read_views(catalog);
    read_triggers(catalog);
    advisory_ = static_cast<RelationIndex>(relations_.size());
    RelationInfo advisory;
    advisory.name = "advisory locks";
    advisory.keys.resize(1);
    relations_.push_back(std::move(advisory));
}

void RelationMap::read_relations(const catalog::Catalog& catalog) {
    for (const catalog::Relation& relation : catalog.relations) {
        const auto index = static_cast<RelationIndex>(relations_.size());
        by_oid_[relation.oid] = index;
        by_name_[relation.name].push_back(index);
        RelationInfo info;
        info.schema = relation.schema;
        info.name = relation.name;
        info.oid = relation.oid;
        relations_.push_back(std::move(info));
    }
    for (const catalog::Attribute& attribute : catalog.attributes) {
        const auto index = of_oid(attribute.relation);
        if (!index || attribute.number <= 0) continue;
        std::vector<Bytes>& columns = relations_[*index].columns;
        const auto number = static_cast<std::size_t>(attribute.number);
        if (columns.size() < number) columns.resize(number);
        columns[number - 1] = attribute.name;
    }
}

void RelationMap::read_keys(const catalog::Catalog& catalog) {
    std::vector<const catalog::Key*> keys;
    for (const catalog::Key& key : catalog.keys) keys.push_back(&key);
    // The primary key first: most statements name it.
    std::stable_sort(keys.begin(), keys.end(),
                     [](const catalog::Key* a, const catalog::Key* b) { return a->primary && !b->primary; });
    for (const catalog::Key* key : keys) {
        const auto index = of_oid(key->relation);
        if (!index || relations_[*index].keys.size() >= kMaxKeys) continue;
        UniqueKey unique;
        bool known = !key->columns.empty();
        for (const std::int16_t number : key->columns) {
            const catalog::Attribute* attribute = catalog.attribute(key->relation, number);
            known = known && attribute != nullptr;
            if (!known) break;
            unique.columns.push_back({attribute->name, number, base_type(catalog, attribute->type_oid)});
            unique.generated = key->columns.size() == 1 && is_generated(*attribute);
        }
        if (known) relations_[*index].keys.push_back(std::move(unique));
    }
}

void RelationMap::read_foreign_keys(const catalog::Catalog& catalog) {
    for (const catalog::ForeignKey& foreign : catalog.foreign_keys) {
        const auto child = of_oid(foreign.relation);
        const auto parent = of_oid(foreign.referenced_relation);
        if (!child || !parent) continue;
        ParentLink link;
        link.parent = *parent;
        for (const std::int16_t number : foreign.columns) {
            const catalog::Attribute* attribute = catalog.attribute(foreign.relation, number);
            link.columns.push_back(attribute == nullptr ? Bytes() : attribute->name);
        }
        const std::vector<UniqueKey>& keys = relations_[*parent].keys;
        for (std::size_t key = 0; key < keys.size() && !link.key; ++key) {
            std::vector<std::size_t> order;
            for (const KeyColumn& column : keys[key].columns) {
                const auto at =
                    std::find(foreign.referenced_columns.begin(), foreign.referenced_columns.end(), column.number);
                if (at != foreign.referenced_columns.end())
                    order.push_back(static_cast<std::size_t>(at - foreign.referenced_columns.begin()));
            }
            if (order.size() != foreign.referenced_columns.size() || order.size() != keys[key].columns.size()) continue;
            link.key = static_cast<std::uint8_t>(key);
            link.order = std::move(order);
        }
        relations_[*child].parents.push_back(std::move(link));
        const bool writes = foreign.on_delete == 'c' || foreign.on_delete == 'n' || foreign.on_delete == 'd';
        relations_[*parent].children.push_back({*child, writes});
    }
}

/// The topmost parent stands for all of its tree.
void RelationMap::read_inheritance(const catalog::Catalog& catalog) {
    std::unordered_map<std::uint32_t, std::uint32_t> parents;
    for (const catalog::Inheritance& link : catalog.inheritance) parents.emplace(link.child, link.parent);
    for (const auto& [child, first] : parents) {
        std::uint32_t root = first;
        for (std::size_t depth = 0; depth < parents.size(); ++depth) {
            const auto above = parents.find(root);
            if (above == parents.end()) break;
            root = above->second;
        }
        const auto from = by_oid_.find(child);
        const auto to = by_oid_.find(root);
        if (from == by_oid_.end() || to == by_oid_.end()) continue;
        std::vector<RelationIndex>& named = by_name_[relations_[from->second].name];
        std::replace(named.begin(), named.end(), from->second, to->second);
        from->second = to->second;
    }
}

void RelationMap::read_views(const catalog::Catalog& catalog) {
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> bases;
    for (const catalog::RuleDependency& link : catalog.rule_dependencies)
        bases[link.relation].push_back(link.depends_on);
    const auto is_view = [&](std::uint32_t oid) {
        const catalog::Relation* relation = catalog.relation(oid);
        return relation != nullptr && relation->kind == 'v';
    };
    for (const auto& [relation, direct] : bases) {
        const auto index = of_oid(relation);
        if (!index) continue;
        std::vector<std::uint32_t> open = direct;
        std::vector<std::uint32_t> seen;
        while (!open.empty()) {
            const std::uint32_t oid = open.back();
            open.pop_back();
            if (std::find(seen.begin(), seen.end(), oid) != seen.end()) continue;
            seen.push_back(oid);
            if (const auto next = bases.find(oid); is_view(oid) && next != bases.end()) {
                open.insert(open.end(), next->second.begin(), next->second.end());
            } else if (const auto base = of_oid(oid)) {
                if (is_view(relation)) {
                    relations_[*index].stands_for.push_back(*base);
                } else if (*base != *index) {
                    relations_[*index].on_write.push_back({any_row(*base, true), false, {}});  // a rule
                }
            }
        }
    }
}

void RelationMap::read_triggers(const catalog::Catalog& catalog) {
    std::unordered_map<std::uint32_t, const catalog::Function*> functions;
    for (const catalog::Function& function : catalog.functions) functions.emplace(function.oid, &function);
    for (const catalog::Trigger& trigger : catalog.triggers) {
        const auto index = of_oid(trigger.relation);
        if (!index || trigger.enabled == 'D') continue;
        const auto function = functions.find(trigger.function);
        if (function == functions.end() || !function->second->touches_known) {
            relations_[*index].unknown_on_write = true;
            continue;
        }
        for (RowTouch& touch : touched_by(*function->second)) {
            touch.on_insert = trigger.on_insert();
            touch.on_update = trigger.on_update();
            touch.on_delete = trigger.on_delete();
            relations_[*index].on_write.push_back(std::move(touch));
        }
    }
}

std::vector<RowTouch> RelationMap::touched_by(const catalog::Function& function) {
    std::vector<RowTouch> touched;
    for (const catalog::Touch& touch : function.touches) {
        for (const RelationIndex index : named(touch.schema, touch.name)) {
            const std::vector<RelationIndex> bases = relations_[index].stands_for;
            for (const RelationIndex base : bases) touched.push_back({any_row(base, touch.written), false, {}});
            if (bases.empty()) touched.push_back({any_row(index, touch.written), touch.inserted, touch.matches});
        }
    }
    return touched;
}

std::optional<bool> RelationMap::has_column(BytesView schema, BytesView table, BytesView column) const {
    const auto same_name = by_name_.find(Bytes(table));
    if (same_name == by_name_.end()) return std::nullopt;
    std::optional<bool> has;
    for (const RelationIndex index : same_name->second) {
        const RelationInfo& relation = relations_[index];
        if (!schema.empty() && relation.schema != schema) continue;
        if (relation.columns.empty()) return std::nullopt;
        const bool here = std::find(relation.columns.begin(), relation.columns.end(), column) != relation.columns.end();
        if (has && *has != here) return std::nullopt;
        has = here;
    }
    return has;
}

std::optional<RelationIndex> RelationMap::of_oid(std::uint32_t oid) const {
    const auto found = by_oid_.find(oid);
    if (found == by_oid_.end()) return std::nullopt;
    return found->second;
}

std::vector<RelationIndex> RelationMap::named(BytesView schema, BytesView name) {
    if (schema == "pg_catalog" || schema == "information_schema") return {};
    if (schema.empty() && name.starts_with("pg_")) return {};
    std::vector<RelationIndex>& same_name = by_name_[Bytes(name)];
    std::vector<RelationIndex> found;
    for (const RelationIndex index : same_name) {
        if (schema.empty() || relations_[index].schema.empty() || relations_[index].schema == schema)
            found.push_back(index);
    }
    if (!found.empty()) return found;
    if (relations_.size() > by_oid_.size() + kMaxUnknown) return {static_cast<RelationIndex>(relations_.size() - 1)};
    const auto index = static_cast<RelationIndex>(relations_.size());
    same_name.push_back(index);
    RelationInfo unknown;
    unknown.schema = schema;
    unknown.name = name;
    relations_.push_back(std::move(unknown));
    return {index};
}

}  // namespace understudy::replay
