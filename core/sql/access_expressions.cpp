#include <algorithm>
#include <utility>

#include "core/sql/access_walk.hpp"
#include "core/sql/place_walk.hpp"

namespace understudy::sql {

using Json = nlohmann::json;

/// Finds comparisons, subqueries and calls, wherever they stand.
void AccessWalk::expression(const Json& node, Level& level) {
    if (node.is_array()) {
        for (const Json& element : node) expression(element, level);
    } else if (node.is_object()) {
        for (auto it = node.begin(); it != node.end(); ++it) typed(it.key(), it.value(), level);
    }
}

void AccessWalk::typed(const std::string& type, const Json& body, Level& level) {
    if (!body.is_structured() || type == "ColumnRef" || type == "A_Const" || type == "ParamRef") return;
    if (type == "A_Expr") {
        compare(body, level);
    } else if (type == "FuncCall") {
        return call(body, level, 0);
    } else if (type == "SubLink") {
        return sub_link(body, level);
    } else if (type == "CaseExpr") {
        case_of(body, level);
    } else if (type == "TypeCast") {
        return expression(member(body, "arg"), level);
    } else if (type == "SelectStmt") {
        select(body, &level, level.with, false);
        return;
    }
    expression(body, level);
}

void AccessWalk::compare(const Json& body, Level& level) {
    for (const Comparison& comparison : comparisons_of(sql_, body)) {
        const auto place = resolve(*comparison.column, level);
        if (!place) continue;
        for (const PlainValue& value : comparison.values.values) tie(value, place->source, comparison.use);
        if (comparison.other == nullptr) continue;
        const auto other = resolve(*comparison.other, level);
        if (!other) continue;
        tie_all(place->source.values, other->source, comparison.use);
        tie_all(other->source.values, place->source, comparison.use);
    }
}

void AccessWalk::call(const Json& body, Level& level, std::size_t output) {
    const Json& names = member(body, "funcname");
    const Json& arguments = member(body, "args");
    if (out_.functions.size() >= kMaxAccesses) {
        out_.opaque = true;
    } else {
        FunctionUse use{schema_name(names), last_name(names), {}, output};
        for (const Json& argument : arguments) use.arguments.push_back(argument_value(sql_, argument));
        // f(VARIADIC $1) has its elements as arguments.
        if (body.contains("func_variadic") && !use.arguments.empty()) use.arguments.back() = std::nullopt;
        out_.functions.push_back(std::move(use));
    }
    for (const char* key : {"args", "agg_order", "agg_filter", "over"}) expression(member(body, key), level);
}

/// CASE column WHEN value: compared as by =.
void AccessWalk::case_of(const Json& body, Level& level) {
    const Json* fields = column_fields(member(body, "arg"));
    const auto place = fields != nullptr ? resolve(*fields, level) : std::nullopt;
    if (!place) return;
    for (const Json& wrapper : member(body, "args")) {
        const auto value = plain_value(sql_, member(member(wrapper, "CaseWhen"), "expr"));
        if (value) tie(*value, place->source, ValueTie::Use::equal);
    }
}

void AccessWalk::sub_link(const Json& body, Level& level) {
    const Bytes kind = text_member(body, "subLinkType");
    const Json& tested = member(body, "testexpr");
    expression(tested, level);
    const Outputs outputs = query(member(body, "subselect"), &level, level.with).outputs;
    if (kind != "ANY_SUBLINK" && kind != "ALL_SUBLINK") return;
    const Bytes op = body.contains("operName") ? last_name(body["operName"]) : Bytes("=");
    const bool equals = op == "=" || op == "<>" || op == "!=";
    if (!equals && op != "<" && op != "<=" && op != ">" && op != ">=") return;
    const ValueTie::Use use = equals ? ValueTie::Use::equal : ValueTie::Use::range;
    const auto conjunct = level.conjunct_links.find(&body);
    const bool holds = conjunct != level.conjunct_links.end() && kind == "ANY_SUBLINK" && op == "=";
    const Json* row = row_elements(tested);
    const Json single = row == nullptr ? Json::array({tested}) : Json();
    std::size_t index = 0;
    for (const Json& element : row != nullptr ? *row : single) {
        if (index == outputs.size() || outputs[index].star) break;
        compare_output(element, outputs[index++], use, holds ? &conjunct->second : nullptr, level);
    }
}

/// The tested value or column against a column of the subquery; with `holds` it is equal to one of its values.
void AccessWalk::compare_output(const Json& tested, const Output& output, ValueTie::Use use, const Reach* holds,
                                Level& level) {
    if (const auto value = plain_value(sql_, tested)) return tie(*value, output, use);
    const Json* fields = column_fields(tested);
    const auto place = fields != nullptr ? resolve(*fields, level) : std::nullopt;
    if (!place) return;
    tie_all(output.values, place->source, use);
    tie_all(place->source.values, output, use);
    if (holds == nullptr || output.values == nullptr || !output.values->complete) return;
    if (output.values->values.size() <= kMaxRowValues) level.facts.one_of(place->node, output.values, *holds);
}

}  // namespace understudy::sql
