#include "schema/hazard/table_facts.hpp"

#include <algorithm>

namespace understudy::schema::hazard {

const TableFacts* SchemaFacts::table(const sql::RelationName& written) const {
    const auto exact = [this](const Bytes& schema, const Bytes& name) -> const TableFacts* {
        const auto found = std::find_if(tables.begin(), tables.end(), [&](const TableFacts& table) {
            return table.name.name == name && table.name.schema == schema;
        });
        return found == tables.end() ? nullptr : &*found;
    };
    if (!written.schema.empty()) return exact(written.schema, written.name);
    for (const Bytes& schema : search_path) {
        if (const TableFacts* found = exact(schema, written.name)) return found;
    }
    return nullptr;
}

const TableFacts* SchemaFacts::table_of_index(const sql::RelationName& index) const {
    const auto in_schema = [&](const Bytes& schema) -> const TableFacts* {
        const auto found = index_tables.find({schema, index.name});
        return found == index_tables.end() ? nullptr : table(found->second);
    };
    if (!index.schema.empty()) return in_schema(index.schema);
    for (const Bytes& schema : search_path) {
        if (const TableFacts* found = in_schema(schema)) return found;
    }
    return nullptr;
}

const ColumnFacts* column_of(const TableFacts& table, BytesView name) {
    const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                    [&](const ColumnFacts& column) { return column.name == name; });
    return found == table.columns.end() ? nullptr : &*found;
}

std::vector<const TableFacts*> descendants(const SchemaFacts& facts, const TableFacts& table) {
    std::vector<const TableFacts*> found = {&table};
    for (std::size_t i = 0; i < found.size(); ++i) {
        for (const sql::RelationName& child : found[i]->children) {
            const TableFacts* next = facts.table(child);
            if (next != nullptr && std::find(found.begin(), found.end(), next) == found.end()) found.push_back(next);
        }
    }
    found.erase(found.begin());
    return found;
}

}  // namespace understudy::schema::hazard
