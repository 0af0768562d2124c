#include <array>
#include <utility>

#include "core/sql/ddl_parts.hpp"
#include "core/sql/place_walk.hpp"

namespace understudy::sql {
namespace {

using Json = nlohmann::json;

struct ObjectKinds {
    BytesView object;
    DdlKind rename;
    DdlKind drop;
    DdlKind alter;  ///< SET SCHEMA, OWNER TO
};

constexpr std::array<ObjectKinds, 22> kObjects = {{
    {"OBJECT_TABLE", DdlKind::rename_table, DdlKind::drop_table, DdlKind::set_schema},
    {"OBJECT_FOREIGN_TABLE", DdlKind::rename_table, DdlKind::drop_table, DdlKind::set_schema},
    {"OBJECT_VIEW", DdlKind::alter_view, DdlKind::drop_view, DdlKind::alter_view},
    {"OBJECT_MATVIEW", DdlKind::rename_table, DdlKind::drop_matview, DdlKind::set_schema},
    {"OBJECT_SEQUENCE", DdlKind::alter_view, DdlKind::drop_sequence, DdlKind::alter_view},
    {"OBJECT_INDEX", DdlKind::rename_index, DdlKind::drop_index, DdlKind::alter_index},
    {"OBJECT_COLUMN", DdlKind::rename_column, DdlKind::other, DdlKind::other},
    {"OBJECT_TABCONSTRAINT", DdlKind::rename_constraint, DdlKind::other, DdlKind::other},
    {"OBJECT_TRIGGER", DdlKind::rename_trigger, DdlKind::drop_trigger, DdlKind::other},
    {"OBJECT_RULE", DdlKind::create_rule, DdlKind::drop_rule, DdlKind::other},
    {"OBJECT_POLICY", DdlKind::create_policy, DdlKind::drop_policy, DdlKind::other},
    {"OBJECT_TYPE", DdlKind::alter_type, DdlKind::drop_type, DdlKind::alter_type},
    {"OBJECT_DOMAIN", DdlKind::alter_type, DdlKind::drop_type, DdlKind::alter_type},
    {"OBJECT_ATTRIBUTE", DdlKind::alter_type, DdlKind::other, DdlKind::other},
    {"OBJECT_FUNCTION", DdlKind::create_function, DdlKind::drop_function, DdlKind::create_function},
    {"OBJECT_PROCEDURE", DdlKind::create_function, DdlKind::drop_function, DdlKind::create_function},
    {"OBJECT_ROUTINE", DdlKind::create_function, DdlKind::drop_function, DdlKind::create_function},
    {"OBJECT_AGGREGATE", DdlKind::create_function, DdlKind::drop_function, DdlKind::create_function},
    {"OBJECT_SCHEMA", DdlKind::other, DdlKind::other, DdlKind::other},
    {"OBJECT_EXTENSION", DdlKind::other, DdlKind::other, DdlKind::other},
    {"OBJECT_STATISTIC_EXT", DdlKind::other, DdlKind::other, DdlKind::other},
    {"OBJECT_DOMCONSTRAINT", DdlKind::alter_type, DdlKind::other, DdlKind::other},
}};

const ObjectKinds& kinds_of(BytesView object) {
    static constexpr ObjectKinds kUnknown = {"", DdlKind::other, DdlKind::other, DdlKind::other};
    for (const ObjectKinds& kinds : kObjects) {
        if (kinds.object == object) return kinds;
    }
    return kUnknown;
}

void drop(const Json& body, DdlActions& out) {
    const DdlKind kind = kinds_of(text_member(body, "removeType")).drop;
    const bool of_table = kind == DdlKind::drop_trigger || kind == DdlKind::drop_rule || kind == DdlKind::drop_policy;
    for (const Json& object : member(body, "objects")) {
        DdlAction& action = out.emplace_back();
        action.kind = kind;
        action.cascade = text_member(body, "behavior") == "DROP_CASCADE";
        action.if_exists = has_flag(body, "missing_ok");
        action.concurrently = has_flag(body, "concurrent");
        if (const Json* list = body_of(object, "List")) {
            Json names = member(*list, "items");
            if (of_table && !names.empty()) {  // table, trigger
                action.name = string_node(names.back());
                names.erase(names.size() - 1);
            }
            action.relation = qualified_name(names);
        } else if (const Json* type = body_of(object, "TypeName")) {
            action.name = type_of(*type).name;
        } else if (const Json* function = body_of(object, "ObjectWithArgs")) {
            action.name = qualified_name(member(*function, "objname")).name;
        } else {
            action.name = string_node(object);
        }
        if (action.name.empty()) action.name = action.relation.name;
    }
}

void rename(const Json& body, DdlActions& out) {
    DdlAction& action = out.emplace_back();
    action.kind = kinds_of(text_member(body, "renameType")).rename;
    const Json& relation = member(body, "relation");
    action.relation = relation_name(relation);
    action.only = relation.is_object() && !has_flag(relation, "inh");
    action.name = text_member(body, "subname");
    action.new_name = text_member(body, "newname");
    action.if_exists = has_flag(body, "missing_ok");
    if (action.kind == DdlKind::rename_column) action.columns = {action.name};
    const Bytes of = text_member(body, "relationType");
    if (action.kind == DdlKind::rename_column && of == "OBJECT_VIEW") action.kind = DdlKind::alter_view;
    if (const Json* list = body_of(member(body, "object"), "List")) {
        action.name = qualified_name(member(*list, "items")).name;
    }
}

}  // namespace

bool rename_actions(BytesView type, const Json& body, DdlActions& out) {
    if (type == "DropStmt") {
        drop(body, out);
    } else if (type == "RenameStmt") {
        rename(body, out);
    } else if (type == "AlterObjectSchemaStmt") {
        DdlAction& action = out.emplace_back();
        action.kind = kinds_of(text_member(body, "objectType")).alter;
        action.relation = relation_name(member(body, "relation"));
        action.new_name = text_member(body, "newschema");
    } else if (type == "AlterOwnerStmt") {
        out.emplace_back().kind = kinds_of(text_member(body, "objectType")).alter;
    } else {
        return false;
    }
    return true;
}

}  // namespace understudy::sql
