#include "capture/redact/redaction.hpp"

#include <algorithm>

namespace understudy::capture {
namespace {

/// Of which table a view's column is, the catalogue does not say: a rule for a column of its name covers it.
bool covers(const RedactionRules& rules, const catalog::Relation& relation, BytesView column) {
    const bool view = relation.kind == 'v' || relation.kind == 'm';
    return view ? rules.cover({}, {}, column) : rules.cover(relation.schema, relation.name, column);
}

}  // namespace

/// Nothing also where tables of several schemas have the name and none was written.
const catalog::Relation* Redaction::find_table(BytesView schema, BytesView table) const {
    if (catalog_ == nullptr || table.empty()) return nullptr;
    const catalog::Relation* found = nullptr;
    for (const catalog::Relation& relation : catalog_->relations) {
        if (relation.name != table || (!schema.empty() && relation.schema != schema)) continue;
        if (found != nullptr) return nullptr;
        found = &relation;
    }
    return found;
}

std::vector<sql::ColumnUse> Redaction::columns_of(const Bytes& schema, const Bytes& table) const {
    std::vector<sql::ColumnUse> columns;
    const catalog::Relation* relation = find_table(schema, table);
    if (relation == nullptr) return columns;
    for (const catalog::Attribute& attribute : catalog_->attributes) {  // sorted by relation and number
        if (attribute.relation == relation->oid) {
            columns.push_back({relation->schema, relation->name, attribute.name, 0});
        }
    }
    return columns;
}

bool Redaction::hides(const sql::ColumnUse& use) const {
    if (use.column.empty()) {
        if (use.table.empty()) return !rules_.empty();
        const std::vector<sql::ColumnUse> columns = columns_of(use.schema, use.table);
        if (columns.empty() && use.type) return rules_.name_table(use.schema, use.table);
        if (columns.empty()) return rules_.can_cover(use.schema, use.table);
        if (use.position == 0) return hides(columns);
        return use.position <= columns.size() && hides(columns[use.position - 1]);
    }
    if (const catalog::Relation* relation = find_table(use.schema, use.table)) {
        return covers(rules_, *relation, use.column);
    }
    return rules_.cover(use.schema, use.table, use.column);
}

bool Redaction::hides(const std::vector<sql::ColumnUse>& uses) const {
    return std::any_of(uses.begin(), uses.end(), [this](const sql::ColumnUse& use) { return hides(use); });
}

int Redaction::hides_origin(std::uint32_t table_oid, std::int16_t number) const {
    if (catalog_ == nullptr || table_oid == 0) return -1;
    const catalog::Relation* relation = catalog_->relation(table_oid);
    const catalog::Attribute* attribute = catalog_->attribute(table_oid, number);
    if (relation == nullptr || attribute == nullptr) return -1;
    return covers(rules_, *relation, attribute->name) ? 1 : 0;
}

std::uint32_t Redaction::type_of(const sql::ColumnUse& use) const {
    const catalog::Relation* relation = find_table(use.schema, use.table);
    if (relation == nullptr) return 0;
    for (const catalog::Attribute& attribute : catalog_->attributes) {
        if (attribute.relation != relation->oid || attribute.name != use.column) continue;
        std::uint32_t oid = attribute.type_oid;
        constexpr int kMostDomains = 32;  // a domain over a domain …
        for (int i = 0; i < kMostDomains; ++i) {
            const catalog::Type* type = catalog_->type(oid);
            if (type == nullptr || type->base_oid == 0) break;
            oid = type->base_oid;
        }
        return oid;
    }
    return 0;
}

}  // namespace understudy::capture
