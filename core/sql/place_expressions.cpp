#include <algorithm>
#include <array>

#include "core/sql/place_walk.hpp"

namespace understudy::sql {
namespace {

using Json = nlohmann::json;

/// Operators that say something about their operands; the answers of others are made of them.
constexpr std::array<BytesView, 24> kTelling = {"=",  "<>", "!=",  "<",  "<=",  ">",   ">=",   "~",
                                                "~*", "!~", "!~*", "~~", "~~*", "!~~", "!~~*", "@>",
                                                "<@", "?",  "?|",  "?&", "&&",  "@@",  "@?",   "^@"};
constexpr std::array<BytesView, 4> kFields = {"->", "->>", "#>", "#>>"};

/// Functions whose constants after the first argument say how, not what.
constexpr std::array<BytesView, 15> kHowAfterFirst = {"substr",       "substring",  "left",   "right",  "lpad",
                                                      "rpad",         "split_part", "round",  "trunc",  "to_char",
                                                      "convert_from", "convert",    "encode", "repeat", "to_date"};
constexpr std::array<BytesView, 4> kHowFirst = {"date_trunc", "date_part", "extract", "timezone"};

/// Types that no table is the type of, as casts mostly name them; those with keywords are pg_catalog's.
constexpr std::array<BytesView, 21> kPlainTypes = {
    "text",     "date", "uuid",  "json",     "jsonb",   "bytea", "timestamptz", "timetz", "inet",    "cidr",  "name",
    "regclass", "oid",  "money", "tsvector", "tsquery", "xml",   "int4",        "int8",   "numeric", "float8"};

template <std::size_t N>
bool among(const std::array<BytesView, N>& names, BytesView name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

Bytes last_name(const Json& names) { return names.is_array() && !names.empty() ? string_node(names.back()) : Bytes(); }

/// The elements of a ROW(…) or (…, …), or nullptr.
const Json* row_of(const Json& node) {
    const Json* row = body_of(node, "RowExpr");
    if (row == nullptr) return nullptr;
    const Json& elements = member(*row, "args");
    return elements.is_array() ? &elements : nullptr;
}

/// Whether a row has a t.* among its elements.
bool has_star(const Json& row) {
    return std::any_of(row.begin(), row.end(), [](const Json& element) {
        const Json& fields = member(member(element, "ColumnRef"), "fields");
        return fields.is_array() && !fields.empty() && fields.back().contains("A_Star");
    });
}

}  // namespace

/// Adds the columns and values of `node` to the group; what is compared inside it gets groups of its own.
void PlaceWalk::expression(const Json& node, const Scope& scope, Id group) {
    if (node.is_array()) {
        for (const Json& element : node) expression(element, scope, group);
    } else if (node.is_object()) {
        for (auto it = node.begin(); it != node.end(); ++it) typed(it.key(), it.value(), scope, group);
    }
}

void PlaceWalk::typed(const std::string& type, const Json& body, const Scope& scope, Id group) {
    if (!body.is_object()) return expression(body, scope, group);
    if (type == "ColumnRef") return column(member(body, "fields"), scope, group);
    if (type == "A_Const") return groups_.add_literal(group, location_of(body));
    if (type == "ParamRef") {
        const Json& number = member(body, "number");
        if (!number.is_number_unsigned()) return;
        return groups_.add_parameter(group, location_of(body), number.get<std::uint32_t>());
    }
    if (type == "A_Expr") return operation(body, scope, group);
    if (type == "TypeCast") return cast(body, scope, group);
    if (type == "FuncCall") return call(body, scope, group);
    if (type == "CaseExpr") return case_of(body, scope, group);
    if (type == "SubLink") return sub_link(body, scope, group);
    if (type == "BoolExpr" || type == "NullTest" || type == "BooleanTest") return expression(body, scope, kNone);
    if (type == "A_Indirection") {
        for (const Json& step : member(body, "indirection")) {
            const Bytes name = string_node(step);
            if (name.empty()) expression(step, scope, kNone);
            if (!name.empty()) groups_.add_column(group, {{}, {}, name, 0});
        }
        return expression(member(body, "arg"), scope, group);
    }
    if (type == "SelectStmt") {
        for (const Output& output : select(body, &scope)) groups_.join(group, output.group);
        return;
    }
    expression(body, scope, group);
}

/// A value of a table's type holds all its columns.
void PlaceWalk::cast(const Json& body, const Scope& scope, Id group) {
    const Json& names = member(member(body, "typeName"), "names");
    const Bytes name = last_name(names);
    const Bytes schema = names.size() > 1 ? string_node(names[names.size() - 2]) : Bytes();
    const bool plain = name.empty() || schema == "pg_catalog" || (schema.empty() && among(kPlainTypes, name));
    if (plain) return expression(member(body, "arg"), scope, group);
    const Id made = group == kNone ? groups_.open() : group;
    groups_.add_column(made, {schema, name, {}, 0, true});
    expression(member(body, "arg"), scope, made);
}

void PlaceWalk::operation(const Json& body, const Scope& scope, Id group) {
    const Bytes kind = text_member(body, "kind");
    const Bytes name = last_name(member(body, "name"));
    const Json& left = member(body, "lexpr");
    const Json& right = member(body, "rexpr");
    const bool computing = kind == "AEXPR_NULLIF" || (kind == "AEXPR_OP" && !among(kTelling, name));
    if (!computing) return compare(left, right, scope);
    const Id made = group == kNone ? groups_.open() : group;  // of an operator that is not known it may tell, too
    expression(left, scope, made);
    expression(right, scope, among(kFields, name) ? kNone : made);
}

void PlaceWalk::compare(const Json& left, const Json& right, const Scope& scope) {
    const Json* row = row_of(left);
    if (row == nullptr) {
        if (row_of(right) != nullptr) return compare(right, left, scope);
        const Id group = groups_.open();
        expression(left, scope, group);
        return expression(right, scope, group);
    }
    if (has_star(*row)) {  // how many there are is not known
        const Id group = groups_.open();
        expression(left, scope, group);
        return expression(right, scope, group);
    }
    std::vector<Id> parts;
    for (const Json& element : *row) {
        parts.push_back(groups_.open());
        expression(element, scope, parts.back());
    }
    const Json* list = body_of(right, "List");
    const Json single = list == nullptr ? Json::array({right}) : Json();
    for (const Json& item : list != nullptr ? member(*list, "items") : single) {
        const Json* other = row_of(item);
        const Json* link = body_of(item, "SubLink");
        const Outputs outputs = link != nullptr ? query(member(*link, "subselect"), &scope) : Outputs();
        const bool uneven = other != nullptr && (other->size() != parts.size() || has_star(*other));
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (uneven) {
                expression(item, scope, parts[i]);
            } else if (other != nullptr && i < other->size()) {
                expression((*other)[i], scope, parts[i]);
            } else if (i < outputs.size()) {
                groups_.join(parts[i], outputs[i].group);
            } else if (other == nullptr && link == nullptr) {
                expression(item, scope, parts[i]);  // (a, b) = $1
            }
        }
    }
}

void PlaceWalk::call(const Json& body, const Scope& scope, Id group) {
    const Bytes name = last_name(member(body, "funcname"));
    if (group == kNone) group = groups_.open();  // WHERE starts_with(email, 'x')
    std::size_t index = 0;
    for (const Json& argument : member(body, "args")) {
        const bool how = index == 0 ? among(kHowFirst, name) : among(kHowAfterFirst, name);
        expression(argument, scope, how && argument.contains("A_Const") ? kNone : group);
        ++index;
    }
    expression(member(body, "agg_order"), scope, body.contains("agg_within_group") ? group : kNone);
    for (const char* key : {"agg_filter", "over"}) expression(member(body, key), scope, kNone);
}

void PlaceWalk::case_of(const Json& body, const Scope& scope, Id group) {
    const bool compares = body.contains("arg");
    const Id compared = compares ? groups_.open() : kNone;
    expression(member(body, "arg"), scope, compared);
    for (const Json& wrapper : member(body, "args")) {
        const Json* when = body_of(wrapper, "CaseWhen");
        if (when == nullptr) continue;
        expression(member(*when, "expr"), scope, compared);
        expression(member(*when, "result"), scope, group);
    }
    expression(member(body, "defresult"), scope, group);
}

void PlaceWalk::sub_link(const Json& body, const Scope& scope, Id group) {
    const Bytes kind = text_member(body, "subLinkType");
    const Outputs outputs = query(member(body, "subselect"), &scope);
    if (kind == "EXPR_SUBLINK" || kind == "ARRAY_SUBLINK") {
        for (const Output& output : outputs) groups_.join(group, output.group);
        return;
    }
    const Json& tested = member(body, "testexpr");
    if (const Json* row = row_of(tested)) {
        for (std::size_t i = 0; i < row->size(); ++i) {
            const Id part = groups_.open();
            expression((*row)[i], scope, part);
            if (i < outputs.size()) groups_.join(part, outputs[i].group);
        }
        return;
    }
    if (tested.is_null() || outputs.empty()) return;
    const Id part = groups_.open();
    expression(tested, scope, part);
    groups_.join(part, outputs[0].group);
}

/// The value of `SET column = value` or of one of `SET (a, b) = …`, of which the tree repeats the source.
void PlaceWalk::assignment(const Json& value, const Scope& scope, Id group) {
    const Json* part = body_of(value, "MultiAssignRef");
    if (part == nullptr) return expression(value, scope, group);
    const Json& source = member(*part, "source");
    const Json& number = member(*part, "colno");
    const std::size_t index = number.is_number_unsigned() ? number.get<std::size_t>() - 1 : 0;
    if (const Json* row = row_of(source)) {
        if (index < row->size()) expression((*row)[index], scope, group);
        return;
    }
    const Json* link = body_of(source, "SubLink");
    if (link == nullptr) return expression(source, scope, group);
    const Outputs outputs = query(member(*link, "subselect"), &scope);
    if (index < outputs.size()) groups_.join(group, outputs[index].group);
}

}  // namespace understudy::sql
