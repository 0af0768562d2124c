#include "core/sql/ddl_effects.hpp"

#include <algorithm>

#include "core/sql/ddl_parts.hpp"
#include "core/sql/lexer.hpp"
#include "core/sql/parse_tree.hpp"
#include "core/sql/place_walk.hpp"
#include "core/sql/statement_traits.hpp"

namespace understudy::sql {
namespace {

using Json = nlohmann::json;

/// Statements that may hold very many constants, which are not looked at.
bool is_bulk(BytesView statement) {
    for (const Token& token : Tokens(statement)) {
        if (token.kind == TokenKind::comment || token.is('(')) continue;
        for (const char* word : {"insert", "select", "values", "with", "update", "delete", "merge", "copy"}) {
            if (is_word(token, word)) return true;
        }
        return false;
    }
    return false;
}

bool reads_tables(DdlKind kind) {
    return kind == DdlKind::create_view || kind == DdlKind::create_table || kind == DdlKind::create_matview;
}

void add_reads(BytesView statement, DdlAction& action) {
    for (const RelationUse& relation : traits(statement).relations) {
        RelationName name{relation.schema, relation.name};
        if (relation.written || name == action.relation) continue;
        if (std::find(action.reads.begin(), action.reads.end(), name) == action.reads.end()) {
            action.reads.push_back(std::move(name));
        }
    }
}

}  // namespace

std::optional<DdlActions> ddl_effects(BytesView statement) {
    const auto tree = is_bulk(statement) ? parse_tree_with_places(statement) : whole_parse_tree(statement);
    if (!tree || (*tree)["stmts"].size() != 1) return std::nullopt;
    const Json& wrapper = member((*tree)["stmts"][0], "stmt");
    DdlActions actions;
    if (!wrapper.is_object() || wrapper.empty()) return DdlActions{DdlAction{}};
    const Bytes type = wrapper.begin().key();
    const Json& body = wrapper.begin().value();
    const bool known = table_actions(type, body, actions) || rename_actions(type, body, actions) ||
                       session_actions(type, body, actions) || object_actions(type, body, actions);
    if (!known || actions.empty()) return DdlActions{DdlAction{}};
    if (reads_tables(actions.front().kind) && type != "CreateStmt") add_reads(statement, actions.front());
    return actions;
}

}  // namespace understudy::sql
