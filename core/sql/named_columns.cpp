#include "core/sql/named_columns.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "core/sql/parse_tree.hpp"
#include "core/sql/place_walk.hpp"

namespace understudy::sql {
namespace {

using Json = nlohmann::json;

struct Table {
    Bytes schema;
    Bytes name;
    friend auto operator<=>(const Table&, const Table&) = default;
};

Table table_of(const Json& range_var) {
    return {text_member(range_var, "schemaname"), text_member(range_var, "relname")};
}

class Collector {
public:
    /// With its own stack, so that no depth can hurt.
    void walk(const Json& tree) {
        std::vector<std::pair<const Json*, BytesView>> open{{&tree, {}}};
        while (!open.empty()) {
            const auto [node, key] = open.back();
            open.pop_back();
            if (node->is_object()) look_at(*node, key);
            if (!node->is_structured()) continue;
            for (auto child = node->begin(); child != node->end(); ++child) {
                if (child->is_structured())
                    open.emplace_back(&*child, node->is_object() ? BytesView(child.key()) : key);
            }
        }
    }

    std::vector<NamedColumn> take() {
        std::set<NamedColumn> found = written_;
        for (const std::vector<Bytes>& parts : references_) resolve(parts, found);
        return {found.begin(), found.end()};
    }

private:
    void look_at(const Json& node, BytesView key) {
        if (node.contains("relname")) {
            const Table table = table_of(node);
            Bytes alias = text_member(member(node, "alias"), "aliasname");
            aliases_[alias.empty() ? table.name : alias].insert(table);
        }
        if (key == "ColumnRef") reference(member(node, "fields"));
        if (key == "JoinExpr") join(node);
        if (key == "InsertStmt") {
            targets(node, "cols", true);
            if (const Json& conflict = member(node, "onConflictClause"); conflict.is_object()) {
                set_of(table_of(member(node, "relation")), member(conflict, "targetList"));
                inferred(table_of(member(node, "relation")), member(member(conflict, "infer"), "indexElems"));
            }
        }
        if (key == "UpdateStmt") targets(node, "targetList", false);
        if (key == "MergeStmt") merge(node);
        if (key == "CopyStmt") copy(node);
    }

    void reference(const Json& fields) {
        std::vector<Bytes> parts;
        for (const Json& field : fields) {
            const Json* name = body_of(field, "String");
            parts.push_back(name != nullptr ? text_member(*name, "sval") : Bytes());  // a star has none
        }
        if (!parts.empty()) references_.insert(std::move(parts));
    }
    void join(const Json& node) {
        for (const Json& column : member(node, "usingClause")) {
            if (const Json* name = body_of(column, "String")) references_.insert({text_member(*name, "sval")});
        }
        if (member(node, "isNatural").is_boolean()) references_.insert({Bytes()});
    }
    void set_of(const Table& table, const Json& list) {
        for (const Json& item : list) {
            if (const Json* target = body_of(item, "ResTarget")) {
                written_.insert({table.schema, table.name, text_member(*target, "name"), true});
            }
        }
    }
    void targets(const Json& node, const char* list, bool all_without) {
        const Table table = table_of(member(node, "relation"));
        const Json& columns = member(node, list);
        if (all_without && columns.empty()) written_.insert({table.schema, table.name, {}, true});
        set_of(table, columns);
    }
    void inferred(const Table& table, const Json& elements) {
        for (const Json& element : elements) {
            const Json* body = body_of(element, "IndexElem");
            const Bytes name = body != nullptr ? text_member(*body, "name") : Bytes();
            if (!name.empty()) written_.insert({table.schema, table.name, name, false});
        }
    }
    void merge(const Json& node) {
        const Table table = table_of(member(node, "relation"));
        for (const Json& item : member(node, "mergeWhenClauses")) {
            if (const Json* clause = body_of(item, "MergeWhenClause")) set_of(table, member(*clause, "targetList"));
        }
    }
    void copy(const Json& node) {
        const Json& relation = member(node, "relation");
        if (!relation.is_object()) return;
        const Table table = table_of(relation);
        const bool from = member(node, "is_from").is_boolean();
        const Json& columns = member(node, "attlist");
        if (columns.empty()) written_.insert({table.schema, table.name, {}, from});
        for (const Json& column : columns) {
            if (const Json* name = body_of(column, "String")) {
                written_.insert({table.schema, table.name, text_member(*name, "sval"), from});
            }
        }
    }

    void resolve(const std::vector<Bytes>& parts, std::set<NamedColumn>& found) const {
        const Bytes& column = parts.back();
        if (parts.size() == 1) {
            // The name of a relation stands for its row.
            if (const auto row = aliases_.find(column); row != aliases_.end()) {
                for (const Table& table : row->second) found.insert({table.schema, table.name, {}, false});
            }
            found.insert({{}, {}, column, false});
            return;
        }
        const Bytes& name = parts[parts.size() - 2];
        if (parts.size() >= 3) {
            found.insert({parts[parts.size() - 3], name, column, false});
            return;
        }
        const auto tables = aliases_.find(name);
        if (tables == aliases_.end()) return;  // of a subquery, whose own columns are named inside; or excluded
        for (const Table& table : tables->second) found.insert({table.schema, table.name, column, false});
    }

    std::map<Bytes, std::set<Table>> aliases_;
    std::set<std::vector<Bytes>> references_;
    std::set<NamedColumn> written_;
};

}  // namespace

std::optional<std::vector<NamedColumn>> named_columns(BytesView sql) {
    const auto tree = parse_tree_with_places(sql);
    if (!tree) return std::nullopt;
    Collector collector;
    collector.walk(*tree);
    return collector.take();
}

}  // namespace understudy::sql
