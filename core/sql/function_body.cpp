#include "core/sql/function_body.hpp"

#include <array>
#include <utility>

#include "core/sql/access_walk.hpp"
#include "core/sql/lexer.hpp"
#include "core/sql/parse_tree.hpp"
#include "core/sql/place_walk.hpp"

namespace understudy::sql {
namespace {

using Json = nlohmann::json;

/// Gathers what the statements of a body touch, as long as it can be told.
class BodyWalk {
public:
    bool take(StatementAccess access) {
        const bool ends =
            access.transaction != TransactionAct::none && access.transaction != TransactionAct::set_isolation;
        if (access.opaque || ends || !access.executes.empty()) return false;
        for (RelationAccess& relation : access.relations) {
            RelationAccess kept;
            kept.schema = std::move(relation.schema);
            kept.name = std::move(relation.name);
            kept.kind = relation.kind;
            kept.lock = relation.lock;
            kept.equal = row_columns(relation.equal);
            kept.columns = std::move(relation.columns);
            if (relation.rows_known && relation.rows.size() == 1) {
                auto row = row_columns(relation.rows[0]);
                if (!row.empty()) kept.rows.push_back(std::move(row));
            }
            out_.relations.push_back(std::move(kept));
        }
        for (FunctionUse& use : access.functions) {
            out_.functions.push_back({std::move(use.schema), std::move(use.name), {}, 0});
        }
        return out_.relations.size() <= kMaxAccesses && out_.functions.size() <= kMaxAccesses;
    }
    /// Several statements.
    bool take_text(BytesView text) {
        auto all = statement_accesses(text);
        return all && take_all(*all);
    }
    /// A statement or expression of PL/pgSQL: `select …`, `x + 1`, `x := y`.
    bool take_query(BytesView written) {
        const Bytes text = with_row_columns(written);
        if (auto all = statement_accesses(text)) return take_all(*all);
        const Bytes prefix = "select ";
        if (auto all = statement_accesses(prefix + text)) return take_all(*all);
        for (const Token& token : Tokens(text)) {
            if (!token.is('=') && token.text != ":=") continue;
            auto all = statement_accesses(prefix + text.substr(token.end()));
            return all && take_all(*all);
        }
        return false;
    }
    /// A statement in a tree, of BEGIN ATOMIC.
    bool take_tree(BytesView text, const Json& statement) {
        StatementAccess access;
        const ColumnLookup unknown;
        AccessWalk walk(text, unknown, access);
        if (const Json* result = body_of(statement, "ReturnStmt")) {
            walk.walk_expression(member(*result, "returnval"));
        } else {
            walk.walk(statement);
        }
        return take(std::move(access));
    }
    BodyAccess finish() { return std::move(out_); }

private:
    bool take_all(std::vector<StatementAccess>& all) {
        for (StatementAccess& access : all) {
            if (!take(std::move(access))) return false;
        }
        return true;
    }

    /// NEW.a and OLD.a as parameters.
    Bytes with_row_columns(BytesView text) {
        Bytes out;
        std::size_t copied = 0;
        for (Token token = next_token(text, 0); token.kind != TokenKind::end; token = next_token(text, token.end())) {
            const bool old = is_word(token, "old");
            if (!old && !is_word(token, "new")) continue;
            const Token dot = next_token(text, token.end());
            const Token column = dot.is('.') ? next_token(text, dot.end()) : Token();
            if (column.kind != TokenKind::word || out_.row_columns.size() >= kMaxAccesses) continue;
            out.append(text, copied, token.offset - copied);
            out += "$" + std::to_string(BodyAccess::kFirstRowColumn + out_.row_columns.size());
            out_.row_columns.push_back({to_lower(column.text), old});
            copied = column.end();
            token = column;
        }
        return out.append(text, copied);
    }
    /// Those that are equal to one column of the row.
    static std::vector<ColumnValues> row_columns(const std::vector<ColumnValues>& all) {
        std::vector<ColumnValues> kept;
        for (const ColumnValues& one : all) {
            const bool single = one.values.size() == 1 && !one.values[0].array;
            if (!single || one.values[0].parameter < BodyAccess::kFirstRowColumn) continue;
            kept.push_back({one.column, {{one.values[0].parameter, 0, 0, false}}});
        }
        return kept;
    }

    BodyAccess out_;
};

/// language sql: AS 'body', RETURN …, or BEGIN ATOMIC … END.
bool walk_sql(BytesView definition, BodyWalk& walk) {
    const auto tree = parse_tree_with_places(definition);
    if (!tree || (*tree)["stmts"].size() != 1) return false;
    const Json* body = body_of(member((*tree)["stmts"][0], "stmt"), "CreateFunctionStmt");
    if (body == nullptr) return false;
    bool found = false;
    for (const Json& wrapper : member(*body, "options")) {
        const Json* option = body_of(wrapper, "DefElem");
        if (option == nullptr || text_member(*option, "defname") != "as") continue;
        const Json& items = member(member(member(*option, "arg"), "List"), "items");
        if (items.size() != 1 || !walk.take_text(string_node(items[0]))) return false;
        found = true;
    }
    const Json& atomic = member(*body, "sql_body");
    if (atomic.is_null()) return found;
    const Json* list = body_of(atomic, "List");
    if (list == nullptr) return walk.take_tree(definition, atomic);
    for (const Json& part : member(*list, "items")) {
        const Json* statements = body_of(part, "List");
        if (statements == nullptr) continue;  // BEGIN ATOMIC END
        for (const Json& statement : member(*statements, "items")) {
            if (!walk.take_tree(definition, statement)) return false;
        }
    }
    return true;
}

/// Statements of PL/pgSQL whose SQL is made while it runs, or that end the transaction.
bool cannot_be_told(BytesView key) {
    constexpr std::array<BytesView, 6> kKeys = {
        "PLpgSQL_stmt_dynexecute", "PLpgSQL_stmt_dynfors",  "dynquery",
        "PLpgSQL_stmt_commit",     "PLpgSQL_stmt_rollback", "PLpgSQL_stmt_call"};
    for (const BytesView one : kKeys) {
        if (key == one) return true;
    }
    return false;
}

bool walk_plpgsql(const Json& node, BodyWalk& walk) {
    if (node.is_array()) {
        for (const Json& part : node) {
            if (!walk_plpgsql(part, walk)) return false;
        }
    } else if (node.is_object()) {
        for (auto it = node.begin(); it != node.end(); ++it) {
            if (cannot_be_told(it.key())) return false;
            if (it.key() == "PLpgSQL_expr") {
                const Bytes query = text_member(it.value(), "query");
                if (!walk.take_query(query)) return false;
            } else if (!walk_plpgsql(it.value(), walk)) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace

std::optional<BodyAccess> function_body_access(BytesView language, BytesView definition) {
    if (definition.size() > kMaxFunctionDefinition) return std::nullopt;
    BodyWalk walk;
    bool known = false;
    if (language == "sql") {
        known = walk_sql(definition, walk);
    } else if (language == "plpgsql") {
        const auto tree = plpgsql_tree(definition);
        known = tree && walk_plpgsql(*tree, walk);
    }
    if (!known) return std::nullopt;
    return walk.finish();
}

}  // namespace understudy::sql
