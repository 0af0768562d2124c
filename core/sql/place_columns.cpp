#include <algorithm>

#include "core/sql/place_walk.hpp"

namespace understudy::sql {
namespace {

/// Of all stars of a statement: a hostile one could double the outputs with each subquery.
constexpr std::size_t kMaxExpanded = 5'000;

/// `person.to_jsonb` is to_jsonb(person) where the table has no such column ("Functional notation").
bool is_row_function(BytesView name) { return name.starts_with("to_json") || name.starts_with("row_to_json"); }

}  // namespace

void PlaceWalk::whole_row(const Relation& relation, Id group) {
    if (group == kNone) return;
    if (!relation.derived) return groups_.add_column(group, {relation.schema, relation.table, {}, 0});
    groups_.include(group, relation.group);
}

/// The outputs that a `*` of the relation stands for, as far as they are known.
void PlaceWalk::star_of(const Relation& relation, Outputs& outputs) {
    if (relation.outputs != nullptr && expanded_ + relation.outputs->size() <= kMaxExpanded) {
        expanded_ += relation.outputs->size();
        outputs.insert(outputs.end(), relation.outputs->begin(), relation.outputs->end());
        return;
    }
    const Id group = groups_.open();
    whole_row(relation, group);
    outputs.push_back({{}, group, true, {}, {}});
    if (relation.derived || relation.outputs != nullptr) return;
    outputs.back().schema = relation.schema;
    outputs.back().table = relation.table;
}

/// `*` and `t.*` of a list of outputs.
void PlaceWalk::star(const Json& fields, const Scope& scope, Outputs& outputs) {
    const std::size_t parts = fields.size();
    const Bytes table = parts > 1 ? string_node(fields[parts - 2]) : Bytes();
    bool found = false;
    for (const Scope* level = &scope; level != nullptr && !found; level = table.empty() ? nullptr : level->parent) {
        for (const Relation& relation : level->relations) {
            if (!table.empty() && relation.alias != table) continue;
            found = true;
            star_of(relation, outputs);
        }
    }
    // Others than those that are listed, or in another order.
    if (!found || scope.merged) outputs.push_back({{}, groups_.open(), true, {}, {}});
}

/// The column of that name, if the relation has one.
void PlaceWalk::column_of(const Relation& relation, const Bytes& column, bool qualified, Id group) {
    if (!relation.derived) return groups_.add_column(group, {relation.schema, relation.table, column, 0});
    groups_.add_column(group, {{}, {}, column, 0});
    if (relation.outputs == nullptr) {
        if (qualified) groups_.join(group, relation.group);
        return groups_.include(group, relation.group);
    }
    for (const Output& output : *relation.outputs) {
        if (output.star && !output.table.empty()) {
            groups_.add_column(group, {output.schema, output.table, column, 0});
        } else if (output.star || output.name.empty() || output.name == column) {
            groups_.include(group, output.group);
        }
    }
}

void PlaceWalk::named(const Bytes& column, const Scope& scope, Id group) {
    groups_.add_name(group, column);
    for (const Relation& relation : scope.relations) column_of(relation, column, false, group);
}

void PlaceWalk::column(const Json& fields, const Scope& scope, Id group) {
    if (!fields.is_array() || fields.empty() || group == kNone) return;
    const Bytes column = string_node(fields.back());
    if (column.empty()) {  // row(t.*), f(t.*)
        Outputs outputs;
        star(fields, scope, outputs);
        for (const Output& output : outputs) groups_.include(group, output.group);
        return;
    }
    groups_.add_name(group, column);
    const std::size_t parts = fields.size();
    const Bytes table = parts > 1 ? string_node(fields[parts - 2]) : Bytes();
    bool found = false;
    for (const Scope* level = &scope; level != nullptr; level = level->parent) {
        for (const Relation& relation : level->relations) {
            const bool whole = parts == 1 ? relation.alias == column : relation.table == column;
            const bool of_this = relation.alias == table;
            if (whole || (of_this && is_row_function(column))) whole_row(relation, group);
            if (parts > 2 || (!table.empty() && !of_this)) continue;
            found = true;
            column_of(relation, column, !table.empty(), group);
        }
        if (found && !table.empty()) return;
    }
    if (parts > 2) return groups_.add_column(group, {string_node(fields[parts - 3]), table, column, 0});
    if (!found) groups_.add_column(group, {{}, table, column, 0});
}

}  // namespace understudy::sql
