#include "compare/diff/primary_keys.hpp"

#include <algorithm>
#include <set>

namespace understudy::compare {
namespace {

bool never_null(const catalog::Catalog& catalog, const catalog::Key& key) {
    return std::all_of(key.columns.begin(), key.columns.end(), [&](std::int16_t number) {
        const catalog::Attribute* attribute = catalog.attribute(key.relation, number);
        return attribute != nullptr && attribute->not_null;
    });
}

}  // namespace

void PrimaryKeys::add_catalog(const catalog::Catalog& catalog) {
    std::map<std::uint32_t, const catalog::Key*> best;
    for (const catalog::Key& key : catalog.keys) {
        const catalog::Key*& known = best[key.relation];
        if (known != nullptr && known->primary) continue;
        if (key.primary || (known == nullptr && never_null(catalog, key))) known = &key;
    }
    for (const auto& [relation, key] : best) {
        if (key == nullptr) continue;
        const auto [entry, is_new] = keys_.try_emplace(relation, key->columns);
        if (!is_new && entry->second != key->columns) entry->second.clear();
    }
}

std::vector<std::size_t> PrimaryKeys::columns_of(const std::vector<pgwire::ColumnDescription>& columns) const {
    std::set<std::uint32_t> tried;
    for (const pgwire::ColumnDescription& first : columns) {
        if (first.table_oid == 0 || !tried.insert(first.table_oid).second) continue;
        const auto key = keys_.find(first.table_oid);
        if (key == keys_.end() || key->second.empty()) continue;
        std::vector<std::size_t> places;
        for (const std::int16_t number : key->second) {
            const auto place = std::find_if(columns.begin(), columns.end(), [&](const auto& column) {
                return column.table_oid == first.table_oid && column.attribute == number;
            });
            if (place != columns.end()) places.push_back(static_cast<std::size_t>(place - columns.begin()));
        }
        if (places.size() == key->second.size()) return places;
    }
    return {};
}

}  // namespace understudy::compare
