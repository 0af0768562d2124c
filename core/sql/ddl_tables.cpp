#include <array>
#include <utility>

#include "core/sql/ddl_parts.hpp"
#include "core/sql/place_walk.hpp"

namespace understudy::sql {
namespace {

using Json = nlohmann::json;

/// Subcommands of ALTER TABLE (AlterTableType in nodes/parsenodes.h) that need nothing but their name.
constexpr std::array<std::pair<BytesView, DdlKind>, 57> kSubcommands = {{
    {"AT_AddColumn", DdlKind::add_column},
    {"AT_ColumnDefault", DdlKind::set_default},
    {"AT_DropNotNull", DdlKind::drop_not_null},
    {"AT_SetNotNull", DdlKind::set_not_null},
    {"AT_DropExpression", DdlKind::drop_expression},
    {"AT_SetStatistics", DdlKind::column_options},
    {"AT_SetOptions", DdlKind::column_options},
    {"AT_ResetOptions", DdlKind::column_options},
    {"AT_SetStorage", DdlKind::column_storage},
    {"AT_SetCompression", DdlKind::column_storage},
    {"AT_DropColumn", DdlKind::drop_column},
    {"AT_AddConstraint", DdlKind::add_constraint},
    {"AT_AlterConstraint", DdlKind::alter_constraint},
    {"AT_ValidateConstraint", DdlKind::validate_constraint},
    {"AT_DropConstraint", DdlKind::drop_constraint},
    {"AT_AlterColumnType", DdlKind::alter_column_type},
    {"AT_AlterColumnGenericOptions", DdlKind::column_storage},
    {"AT_ChangeOwner", DdlKind::change_owner},
    {"AT_ClusterOn", DdlKind::table_options},
    {"AT_DropCluster", DdlKind::table_options},
    {"AT_SetLogged", DdlKind::set_logged},
    {"AT_SetUnLogged", DdlKind::set_logged},
    {"AT_SetAccessMethod", DdlKind::set_access_method},
    {"AT_SetTableSpace", DdlKind::set_tablespace},
    {"AT_SetRelOptions", DdlKind::table_options},
    {"AT_ResetRelOptions", DdlKind::table_options},
    {"AT_EnableTrig", DdlKind::switch_trigger},
    {"AT_EnableAlwaysTrig", DdlKind::switch_trigger},
    {"AT_EnableReplicaTrig", DdlKind::switch_trigger},
    {"AT_DisableTrig", DdlKind::switch_trigger},
    {"AT_EnableTrigAll", DdlKind::switch_trigger},
    {"AT_DisableTrigAll", DdlKind::switch_trigger},
    {"AT_EnableTrigUser", DdlKind::switch_trigger},
    {"AT_DisableTrigUser", DdlKind::switch_trigger},
    {"AT_EnableRule", DdlKind::switch_rule},
    {"AT_EnableAlwaysRule", DdlKind::switch_rule},
    {"AT_EnableReplicaRule", DdlKind::switch_rule},
    {"AT_DisableRule", DdlKind::switch_rule},
    {"AT_AddInherit", DdlKind::inherit},
    {"AT_DropInherit", DdlKind::inherit},
    {"AT_AddOf", DdlKind::inherit},
    {"AT_DropOf", DdlKind::inherit},
    {"AT_ReplicaIdentity", DdlKind::replica_identity},
    {"AT_EnableRowSecurity", DdlKind::row_security},
    {"AT_DisableRowSecurity", DdlKind::row_security},
    {"AT_ForceRowSecurity", DdlKind::row_security},
    {"AT_NoForceRowSecurity", DdlKind::row_security},
    {"AT_GenericOptions", DdlKind::column_storage},
    {"AT_AttachPartition", DdlKind::attach_partition},
    {"AT_DetachPartition", DdlKind::detach_partition},
    {"AT_DetachPartitionFinalize", DdlKind::finalize_detach},
    {"AT_AddIdentity", DdlKind::identity},
    {"AT_SetIdentity", DdlKind::identity},
    {"AT_DropIdentity", DdlKind::identity},
    {"AT_AddIndex", DdlKind::add_constraint},
    {"AT_AddIndexConstraint", DdlKind::add_constraint},
    {"AT_DropOids", DdlKind::other},
}};

DdlKind subcommand_kind(BytesView name) {
    for (const auto& [known, kind] : kSubcommands) {
        if (known == name) return kind;
    }
    return DdlKind::other;
}

/// The parts of a column definition: type, default, constraints.
void take_column(const Json& definition, DdlAction& action) {
    action.name = text_member(definition, "colname");
    action.columns = {action.name};
    action.type = type_of(member(definition, "typeName"));
    for (const Json& wrapper : member(definition, "constraints")) {
        const Json* body = body_of(wrapper, "Constraint");
        if (body == nullptr) continue;
        const Bytes type = text_member(*body, "contype");
        if (type == "CONSTR_DEFAULT") action.expression = expression_of(member(*body, "raw_expr"));
        if (type == "CONSTR_GENERATED") {
            action.generated = true;
            action.expression = expression_of(member(*body, "raw_expr"));
        }
        if (type == "CONSTR_IDENTITY") action.identity = true;
        DdlConstraint constraint = constraint_of(*body);
        if (constraint.kind == ConstraintKind::none) continue;
        constraint.columns = {action.name};
        action.constraints.push_back(std::move(constraint));
    }
}

void take_new_type(const Json& definition, DdlAction& action) {
    action.type = type_of(member(definition, "typeName"));
    const Json& conversion = member(definition, "raw_default");
    if (conversion.is_null()) return;
    action.expression = expression_of(conversion);
    const Json* inner = &conversion;
    if (const Json* cast = body_of(conversion, "TypeCast")) {
        if (type_of(member(*cast, "typeName")) != *action.type) return;
        inner = &member(*cast, "arg");
    }
    const Json* column = body_of(*inner, "ColumnRef");
    action.plain_using = column != nullptr && string_list(member(*column, "fields")) == std::vector<Bytes>{action.name};
}

void take_subcommand(const Json& command, DdlAction& action) {
    action.kind = subcommand_kind(text_member(command, "subtype"));
    action.name = text_member(command, "name");
    action.cascade = text_member(command, "behavior") == "DROP_CASCADE";
    action.if_exists = has_flag(command, "missing_ok");
    const Json& definition = member(command, "def");
    switch (action.kind) {
        case DdlKind::add_column:
            if (const Json* column = body_of(definition, "ColumnDef")) take_column(*column, action);
            break;
        case DdlKind::alter_column_type:
            action.columns = {action.name};
            if (const Json* column = body_of(definition, "ColumnDef")) take_new_type(*column, action);
            break;
        case DdlKind::set_default:
            action.columns = {action.name};
            if (definition.is_null()) {
                action.kind = DdlKind::drop_default;
            } else {
                action.expression = expression_of(definition);
            }
            break;
        case DdlKind::add_constraint:
            if (const Json* body = body_of(definition, "Constraint")) {
                action.constraints.push_back(constraint_of(*body));
                action.name = action.constraints.back().name;
                action.columns = action.constraints.back().columns;
            }
            break;
        case DdlKind::attach_partition:
        case DdlKind::detach_partition:
        case DdlKind::finalize_detach:
            if (const Json* body = body_of(definition, "PartitionCmd")) {
                action.other = relation_name(member(*body, "name"));
                action.concurrently = has_flag(*body, "concurrent");
                action.is_default = has_flag(member(*body, "bound"), "is_default");
            }
            break;
        case DdlKind::inherit:
            if (const Json* body = body_of(definition, "RangeVar")) action.other = relation_name(*body);
            break;
        case DdlKind::table_options:
            if (const Json* list = body_of(definition, "List")) {
                for (const Json& wrapper : member(*list, "items")) {
                    const Json* option = body_of(wrapper, "DefElem");
                    if (option != nullptr) action.columns.push_back(text_member(*option, "defname"));
                }
            }
            break;
        case DdlKind::drop_column:
        case DdlKind::set_not_null:
        case DdlKind::drop_not_null:
        case DdlKind::identity:
        case DdlKind::drop_expression: action.columns = {action.name}; break;
        default: break;
    }
}

/// ALTER TABLE is also how ALTER INDEX, VIEW, SEQUENCE, and TYPE … ADD ATTRIBUTE come.
void alter_table(const Json& body, DdlActions& out) {
    const Bytes object = text_member(body, "objtype");
    const Json& relation = member(body, "relation");
    for (const Json& wrapper : member(body, "cmds")) {
        const Json* command = body_of(wrapper, "AlterTableCmd");
        if (command == nullptr) continue;
        DdlAction& action = out.emplace_back();
        action.relation = relation_name(relation);
        action.only = !has_flag(relation, "inh");
        take_subcommand(*command, action);
        if (object == "OBJECT_TYPE") action.kind = DdlKind::alter_type;
        if (object == "OBJECT_INDEX") action.kind = DdlKind::alter_index;
        if (object == "OBJECT_SEQUENCE") action.kind = DdlKind::alter_sequence;
        if (object == "OBJECT_VIEW") action.kind = DdlKind::alter_view;
    }
}

void create_table(const Json& body, DdlActions& out) {
    DdlAction& action = out.emplace_back();
    action.kind = DdlKind::create_table;
    const Json& relation = member(body, "relation");
    action.relation = relation_name(relation);
    action.temporary = text_member(relation, "relpersistence") == "t";
    action.if_exists = has_flag(body, "if_not_exists");
    action.is_default = has_flag(member(body, "partbound"), "is_default");
    const auto add_constraint = [&](const Json& constraint, const Bytes& column) {
        DdlConstraint found = constraint_of(constraint);
        if (found.kind == ConstraintKind::none) return;
        if (!column.empty()) found.columns = {column};
        action.constraints.push_back(std::move(found));
    };
    for (const Json& element : member(body, "tableElts")) {
        if (const Json* constraint = body_of(element, "Constraint")) add_constraint(*constraint, {});
        if (const Json* like = body_of(element, "TableLikeClause")) {
            action.reads.push_back(relation_name(member(*like, "relation")));
        }
        if (const Json* column = body_of(element, "ColumnDef")) {
            for (const Json& wrapper : member(*column, "constraints")) {
                if (const Json* constraint = body_of(wrapper, "Constraint")) {
                    add_constraint(*constraint, text_member(*column, "colname"));
                }
            }
        }
    }
    for (const Json& wrapper : member(body, "inhRelations")) {
        if (const Json* parent = body_of(wrapper, "RangeVar")) action.other = relation_name(*parent);
    }
    action.only = member(body, "partbound").is_null();  // a child by INHERITS, not a partition
}

}  // namespace

bool table_actions(BytesView type, const Json& body, DdlActions& out) {
    if (type == "AlterTableStmt") {
        alter_table(body, out);
    } else if (type == "CreateStmt") {
        create_table(body, out);
    } else {
        return false;
    }
    return true;
}

}  // namespace understudy::sql
