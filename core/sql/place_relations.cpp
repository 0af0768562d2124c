#include "core/sql/parse_tree.hpp"
#include "core/sql/place_walk.hpp"

namespace understudy::sql {

using Json = nlohmann::json;

const Json& member(const Json& node, const char* key) {
    static const Json nothing;
    if (!node.is_object()) return nothing;
    const auto found = node.find(key);
    return found == node.end() ? nothing : *found;
}

Bytes text_member(const Json& node, const char* key) {
    const Json& value = member(node, key);
    return value.is_string() ? name_bytes(value.get_ref<const std::string&>()) : Bytes();
}

const Json* body_of(const Json& wrapper, const char* type) {
    const Json& body = member(wrapper, type);
    return body.is_object() ? &body : nullptr;
}

Bytes string_node(const Json& node) {
    const Json* body = body_of(node, "String");
    return body != nullptr ? text_member(*body, "sval") : Bytes();
}

std::size_t location_of(const Json& node) {
    const Json& location = member(node, "location");
    return location.is_number_unsigned() ? location.get<std::size_t>() : 0;
}

Bytes output_name(const Json& value) {
    if (const Json* reference = body_of(value, "ColumnRef")) {
        const Json& fields = member(*reference, "fields");
        return fields.is_array() && !fields.empty() ? string_node(fields.back()) : Bytes();
    }
    if (const Json* indirection = body_of(value, "A_Indirection")) {
        const Json& steps = member(*indirection, "indirection");
        for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
            if (const Bytes name = string_node(*step); !name.empty()) return name;
        }
        return output_name(member(*indirection, "arg"));
    }
    if (const Json* call = body_of(value, "FuncCall")) {
        const Json& names = member(*call, "funcname");
        return names.is_array() && !names.empty() ? string_node(names.back()) : Bytes();
    }
    if (const Json* cast = body_of(value, "TypeCast")) return output_name(member(*cast, "arg"));
    if (const Json* collate = body_of(value, "CollateClause")) return output_name(member(*collate, "arg"));
    if (value.contains("CoalesceExpr")) return "coalesce";
    if (const Json* operation = body_of(value, "A_Expr")) {
        // ?column?, but a cast around it has the name of its type, which is not looked at.
        if (text_member(*operation, "kind") == "AEXPR_NULLIF") return "nullif";
    }
    return {};
}

PlaceWalk::Relation PlaceWalk::relation(const Json& range_var) {
    Relation found;
    found.schema = text_member(range_var, "schemaname");
    found.table = text_member(range_var, "relname");
    found.alias = text_member(member(range_var, "alias"), "aliasname");
    if (found.alias.empty()) found.alias = found.table;
    found.derived = found.schema.empty() && with_names_.contains(found.table);
    return found;
}

/// Outputs can be used by their names, or by those that an alias gives them.
void PlaceWalk::define(const Outputs& outputs, const Json& column_names) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        groups_.define_name(i < column_names.size() ? string_node(column_names[i]) : outputs[i].name, outputs[i].group);
    }
}

void PlaceWalk::from(const Json& node, Scope& scope) {
    if (const Json* table = body_of(node, "RangeVar")) {
        Relation found = relation(*table);
        const Json& names = member(member(*table, "alias"), "colnames");
        for (std::size_t i = 0; i < names.size(); ++i) {  // users as u(a, b)
            const Id group = groups_.open();
            if (!found.derived) groups_.add_column(group, {found.schema, found.table, {}, i + 1});
            groups_.define_name(string_node(names[i]), group);
        }
        scope.relations.push_back(std::move(found));
    } else if (const Json* sub = body_of(node, "RangeSubselect")) {
        const Json& alias = member(*sub, "alias");
        define(query(member(*sub, "subquery"), &scope), member(alias, "colnames"));
        scope.relations.push_back({text_member(alias, "aliasname"), {}, {}, true, kNone});
    } else if (const Json* join = body_of(node, "JoinExpr")) {
        from(member(*join, "larg"), scope);
        from(member(*join, "rarg"), scope);
        expression(member(*join, "quals"), scope, kNone);
        const Bytes alias = text_member(member(*join, "alias"), "aliasname");
        if (!alias.empty()) scope.relations.push_back({alias, {}, {}, true, kNone});
    } else if (const Json* function = body_of(node, "RangeFunction")) {
        from_function(*function, scope);
    } else if (const Json* sample = body_of(node, "RangeTableSample")) {
        from(member(*sample, "relation"), scope);
    } else {
        expression(node, scope, groups_.open());
    }
}

/// unnest($1) as t(e): what is compared with e or t is compared with the arguments.
void PlaceWalk::from_function(const Json& body, Scope& scope) {
    const Id group = groups_.open();
    expression(member(body, "functions"), scope, group);
    const Json& alias = member(body, "alias");
    const Bytes name = text_member(alias, "aliasname");
    groups_.define_name(name, group);
    for (const Json& column : member(alias, "colnames")) groups_.define_name(string_node(column), group);
    for (const Json& wrapper : member(body, "coldeflist")) {
        if (const Json* definition = body_of(wrapper, "ColumnDef")) {
            groups_.define_name(text_member(*definition, "colname"), group);
        }
    }
    for (const Json& function : member(body, "functions")) {
        const Json* list = body_of(function, "List");
        for (const Json& item : member(list != nullptr ? *list : function, "items")) {
            groups_.define_name(output_name(item), group);
        }
    }
    scope.relations.push_back({name, {}, {}, true, group});
}

void PlaceWalk::column(const Json& fields, const Scope& scope, Id group) {
    if (!fields.is_array() || fields.empty() || group == kNone) return;
    const Bytes column = string_node(fields.back());
    if (column.empty()) return;  // a star
    groups_.add_name(group, column);
    const std::size_t parts = fields.size();
    const Bytes table = parts > 1 ? string_node(fields[parts - 2]) : Bytes();
    if (parts > 2) return groups_.add_column(group, {string_node(fields[parts - 3]), table, column, 0});
    bool found = false;
    for (const Scope* level = &scope; level != nullptr; level = level->parent) {
        for (const Relation& relation : level->relations) {
            if (!table.empty() && relation.alias != table) continue;
            found = true;
            if (relation.derived) {
                groups_.add_column(group, {{}, {}, column, 0});
                if (!table.empty()) groups_.join(group, relation.group);
            } else {
                groups_.add_column(group, {relation.schema, relation.table, column, 0});
            }
        }
        if (found && !table.empty()) return;
    }
    if (!found) groups_.add_column(group, {{}, table, column, 0});
}

}  // namespace understudy::sql
