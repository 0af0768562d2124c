#include <algorithm>
#include <array>

#include "core/sql/access_transaction.hpp"
#include "core/sql/access_walk.hpp"
#include "core/sql/place_walk.hpp"
#include "core/sql/statement_options.hpp"

namespace understudy::sql {
namespace {

using Json = nlohmann::json;

/// Statements that touch no rows and no relations.
constexpr std::array<BytesView, 16> kHarmless = {
    "VariableShowStmt",    "DeallocateStmt",        "ClosePortalStmt",       "NotifyStmt",
    "ListenStmt",          "UnlistenStmt",          "CheckPointStmt",        "ConstraintsSetStmt",
    "CreateRoleStmt",      "AlterRoleStmt",         "AlterRoleSetStmt",      "DropRoleStmt",
    "GrantRoleStmt",       "CreateUserMappingStmt", "AlterUserMappingStmt",  "DropUserMappingStmt"};
constexpr std::array<BytesView, 5> kQueries = {"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"};
constexpr std::array<BytesView, 3> kTransactional = {"TransactionStmt", "VariableSetStmt", "DiscardStmt"};

/// Objects that are relations; and those that are named after the relation that they belong to.
constexpr std::array<BytesView, 6> kRelations = {"OBJECT_TABLE",    "OBJECT_VIEW",          "OBJECT_MATVIEW",
                                                 "OBJECT_SEQUENCE", "OBJECT_FOREIGN_TABLE", "OBJECT_INDEX"};
constexpr std::array<BytesView, 5> kOfRelations = {"OBJECT_COLUMN", "OBJECT_TABCONSTRAINT", "OBJECT_TRIGGER",
                                                   "OBJECT_RULE", "OBJECT_POLICY"};

template <std::size_t N>
bool among(const std::array<BytesView, N>& names, BytesView name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

void AccessWalk::walk(const Json& wrapper) { statement(wrapper, true); }

std::vector<ColumnOrigin> AccessWalk::walk_outputs(const Json& wrapper) {
    std::vector<ColumnOrigin> origins;
    for (const Output& output : query(wrapper, nullptr, nullptr, true).outputs) {
        if (output.star) break;
        ColumnOrigin& origin = origins.emplace_back();
        if (!output.table.empty()) origin = {output.schema, output.table, output.column};
    }
    return origins;
}

void AccessWalk::walk_expression(const Json& node) {
    Level level;
    expression(node, level);
}

void AccessWalk::statement(const Json& wrapper, bool answers) {
    if (!wrapper.is_object() || wrapper.empty()) return;
    const std::string& type = wrapper.begin().key();
    const Json& body = wrapper.begin().value();
    if (among(kHarmless, type)) return;
    if (among(kTransactional, type)) return transaction_access(sql_, type, body, out_);
    if (among(kQueries, type)) {
        query(wrapper, nullptr, nullptr, answers);
    } else if (type == "CopyStmt") {
        copy(body);
    } else if (type == "ExplainStmt") {
        if (option_is_on(body, "analyze")) statement(member(body, "query"), false);
    } else if (type == "PrepareStmt") {
        out_.prepares = text_member(body, "name");
        statement(member(body, "query"), answers);
    } else if (type == "DeclareCursorStmt") {
        out_.declares = text_member(body, "portalname");
        statement(member(body, "query"), answers);
    } else if (type == "ExecuteStmt") {
        out_.executes = text_member(body, "name");
        for (const Json& argument : member(body, "params")) {
            Level level;
            expression(argument, level);
            out_.arguments.push_back(argument_value(sql_, argument));
        }
    } else if (type == "FetchStmt") {
        out_.fetches = text_member(body, "portalname");
    } else if (type == "CreateTableAsStmt" || type == "ViewStmt") {
        create_as(body);
    } else if (type == "VacuumStmt") {
        vacuum(body);
    } else if (type == "DropStmt") {
        drop(body);
    } else if (type == "CreateFunctionStmt") {
        out_.opaque = true;  // its body does nothing yet
    } else if (type == "CallStmt") {
        out_.opaque = true;
        Level level;
        call(member(body, "funccall"), level, 0);
    } else {
        definition(type, body);
    }
}

void AccessWalk::copy(const Json& body) {
    if (body.contains("query")) {
        query(body["query"], nullptr, nullptr);
        return;
    }
    const Json& range_var = member(body, "relation");
    const bool from = body.contains("is_from");
    const std::size_t access = add_access(range_var, from ? AccessKind::insert : AccessKind::read);
    for (const Json& name : member(body, "attlist")) {
        if (from && access != kNone) out_.relations[access].columns.push_back(string_node(name));
    }
    Level level;
    add_target(range_var, {}, level);
    expression(member(body, "whereClause"), level);
}

/// CREATE TABLE AS, CREATE VIEW.
void AccessWalk::create_as(const Json& body) {
    const Json& view = member(body, "view");
    add_access(view.is_null() ? member(member(body, "into"), "rel") : view, AccessKind::whole);
    statement(member(body, "query"), false);
}

/// VACUUM and ANALYZE change nothing that a statement sees, but FULL writes the table anew.
void AccessWalk::vacuum(const Json& body) {
    if (!option_is_on(body, "full")) return;
    const Json& tables = member(body, "rels");
    out_.opaque = out_.opaque || tables.empty();
    whole_of_all(tables);
}

/// All statements that have no rules of their own: of DDL, TRUNCATE and the like it is enough which relations they
/// name.
void AccessWalk::definition(const std::string& type, const Json& body) {
    const std::size_t before = out_.relations.size();
    whole_of_all(body);
    if (const Json& object = member(body, "object"); !object.is_null()) {
        whole_of_name(object, text_member(body, type == "RenameStmt" ? "renameType" : "objtype"));
    }
    const auto is_index = [&](const char* key) {
        const Bytes kind = text_member(body, key);
        return kind == "OBJECT_INDEX" || kind == "REINDEX_OBJECT_INDEX";
    };
    const bool of_index = is_index("objtype") || is_index("renameType") || is_index("kind");
    out_.opaque = out_.opaque || out_.relations.size() == before || of_index;
}

void AccessWalk::drop(const Json& body) {
    const Bytes type = text_member(body, "removeType");
    const Json& objects = member(body, "objects");
    const bool all =
        std::all_of(objects.begin(), objects.end(), [&](const Json& object) { return whole_of_name(object, type); });
    const bool cascades = text_member(body, "behavior") == "DROP_CASCADE";
    out_.opaque = out_.opaque || !all || cascades || type == "OBJECT_INDEX";
}

/// The relation that a list of names is the name of, or of something that belongs to it. False if there is none.
bool AccessWalk::whole_of_name(const Json& object, const Bytes& type) {
    const bool of_relation = among(kOfRelations, type);
    if (!of_relation && !among(kRelations, type)) return false;
    const Json& items = member(member(object, "List"), "items");
    const std::size_t size = items.size() - (of_relation && !items.empty() ? 1 : 0);
    if (size == 0) return false;
    Json range_var;
    range_var["relname"] = member(member(items[size - 1], "String"), "sval");
    if (size > 1) range_var["schemaname"] = member(member(items[size - 2], "String"), "sval");
    add_access(range_var, AccessKind::whole);
    return true;
}

/// Each relation that is named anywhere in it. CASCADE reaches others.
void AccessWalk::whole_of_all(const Json& node) {
    if (text_member(node, "behavior") == "DROP_CASCADE") out_.opaque = true;
    if (node.is_object() && node.contains("relname")) {
        add_access(node, AccessKind::whole);
    } else if (node.is_structured()) {
        for (const Json& part : node) whole_of_all(part);
    }
}

}  // namespace understudy::sql
