#include <algorithm>
#include <utility>

#include "core/sql/access_walk.hpp"
#include "core/sql/place_walk.hpp"

namespace understudy::sql {

/// The columns that a list names, as the statement's access has them too. One of which only a part is stored into,
/// a[1] or a.b, has no name here. Without a list there is one entry that says so: a star, for columns by position.
AccessWalk::Outputs AccessWalk::listed_columns(const Json& list, std::size_t access) {
    if (access == kNone) return {};
    RelationAccess& target = out_.relations[access];
    Outputs columns;
    for (const Json& wrapper : list) {
        const Json* column = body_of(wrapper, "ResTarget");
        if (column == nullptr) continue;
        target.columns.push_back(text_member(*column, "name"));
        Output made{{}, target.schema, target.name, target.columns.back(), nullptr, false};
        if (column->contains("indirection")) made.column.clear();
        columns.push_back(std::move(made));
    }
    if (columns.empty()) columns.push_back({{}, target.schema, target.name, {}, nullptr, true});
    return columns;
}

namespace {

/// That at `index` of listed_columns().
template <class Outputs>
typename Outputs::value_type stored_column(const Outputs& columns, std::size_t index) {
    if (!columns.empty() && columns.front().star) {
        auto column = columns.front();
        column.column = std::to_string(index + 1);
        return column;
    }
    return index < columns.size() ? columns[index] : typename Outputs::value_type();
}

}  // namespace

AccessWalk::Query AccessWalk::insert(const Json& body, Level* parent, const With* outer, bool top) {
    const With* with = open_with(body, parent, outer);
    const Json& range_var = member(body, "relation");
    const std::size_t access = add_access(range_var, AccessKind::insert);
    const Outputs columns = listed_columns(member(body, "cols"), access);
    const Json& conflict = member(body, "onConflictClause");
    const Bytes action = text_member(conflict, "action");
    const std::size_t update = action == "ONCONFLICT_UPDATE" ? add_access(range_var, AccessKind::update) : kNone;
    Level values;
    values.parent = parent;
    values.with = with;
    const Json& source = member(body, "selectStmt");
    const Json& select = member(source, "SelectStmt");
    const bool known = source.is_null() || (select.contains("valuesLists") && !select.contains("limitCount") &&
                                            !select.contains("limitOffset"));
    if (access != kNone) {
        RelationAccess& made = out_.relations[access];
        made.rows_known = known;
        made.conflict_updates = action == "ONCONFLICT_UPDATE";
        made.conflict_skips = action == "ONCONFLICT_NOTHING";
        if (source.is_null()) made.rows.emplace_back();
    }
    if (!known) {
        insert_outputs(query(source, parent, with).outputs, columns);
    } else if (!source.is_null()) {
        values.with = open_with(select, parent, with);
        insert_rows(select["valuesLists"], access, columns, values);
    }
    Level level;
    level.parent = parent;
    level.with = with;
    add_target(range_var, {}, level);
    Outputs outputs = target_list(member(body, "returningList"), level, top);
    if (!conflict.is_null()) on_conflict(conflict, update, level);
    return {std::move(outputs), {}};
}

void AccessWalk::insert_rows(const Json& lists, std::size_t access, const Outputs& columns, Level& level) {
    for (const Json& wrapper : lists) {
        const Json* list = body_of(wrapper, "List");
        insert_row(member(list != nullptr ? *list : wrapper, "items"), access, columns, level);
    }
}

void AccessWalk::insert_row(const Json& items, std::size_t access, const Outputs& columns, Level& level) {
    std::vector<ColumnValues> row;
    std::size_t index = 0;
    for (const Json& item : items) {
        const Output column = stored_column(columns, index++);
        assignment(item, column, level);
        const auto value = plain_value(sql_, item);
        if (value && value->exact && !column.column.empty()) row.push_back({column.column, {value->ref}});
    }
    if (access == kNone || !out_.relations[access].rows_known) return;
    RelationAccess& target = out_.relations[access];
    kept_values_ += std::max<std::size_t>(row.size(), 1);
    if (kept_values_ > kMaxRowValues) {
        target.rows_known = false;
    } else {
        target.rows.push_back(std::move(row));
    }
}

/// INSERT … SELECT: values that a column of the query is made of.
void AccessWalk::insert_outputs(const Outputs& outputs, const Outputs& columns) {
    for (std::size_t i = 0; i < outputs.size() && !outputs[i].star; ++i) {
        tie_all(outputs[i].values, stored_column(columns, i), ValueTie::Use::stored);
    }
}

void AccessWalk::on_conflict(const Json& clause, std::size_t update, Level& level) {
    const Relation& target = level.relations.front();
    Relation excluded{"excluded", target.schema, target.table, true, {}, nullptr};
    expression(member(member(clause, "infer"), "whereClause"), level);
    add_relation(std::move(excluded), level);
    set_clause(member(clause, "targetList"), update, level);
    expression(member(clause, "whereClause"), level);
}

/// A row of the source without a match is not left out, as with the outer side of a join.
void AccessWalk::merge(const Json& body, Level* parent, const With* outer) {
    const With* with = open_with(body, parent, outer);
    const Json& range_var = member(body, "relation");
    const Json& clauses = member(body, "mergeWhenClauses");
    const auto does = [&](BytesView command) {
        return std::any_of(clauses.begin(), clauses.end(), [&](const Json& wrapper) {
            return text_member(member(wrapper, "MergeWhenClause"), "commandType") == command;
        });
    };
    Indexes matched;
    const std::size_t update = does("CMD_UPDATE") ? add_access(range_var, AccessKind::update) : kNone;
    if (update != kNone) matched.push_back(update);
    if (does("CMD_DELETE")) matched.push_back(add_access(range_var, AccessKind::delete_));
    if (matched.empty()) matched.push_back(add_access(range_var, AccessKind::read));
    const std::size_t insert = does("CMD_INSERT") ? add_access(range_var, AccessKind::insert) : kNone;
    Level level;
    level.parent = parent;
    level.with = with;
    add_target(range_var, matched, level);
    from(member(body, "sourceRelation"), level);
    gather(member(body, "joinCondition"), {0, 1}, level);
    conclude(level);
    walk_later(level);
    expression(member(body, "joinCondition"), level);
    for (const Json& wrapper : clauses) {
        if (const Json* clause = body_of(wrapper, "MergeWhenClause")) merge_when(*clause, update, insert, level);
    }
    finish(level);
}

void AccessWalk::merge_when(const Json& clause, std::size_t update, std::size_t insert, Level& level) {
    expression(member(clause, "condition"), level);
    const Json& stored = member(clause, "values");
    if (text_member(clause, "commandType") == "CMD_UPDATE") {
        return set_clause(member(clause, "targetList"), update, level);
    }
    if (insert == kNone || text_member(clause, "commandType") != "CMD_INSERT") return;
    std::vector<Bytes> before = std::exchange(out_.relations[insert].columns, {});
    const Outputs columns = listed_columns(member(clause, "targetList"), insert);
    std::size_t index = 0;
    for (const Json& value : stored) assignment(value, stored_column(columns, index++), level);
    // Of several inserting clauses no one list is all of them: as if none was written.
    std::vector<Bytes>& listed = out_.relations[insert].columns;
    if (merge_inserted_ && before != listed) listed.clear();
    merge_inserted_ = true;
}

void AccessWalk::set_clause(const Json& targets, std::size_t access, Level& level) {
    for (const Json& wrapper : targets) {
        const Json* assigned = body_of(wrapper, "ResTarget");
        if (assigned == nullptr || access == kNone) continue;
        RelationAccess& target = out_.relations[access];
        const Bytes name = text_member(*assigned, "name");
        target.sets.push_back(name);
        Output column{{}, target.schema, target.name, name, nullptr, false};
        if (assigned->contains("indirection")) column.column.clear();
        assignment(member(*assigned, "val"), column, level);
    }
}

/// The value of `SET column = value`, of a row of VALUES, or of one column of `SET (a, b) = …`, of which the tree
/// repeats the source.
void AccessWalk::assignment(const Json& value, const Output& column, Level& level) {
    const Json* part = body_of(value, "MultiAssignRef");
    if (part == nullptr) {
        if (const auto plain = plain_value(sql_, value)) tie(*plain, column, ValueTie::Use::stored);
        bool cuts = false;
        if (const Json* fields = column_fields(without_casts(value, cuts))) {
            const auto place = resolve(*fields, level);
            if (place) tie_all(place->source.values, column, ValueTie::Use::stored);
        }
        return expression(value, level);
    }
    const Json& source = member(*part, "source");
    const Json& number = member(*part, "colno");
    const std::size_t index = number.is_number_unsigned() ? number.get<std::size_t>() - 1 : 0;
    if (const Json* row = row_elements(source)) {
        if (index < row->size()) assignment((*row)[index], column, level);
        return;
    }
    const Json* link = body_of(source, "SubLink");
    if (link == nullptr) return;
    if (index == 0) assigned_ = query(member(*link, "subselect"), &level, level.with).outputs;
    for (std::size_t i = 0; i < assigned_.size() && !assigned_[i].star; ++i) {
        if (i == index) tie_all(assigned_[i].values, column, ValueTie::Use::stored);
    }
}

}  // namespace understudy::sql
