#include "core/sql/statement_traits.hpp"

#include <algorithm>
#include <functional>
#include <tuple>

#include "core/sql/lexer.hpp"
#include "core/sql/outside_effects.hpp"
#include "core/sql/parse_tree.hpp"
#include "core/sql/statement_names.hpp"
#include "core/sql/statement_options.hpp"
#include "core/sql/tree_walk.hpp"

namespace understudy::sql {
namespace {

using Json = nlohmann::json;

const Json* member(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
}

/// One statement node: its type and body.
struct Node {
    BytesView type;
    const Json* body = nullptr;
};

Node unwrapped(const Json* wrapper) {
    if (wrapper == nullptr || !wrapper->is_object() || wrapper->empty()) return {};
    const auto first = wrapper->begin();
    return {first.key(), &first.value()};
}

bool has_value(const Json& object, const char* key, BytesView value) {
    const Json* found = member(object, key);
    return found != nullptr && found->is_string() && found->get_ref<const std::string&>() == value;
}

/// Whether a statement of that type can be a reader at all; what it holds is judged by the walk.
bool may_read_only(const Node& node) {
    if (node.body == nullptr) return false;
    if (node.type == "SelectStmt" || node.type == "VariableShowStmt") return true;
    if (node.type == "CopyStmt") return member(*node.body, "is_from") == nullptr;
    if (node.type == "DeclareCursorStmt") return true;
    return node.type == "ExplainStmt" &&
           (!option_is_on(*node.body, "analyze") || may_read_only(unwrapped(member(*node.body, "query"))));
}

/// The statement whose rows the client gets.
Node answering(const Node& node) {
    if (node.type == "DeclareCursorStmt" || node.type == "CopyStmt" || node.type == "PrepareStmt") {
        return unwrapped(member(*node.body, "query"));
    }
    return node;
}

void describe(const Node& node, StatementTraits& out) {
    out.kind = kind_of_node(node.type);
    if (node.type == "CopyStmt" && member(*node.body, "is_from") != nullptr) out.kind = StatementKind::copy_in;
    const Node answer = answering(node);
    if (answer.body == nullptr) return;
    out.ordered = member(*answer.body, "sortClause") != nullptr;
    out.limited = answer.type == "SelectStmt" && !has_value(*answer.body, "limitOption", "LIMIT_OPTION_DEFAULT");
    out.returning = member(*answer.body, "returningList") != nullptr;
}

template <class T, class Less>
void sort_unique(std::vector<T>& values, Less less) {
    std::sort(values.begin(), values.end(), less);
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

/// Sorted and unique; a relation both read and written counts as written.
void tidy(StatementTraits& out) {
    sort_unique(out.functions, std::less<>());
    sort_unique(out.outside_effects, std::less<>());
    std::sort(out.relations.begin(), out.relations.end(), [](const RelationUse& a, const RelationUse& b) {
        return std::tie(a.schema, a.name, b.written) < std::tie(b.schema, b.name, a.written);
    });
    const auto same = [](const RelationUse& a, const RelationUse& b) {
        return a.schema == b.schema && a.name == b.name;
    };
    out.relations.erase(std::unique(out.relations.begin(), out.relations.end(), same), out.relations.end());
}

}  // namespace

StatementTraits traits(BytesView one_statement) {
    StatementTraits out;
    const std::optional<Json> tree = parse_tree(one_statement);
    if (!tree) {
        out.outside_effects = lexical_outside_effects(one_statement, false);
        return out;
    }
    out.parsed = true;
    TreeWalk walk(out);
    bool first = true;
    bool readers = true;
    for (const Json& raw : (*tree)["stmts"]) {
        const Json* statement = member(raw, "stmt");
        const Node node = unwrapped(statement);
        if (node.body == nullptr || !node.body->is_object()) continue;
        if (first) describe(node, out);
        first = false;
        const bool writes = walk.walk(*statement, one_statement);
        const bool only_planned = node.type == "ExplainStmt" && !option_is_on(*node.body, "analyze");
        readers = readers && may_read_only(node) && (only_planned || !writes);
    }
    out.read_only = !first && readers;
    tidy(out);
    return out;
}

}  // namespace understudy::sql
