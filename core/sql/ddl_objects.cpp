#include <array>
#include <utility>

#include "core/sql/ddl_parts.hpp"
#include "core/sql/place_walk.hpp"

namespace understudy::sql {
namespace {

using Json = nlohmann::json;

DdlAction& add(DdlActions& out, DdlKind kind) {
    out.emplace_back().kind = kind;
    return out.back();
}

DdlAction& on_relation(DdlActions& out, DdlKind kind, const Json& body, const char* key = "relation") {
    DdlAction& action = add(out, kind);
    action.relation = relation_name(member(body, key));
    return action;
}

void create_index(const Json& body, DdlActions& out) {
    DdlAction& action = on_relation(out, DdlKind::create_index, body);
    action.name = text_member(body, "idxname");
    action.concurrently = has_flag(body, "concurrent");
    action.if_exists = has_flag(body, "if_not_exists");
    action.unique = has_flag(body, "unique");
    action.only = !has_flag(member(body, "relation"), "inh");
    for (const Json& wrapper : member(body, "indexParams")) {
        const Json* element = body_of(wrapper, "IndexElem");
        if (element == nullptr) continue;
        const Bytes column = text_member(*element, "name");
        if (!column.empty()) action.columns.push_back(column);
    }
}

void vacuum(const Json& body, DdlActions& out) {
    const Json& options = member(body, "options");
    DdlKind kind = has_flag(body, "is_vacuumcmd") ? DdlKind::vacuum : DdlKind::analyze;
    if (kind == DdlKind::vacuum && option_on(options, "full")) kind = DdlKind::vacuum_full;
    for (const Json& wrapper : member(body, "rels")) {
        if (const Json* relation = body_of(wrapper, "VacuumRelation")) on_relation(out, kind, *relation);
    }
    if (member(body, "rels").empty()) add(out, kind);
}

void reindex(const Json& body, DdlActions& out) {
    DdlAction& action = on_relation(out, DdlKind::reindex, body);
    action.concurrently = option_on(member(body, "params"), "concurrently");
    action.is_index = text_member(body, "kind") == "REINDEX_OBJECT_INDEX";
    action.name = text_member(body, "name");
}

/// CREATE TABLE AS and CREATE MATERIALIZED VIEW; SELECT … INTO comes as a SELECT.
void create_as(const Json& body, DdlActions& out) {
    const bool view = text_member(body, "objtype") == "OBJECT_MATVIEW";
    const Json& into = member(body, "into");
    DdlAction& action = on_relation(out, view ? DdlKind::create_matview : DdlKind::create_table, into, "rel");
    action.temporary = text_member(member(into, "rel"), "relpersistence") == "t";
    action.no_data = has_flag(into, "skipData");
    action.if_exists = has_flag(body, "if_not_exists");
}

void enum_value(const Json& body, DdlActions& out) {
    const bool renames = !member(body, "oldVal").is_null();
    DdlAction& action = add(out, renames ? DdlKind::rename_enum_value : DdlKind::add_enum_value);
    action.relation = qualified_name(member(body, "typeName"));
    action.new_name = text_member(body, "newVal");
    action.name = text_member(body, "oldVal");
    action.if_exists = has_flag(body, "skipIfNewValExists");
}

void grant(const Json& body, DdlActions& out) {
    const DdlKind kind = has_flag(body, "is_grant") ? DdlKind::grant : DdlKind::revoke;
    for (const Json& object : member(body, "objects")) {
        DdlAction& action = add(out, kind);
        if (const Json* relation = body_of(object, "RangeVar")) action.relation = relation_name(*relation);
    }
    if (out.empty()) add(out, kind);
}

void comment(const Json& body, DdlActions& out) {
    DdlAction& action = add(out, DdlKind::comment);
    const Bytes type = text_member(body, "objtype");
    const Json* list = body_of(member(body, "object"), "List");
    if (list == nullptr) return;
    Json names = member(*list, "items");
    const bool of_table = type == "OBJECT_COLUMN" || type == "OBJECT_TABCONSTRAINT" || type == "OBJECT_TRIGGER";
    if (of_table && !names.empty()) names.erase(names.size() - 1);
    if (of_table || type == "OBJECT_TABLE" || type == "OBJECT_VIEW" || type == "OBJECT_MATVIEW") {
        action.relation = qualified_name(names);
    }
}

void statistics(const Json& body, DdlActions& out) {
    for (const Json& wrapper : member(body, "relations")) {
        if (const Json* relation = body_of(wrapper, "RangeVar")) {
            add(out, DdlKind::create_statistics).relation = relation_name(*relation);
        }
    }
}

void publication(const Json& body, DdlActions& out) {
    for (const Json& wrapper : member(body, "pubobjects")) {
        const Json* object = body_of(wrapper, "PublicationObjSpec");
        if (object == nullptr || member(*object, "pubtable").is_null()) continue;
        add(out, DdlKind::publication).relation = relation_name(member(member(*object, "pubtable"), "relation"));
    }
}

/// Statements that name one relation in a member, or none, and are told by their type alone.
struct Plain {
    BytesView type;
    DdlKind kind;
    const char* relation;  ///< the member, or nullptr
};
constexpr std::array<Plain, 25> kPlain = {{
    {"RuleStmt", DdlKind::create_rule, "relation"},
    {"CreatePolicyStmt", DdlKind::create_policy, "table"},
    {"AlterPolicyStmt", DdlKind::alter_policy, "table"},
    {"CreateSeqStmt", DdlKind::create_sequence, "sequence"},
    {"AlterSeqStmt", DdlKind::alter_sequence, "sequence"},
    {"CreateEnumStmt", DdlKind::create_type, nullptr},
    {"CreateRangeStmt", DdlKind::create_type, nullptr},
    {"CompositeTypeStmt", DdlKind::create_type, nullptr},
    {"CreateDomainStmt", DdlKind::create_type, nullptr},
    {"CreateFunctionStmt", DdlKind::create_function, nullptr},
    {"AlterFunctionStmt", DdlKind::create_function, nullptr},
    {"DoStmt", DdlKind::run_code, nullptr},
    {"CallStmt", DdlKind::run_code, nullptr},
    {"CreatedbStmt", DdlKind::outside_transaction, nullptr},
    {"DropdbStmt", DdlKind::outside_transaction, nullptr},
    {"CreateTableSpaceStmt", DdlKind::outside_transaction, nullptr},
    {"DropTableSpaceStmt", DdlKind::outside_transaction, nullptr},
    {"AlterSystemStmt", DdlKind::outside_transaction, nullptr},
    {"InsertStmt", DdlKind::query, nullptr},
    {"MergeStmt", DdlKind::query, nullptr},
    {"SelectStmt", DdlKind::query, nullptr},
    {"CopyStmt", DdlKind::query, nullptr},
    {"ExplainStmt", DdlKind::query, nullptr},
    {"PrepareStmt", DdlKind::query, nullptr},
    {"DeclareCursorStmt", DdlKind::query, nullptr},
}};

}  // namespace

bool object_actions(BytesView type, const Json& body, DdlActions& out) {
    if (type == "IndexStmt") {
        create_index(body, out);
    } else if (type == "VacuumStmt") {
        vacuum(body, out);
    } else if (type == "ReindexStmt") {
        reindex(body, out);
    } else if (type == "CreateTableAsStmt") {
        create_as(body, out);
    } else if (type == "AlterEnumStmt") {
        enum_value(body, out);
    } else if (type == "GrantStmt") {
        grant(body, out);
    } else if (type == "CommentStmt") {
        comment(body, out);
    } else if (type == "CreateStatsStmt") {
        statistics(body, out);
    } else if (type == "ViewStmt") {
        on_relation(out, DdlKind::create_view, body, "view").replace = has_flag(body, "replace");
    } else if (type == "RefreshMatViewStmt") {
        DdlAction& action = on_relation(out, DdlKind::refresh_matview, body);
        action.concurrently = has_flag(body, "concurrent");
        action.no_data = has_flag(body, "skipData");
    } else if (type == "ClusterStmt") {
        on_relation(out, DdlKind::cluster, body).name = text_member(body, "indexname");
    } else if (type == "CreateTrigStmt") {
        DdlAction& action = on_relation(out, DdlKind::create_trigger, body);
        action.name = text_member(body, "trigname");
        action.other = relation_name(member(body, "constrrel"));
        action.replace = has_flag(body, "replace");
        action.each_row = has_flag(body, "row");
    } else if (type == "AlterDomainStmt") {
        DdlAction& action = add(out, DdlKind::alter_type);
        action.relation = qualified_name(member(body, "typeName"));
        action.name = text_member(body, "subtype");
        if (const Json* constraint = body_of(member(body, "def"), "Constraint")) {
            action.constraints.push_back(constraint_of(*constraint));
        }
    } else if (type == "CreatePublicationStmt" || type == "AlterPublicationStmt") {
        publication(body, out);
    } else {
        for (const Plain& plain : kPlain) {
            if (plain.type != type) continue;
            DdlAction& action = add(out, plain.kind);
            if (plain.relation != nullptr) action.relation = relation_name(member(body, plain.relation));
            if (type == "CreateEnumStmt" || type == "CreateFunctionStmt") {
                action.name = qualified_name(member(body, type == "CreateEnumStmt" ? "typeName" : "funcname")).name;
            }
            action.replace = has_flag(body, "replace");
            return true;
        }
        return false;
    }
    return true;
}

}  // namespace understudy::sql
