#include "core/sql/ddl_parts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/sql/lexer.hpp"
#include "core/sql/parse_tree.hpp"
#include "core/sql/place_walk.hpp"

namespace understudy::sql {
namespace {

using Json = nlohmann::json;

/// "SVFOP_CURRENT_TIMESTAMP_N" is current_timestamp.
Bytes value_function_name(Bytes op) {
    constexpr BytesView kPrefix = "SVFOP_";
    if (op.starts_with(kPrefix)) op.erase(0, kPrefix.size());
    if (op.ends_with("_N")) op.resize(op.size() - 2);
    return to_lower(op);
}

ConstraintKind constraint_kind(BytesView type) {
    if (type == "CONSTR_CHECK") return ConstraintKind::check;
    if (type == "CONSTR_NOTNULL") return ConstraintKind::not_null;
    if (type == "CONSTR_PRIMARY") return ConstraintKind::primary_key;
    if (type == "CONSTR_UNIQUE") return ConstraintKind::unique;
    if (type == "CONSTR_EXCLUSION") return ConstraintKind::exclusion;
    if (type == "CONSTR_FOREIGN") return ConstraintKind::foreign_key;
    return ConstraintKind::none;
}

}  // namespace

RelationName relation_name(const Json& range_var) {
    return {text_member(range_var, "schemaname"), text_member(range_var, "relname")};
}

std::vector<Bytes> string_list(const Json& list) {
    std::vector<Bytes> strings;
    for (const Json& item : list) strings.push_back(string_node(item));
    return strings;
}

RelationName qualified_name(const Json& names) {
    const std::vector<Bytes> parts = string_list(names);
    if (parts.empty()) return {};
    return {parts.size() > 1 ? parts[parts.size() - 2] : Bytes(), parts.back()};
}

bool has_flag(const Json& node, const char* key) {
    const Json& flag = member(node, key);
    return flag.is_boolean() && flag.get<bool>();
}

DdlType type_of(const Json& type_name) {
    DdlType type;
    const RelationName name = qualified_name(member(type_name, "names"));
    type.schema = name.schema;
    type.name = name.name;
    for (const Json& modifier : member(type_name, "typmods")) {
        const Json& value = member(member(modifier, "A_Const"), "ival");
        if (!value.is_object()) {
            type.modifiers.clear();
            break;
        }
        const Json& number = member(value, "ival");  // left out when it is 0
        type.modifiers.push_back(number.is_number_integer() ? number.get<std::int64_t>() : 0);
    }
    type.array = !member(type_name, "arrayBounds").empty();
    return type;
}

DdlExpression expression_of(const Json& expression) {
    DdlExpression found;
    const Json* bare = &expression;
    while (const Json* cast = body_of(*bare, "TypeCast")) bare = &member(*cast, "arg");
    if (const Json* constant = body_of(*bare, "A_Const")) found.null = has_flag(*constant, "isnull");
    std::vector<const Json*> open = {&expression};
    while (!open.empty()) {
        const Json& node = *open.back();
        open.pop_back();
        if (node.is_array()) {
            for (const Json& element : node) open.push_back(&element);
            continue;
        }
        if (!node.is_object()) continue;
        for (auto inner = node.begin(); inner != node.end(); ++inner) {
            if (!inner->is_structured()) continue;
            if (inner.key() == "FuncCall") found.functions.push_back(qualified_name(member(*inner, "funcname")).name);
            if (inner.key() == "SQLValueFunction") {
                found.functions.push_back(value_function_name(text_member(*inner, "op")));
            }
            if (inner.key() == "FuncCall" || inner.key() == "SQLValueFunction" || inner.key() == "ColumnRef" ||
                inner.key() == "SubLink") {
                found.constant = false;
            }
            open.push_back(&*inner);
        }
    }
    std::sort(found.functions.begin(), found.functions.end());
    found.functions.erase(std::unique(found.functions.begin(), found.functions.end()), found.functions.end());
    return found;
}

Bytes value_text(const Json& node) {
    if (const Json* constant = body_of(node, "A_Const")) {
        if (const Json* text = body_of(*constant, "sval")) return text_member(*text, "sval");
        if (const Json* real = body_of(*constant, "fval")) return text_member(*real, "fval");
        if (const Json* truth = body_of(*constant, "boolval")) return has_flag(*truth, "boolval") ? "true" : "false";
        const Json& number = member(member(*constant, "ival"), "ival");
        return number.is_number_integer() ? fmt::format("{}", number.get<std::int64_t>()) : Bytes("0");
    }
    if (const Json* text = body_of(node, "String")) return text_member(*text, "sval");
    if (const Json* integer = body_of(node, "Integer")) {
        const Json& number = member(*integer, "ival");
        return number.is_number_integer() ? fmt::format("{}", number.get<std::int64_t>()) : Bytes("0");
    }
    if (const Json* truth = body_of(node, "Boolean")) return has_flag(*truth, "boolval") ? "true" : "false";
    return {};
}

bool option_on(const Json& options, BytesView name) {
    for (const Json& option : options) {
        const Json* element = body_of(option, "DefElem");
        if (element == nullptr || text_member(*element, "defname") != name) continue;
        const Bytes value = to_lower(value_text(member(*element, "arg")));
        return value != "false" && value != "off" && value != "0" && value != "no";
    }
    return false;
}

DdlConstraint constraint_of(const Json& constraint) {
    DdlConstraint found;
    found.kind = constraint_kind(text_member(constraint, "contype"));
    found.name = text_member(constraint, "conname");
    const bool foreign = found.kind == ConstraintKind::foreign_key;
    found.columns = string_list(member(constraint, foreign ? "fk_attrs" : "keys"));
    if (foreign) found.references = relation_name(member(constraint, "pktable"));
    found.using_index = text_member(constraint, "indexname");
    found.not_valid = has_flag(constraint, "skip_validation");
    return found;
}

}  // namespace understudy::sql
