#include <algorithm>
#include <utility>

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
    const auto with = found.schema.empty() ? withs_.find(found.table) : withs_.end();
    if (with == withs_.end()) return found;
    found.derived = true;
    found.group = with->second.group;
    found.outputs = with->second.outputs;
    return found;
}

/// What a relation is made of.
PlaceWalk::Id PlaceWalk::group_of(const Outputs& outputs) {
    const Id group = groups_.open();
    for (const Output& output : outputs) groups_.include(group, output.group);
    return group;
}

/// Outputs can be used by their names, or by those that an alias gives them. Where a `*` is among them, a name can be
/// that of any.
PlaceWalk::SharedOutputs PlaceWalk::define(Outputs outputs, const Json& column_names) {
    const bool stars = std::any_of(outputs.begin(), outputs.end(), [](const Output& output) { return output.star; });
    if (stars && !column_names.empty()) {
        const Id all = group_of(outputs);
        for (Output& output : outputs) output.table.clear();
        for (const Json& name : column_names) {
            outputs.push_back({string_node(name), groups_.open(), false, {}, {}});
            groups_.include(outputs.back().group, all);
        }
    } else {
        for (std::size_t i = 0; i < column_names.size() && i < outputs.size(); ++i) {
            outputs[i].name = string_node(column_names[i]);
        }
    }
    for (const Output& output : outputs) groups_.define_name(output.name, output.group);
    return std::make_shared<const Outputs>(std::move(outputs));
}

void PlaceWalk::from(const Json& node, Scope& scope) {
    if (const Json* table = body_of(node, "RangeVar")) {
        Relation found = relation(*table);
        const Json& names = member(member(*table, "alias"), "colnames");
        Outputs outputs;
        for (std::size_t i = 0; i < names.size(); ++i) {  // users as u(a, b)
            const Id group = groups_.open();
            if (!found.derived) groups_.add_column(group, {found.schema, found.table, {}, i + 1});
            groups_.include(group, found.group);
            groups_.define_name(string_node(names[i]), group);
            outputs.push_back({string_node(names[i]), group, false, {}, {}});
        }
        if (!outputs.empty()) {
            const SharedOutputs others = std::exchange(found.outputs, nullptr);
            star_of(found, outputs);
            if (others != nullptr) outputs.insert(outputs.end(), others->begin(), others->end());
            found.outputs = std::make_shared<const Outputs>(std::move(outputs));
        }
        scope.relations.push_back(std::move(found));
    } else if (const Json* sub = body_of(node, "RangeSubselect")) {
        const Json& alias = member(*sub, "alias");
        const SharedOutputs outputs = define(query(member(*sub, "subquery"), &scope), member(alias, "colnames"));
        scope.relations.push_back({text_member(alias, "aliasname"), {}, {}, true, group_of(*outputs), outputs});
    } else if (const Json* join = body_of(node, "JoinExpr")) {
        from_join(*join, scope);
    } else if (const Json* sample = body_of(node, "RangeTableSample")) {
        from(member(*sample, "relation"), scope);
    } else if (node.is_object() && !node.empty()) {
        from_function(node.begin().value(), scope);
    }
}

void PlaceWalk::from_join(const Json& body, Scope& scope) {
    const std::size_t first = scope.relations.size();
    from(member(body, "larg"), scope);
    from(member(body, "rarg"), scope);
    expression(member(body, "quals"), scope, kNone);
    const Json& shared = member(body, "usingClause");
    for (const Json& name : shared) named(string_node(name), scope, groups_.open());
    const bool natural = body.contains("isNatural");
    for (std::size_t i = first; natural && i < scope.relations.size(); ++i) {
        const SharedOutputs outputs = scope.relations[i].outputs;
        if (outputs == nullptr) continue;
        for (const Output& output : *outputs) {
            if (!output.name.empty()) named(output.name, scope, groups_.open());
        }
    }
    const Json& alias = member(body, "alias");
    const Bytes name = text_member(alias, "aliasname");
    scope.merged = scope.merged || natural || !shared.empty() || !name.empty();
    if (name.empty()) return;
    Outputs outputs;
    for (std::size_t i = first; i < scope.relations.size(); ++i) star_of(scope.relations[i], outputs);
    outputs.push_back({{}, groups_.open(), true, {}, {}});
    const SharedOutputs all = define(std::move(outputs), member(alias, "colnames"));
    scope.relations.push_back({name, {}, {}, true, group_of(*all), all});
}

/// unnest($1) as t(e): what is compared with e or t is compared with the arguments. XMLTABLE and its kind too.
void PlaceWalk::from_function(const Json& body, Scope& scope) {
    const Id group = groups_.open();
    expression(body, scope, group);
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
    scope.relations.push_back({name, {}, {}, true, group, nullptr});
}

}  // namespace understudy::sql
