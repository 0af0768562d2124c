#include "core/sql/order_columns.hpp"

#include <charconv>

#include "core/sql/parse_tree.hpp"

namespace understudy::sql {
namespace {

using Json = nlohmann::json;

const Json* at(const Json* node, const char* key) {
    if (node == nullptr || !node->is_object()) return nullptr;
    const auto found = node->find(key);
    return found == node->end() ? nullptr : &*found;
}

/// The body of the query whose rows the client gets.
const Json* query_of(const Json& statement) {
    if (const Json* select = at(&statement, "SelectStmt")) return select;
    for (const char* wrapper : {"DeclareCursorStmt", "CopyStmt", "PrepareStmt"}) {
        if (const Json* body = at(&statement, wrapper)) return at(at(body, "query"), "SelectStmt");
    }
    return nullptr;
}

std::uint32_t number_at(BytesView sql, const Json& constant) {
    const Json* location = at(&constant, "location");
    const std::size_t offset = location != nullptr && location->is_number_unsigned() ? location->get<std::size_t>() : 0;
    std::uint32_t number = 0;
    if (offset < sql.size()) std::from_chars(sql.data() + offset, sql.data() + sql.size(), number);
    return number;
}

Bytes last_name(const Json* fields) {
    if (fields == nullptr || !fields->is_array() || fields->empty()) return {};
    const Json* name = at(at(&fields->back(), "String"), "sval");
    if (name == nullptr) name = at(at(&fields->back(), "String"), "str");
    return name != nullptr && name->is_string() ? name_bytes(name->get_ref<const std::string&>()) : Bytes();
}

/// Whether the result's column of that name is the table's own, and no expression that was called so: with its table a
/// name means the table's column, whatever the result calls its own.
bool is_plain_output(const Json& query, const Bytes& name) {
    const Json* targets = at(&query, "targetList");
    if (targets == nullptr || !targets->is_array()) return false;
    bool plain = false;
    for (const Json& one : *targets) {
        const Json* target = at(&one, "ResTarget");
        const Json* alias = at(target, "name");
        const Json* fields = at(at(at(target, "val"), "ColumnRef"), "fields");
        const bool star = fields != nullptr && fields->is_array() && !fields->empty() && at(&fields->back(), "A_Star") != nullptr;
        const Bytes column = last_name(fields);
        const Bytes shown =
            alias != nullptr && alias->is_string() ? name_bytes(alias->get_ref<const std::string&>()) : column;
        if (shown == name && column != name) return false;
        plain = plain || star || (shown == name && column == name);
    }
    return plain;
}

OrderColumn column_of(BytesView sql, const Json& query, const Json* term) {
    if (const Json* constant = at(term, "A_Const")) return {number_at(sql, *constant), {}};
    const Json* fields = at(at(term, "ColumnRef"), "fields");
    const Bytes name = last_name(fields);
    if (name.empty() || (fields->size() > 1 && !is_plain_output(query, name))) return {};
    return {0, name};
}

}  // namespace

std::vector<OrderColumn> order_columns(BytesView one_statement) {
    std::vector<OrderColumn> columns;
    const auto tree = parse_tree_with_places(one_statement);
    if (!tree) return columns;
    const Json* statements = at(&*tree, "stmts");
    if (statements == nullptr || statements->size() != 1) return columns;
    const Json* statement = at(&statements->front(), "stmt");
    const Json* query = statement == nullptr ? nullptr : query_of(*statement);
    const Json* sort = at(query, "sortClause");
    if (sort == nullptr || !sort->is_array()) return columns;
    for (const Json& one : *sort) columns.push_back(column_of(one_statement, *query, at(at(&one, "SortBy"), "node")));
    return columns;
}

}  // namespace understudy::sql
