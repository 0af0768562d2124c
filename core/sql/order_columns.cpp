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

OrderColumn column_of(BytesView sql, const Json* term) {
    if (const Json* constant = at(term, "A_Const")) return {number_at(sql, *constant), {}};
    const Json* fields = at(at(term, "ColumnRef"), "fields");
    if (fields == nullptr || !fields->is_array() || fields->empty()) return {};
    const Json* name = at(at(&fields->back(), "String"), "sval");
    if (name == nullptr) name = at(at(&fields->back(), "String"), "str");
    return {0, name != nullptr && name->is_string() ? name_bytes(name->get_ref<const std::string&>()) : Bytes()};
}

}  // namespace

std::vector<OrderColumn> order_columns(BytesView one_statement) {
    std::vector<OrderColumn> columns;
    const auto tree = parse_tree_with_places(one_statement);
    if (!tree) return columns;
    const Json* statements = at(&*tree, "stmts");
    if (statements == nullptr || statements->size() != 1) return columns;
    const Json* statement = at(&statements->front(), "stmt");
    const Json* sort = statement == nullptr ? nullptr : at(query_of(*statement), "sortClause");
    if (sort == nullptr || !sort->is_array()) return columns;
    for (const Json& one : *sort) columns.push_back(column_of(one_statement, at(at(&one, "SortBy"), "node")));
    return columns;
}

}  // namespace understudy::sql
