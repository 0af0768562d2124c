#include "schema/check/predict/predict_results.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/sql/lexer.hpp"

namespace understudy::schema {
namespace {

Bytes type_of(const TypeNames& types, std::uint32_t oid) {
    const auto found = types.find(oid);
    return found == types.end() ? Bytes() : found->second;
}

/// Labels that are in `some` and not in `others`.
Bytes missing(const std::vector<Bytes>& some, const std::vector<Bytes>& others) {
    Bytes list;
    for (const Bytes& label : some) {
        if (std::find(others.begin(), others.end(), label) != others.end()) continue;
        list += (list.empty() ? "'" : ", '") + label + "'";
    }
    return list;
}

void labels(const Bytes& column, const Bytes& type, const SchemaFacts& before, const SchemaFacts& after, const Tell& tell) {
    const auto was = before.enums.find(type);
    const auto is = after.enums.find(type);
    if (was == before.enums.end() || is == after.enums.end() || was->second == is->second) return;
    const Bytes gone = missing(was->second, is->second);
    const Bytes come = missing(is->second, was->second);
    const Bytes change = gone.empty() && come.empty() ? Bytes("has its labels in another order")
                         : gone.empty()               ? "can be " + come + " now"
                         : come.empty()               ? "can no longer be " + gone
                                                      : fmt::format("can be {} now, and no longer {}", come, gone);
    // What stood in rows under a label that is gone reads otherwise; a new one has to be written first.
    tell({kNoItem, gone.empty() ? Certainty::possible : Certainty::likely, Severity::risky, "enum_labels", "", type,
          fmt::format("column \"{}\" of the answer is a {}, which {}", column, type, change)});
}

}  // namespace

void predict_results(const ResultTouch& touch, const SchemaFacts& before, const SchemaFacts& after,
                     const std::set<std::pair<Bytes, Bytes>>& retyped, const Tell& tell) {
    const auto& from = touch.before.columns;
    const auto& to = touch.after.columns;
    if (from.size() != to.size()) return;  // which is a finding
    const bool kept = touch.statement.prepared || sql::first_word(touch.statement.sql) == "prepare";
    for (std::size_t i = 0; i < from.size(); ++i) {
        const Bytes type = type_of(touch.types_after, to[i].type_oid);
        if (type.empty() ? from[i].type_oid != to[i].type_oid : type_of(touch.types_before, from[i].type_oid) != type) return;
        if (!type.empty() && before.enums != after.enums) labels(Bytes(to[i].name), type, before, after, tell);
        const auto renewed = [&](const auto& column) {
            return column.second == to[i].name && mentions(touch.statement.sql, column.first);
        };
        const bool modified = from[i].type_modifier != to[i].type_modifier;
        if (!kept || (!modified && std::none_of(retyped.begin(), retyped.end(), renewed))) continue;
        tell({kNoItem, Certainty::possible, Severity::breaks, "held_plan", "0A000", Bytes(to[i].name),
              fmt::format("column \"{}\" of the answer has another {}: sessions that prepared the statement before the migration "
                          "and keep it get \"cached plan must not change result type\"",
                          to[i].name, modified ? "length or precision" : "type of the same name, perhaps")});
    }
}

}  // namespace understudy::schema
