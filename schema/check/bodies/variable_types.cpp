#include "schema/check/bodies/variable_types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/sql/lexer.hpp"
#include "core/sql/literal_text.hpp"

namespace understudy::schema {
namespace {

/// What PL/pgSQL declares in functions of triggers (docs, "Triggers on Data Changes").
constexpr std::array<std::pair<BytesView, BytesView>, 10> kOfTriggers = {{{"tg_name", "name"},
                                                                          {"tg_when", "text"},
                                                                          {"tg_level", "text"},
                                                                          {"tg_op", "text"},
                                                                          {"tg_relid", "oid"},
                                                                          {"tg_relname", "name"},
                                                                          {"tg_table_name", "name"},
                                                                          {"tg_table_schema", "name"},
                                                                          {"tg_nargs", "integer"},
                                                                          {"tg_argv", "text[]"}}};

/// Types that only a call gives a meaning.
bool is_pseudo(BytesView type) {
    return type.starts_with("any") || type == "record" || type == "cstring" || type == "internal" || type == "trigger" ||
           type == "event_trigger" || type == "\"any\"";
}

Bytes of_type(BytesView type) { return Bytes("(null::").append(type) + ")"; }

Bytes of_table(const QualifiedName& table) {
    return of_type(sql::quote_identifier(table.first) + "." + sql::quote_identifier(table.second));
}

Bytes with_fields(Bytes value, const sql::NameReference& reference, std::size_t from) {
    for (std::size_t i = from; i < reference.names.size(); ++i)
        value = "(" + value + "." + sql::quote_identifier(reference.names[i]) + ")";
    return value;
}

}  // namespace

bool VariableTypes::is_variable(const Bytes& name) const {
    const auto named = [&](const auto& each) { return each.name == name; };
    return std::any_of(body_.variables.begin(), body_.variables.end(), named) ||
           std::any_of(routine_.arguments.begin(), routine_.arguments.end(), named);
}

/// Empty where it cannot be told: also for a name that means different things in different blocks.
Bytes VariableTypes::type_of(const Bytes& name) const {
    Bytes type;
    for (const sql::PlpgsqlVariable& variable : body_.variables) {
        if (variable.name != name) continue;
        Bytes its = variable.type;
        if (its.empty()) {
            const auto argument = std::find_if(routine_.arguments.begin(), routine_.arguments.end(),
                                               [&](const Routine::Argument& each) { return each.name == name; });
            if (argument == routine_.arguments.end()) return {};
            its = argument->type;
        }
        if (!type.empty() && type != its) return {};
        type = its;
    }
    if (!type.empty()) return type;
    for (const Routine::Argument& argument : routine_.arguments) {
        if (argument.name == name) return argument.type;
    }
    return {};
}

/// A NULL of the declared type; empty where it cannot be told.
Bytes VariableTypes::value_of_type(const Bytes& type, int depth) const {
    const Bytes lower = sql::to_lower(type);
    if (lower.ends_with("%rowtype")) return of_type(BytesView(type).substr(0, type.size() - 8));
    if (lower.ends_with("%type")) {
        const Bytes place = type.substr(0, type.size() - 5);
        const std::size_t dot = place.rfind('.');
        if (dot != Bytes::npos) return "(" + of_type(BytesView(place).substr(0, dot)) + place.substr(dot) + ")";
        const Bytes other = type_of(sql::to_lower(place));
        return other.empty() || depth >= kMaxDepth ? Bytes() : value_of_type(other, depth + 1);
    }
    if (type.empty() || is_pseudo(lower) || lower.find('%') != Bytes::npos) return {};
    return of_type(type);
}

/// The field of a record that one query fills.
Bytes VariableTypes::field_of_query(const Bytes& name, const Bytes& field, int depth) const {
    Bytes query;
    for (const sql::PlpgsqlVariable& variable : body_.variables) {
        if (variable.name != name) continue;
        if (!query.empty() && query != variable.query) return {};
        query = variable.query;
    }
    if (query.empty() || depth >= kMaxDepth) return {};
    const auto typed = sql::with_typed_variables(
        query, [&](const sql::NameReference& reference) { return stand(reference, depth + 1); },
        [&](std::uint32_t number) { return parameter(number); });
    if (!typed) return {};
    return "(select understudy_row." + sql::quote_identifier(field) + " from (" + *typed + ") understudy_row)";
}

std::optional<sql::Stand> VariableTypes::stand(const sql::NameReference& reference, int depth) const {
    const auto& names = reference.names;
    std::size_t at = 0;
    const bool qualified = names[0] == routine_.name ||
                           std::find(body_.labels.begin(), body_.labels.end(), names[0]) != body_.labels.end();
    if (qualified && !is_variable(names[0]) && names.size() > 1 && is_variable(names[1])) at = 1;
    // libpg_query declares what triggers have as well, without types: so these come first.
    const auto* special = std::find_if(kOfTriggers.begin(), kOfTriggers.end(),
                                       [&](const auto& each) { return each.first == names[at]; });
    Bytes value;
    if (routine_.of_triggers && (names[at] == "new" || names[at] == "old")) {
        if (table_) value = of_table(*table_);
    } else if (routine_.of_triggers && special != kOfTriggers.end()) {
        value = of_type(special->second);
    } else if (is_variable(names[at])) {
        const Bytes type = type_of(names[at]);
        if (type == "record") {
            if (names.size() != at + 2 || reference.star) return sql::Stand{{}, 0, true};
            value = field_of_query(names[at], names[at + 1], depth);
            return value.empty() ? sql::Stand{{}, 0, true} : sql::Stand{value, at + 2, false};
        }
        value = value_of_type(type, depth);
    } else {
        return std::nullopt;
    }
    if (value.empty()) return sql::Stand{{}, 0, true};
    return sql::Stand{with_fields(std::move(value), reference, at + 1), names.size(), false};
}

std::optional<sql::Stand> VariableTypes::stand_for(const sql::NameReference& reference) const {
    return stand(reference, 0);
}

std::optional<Bytes> VariableTypes::parameter(std::uint32_t number) const {
    if (number == 0 || number > routine_.arguments.size()) return std::nullopt;
    const Bytes value = value_of_type(routine_.arguments[number - 1].type, 0);
    return value.empty() ? std::nullopt : std::optional(value);
}

}  // namespace understudy::schema
