#include "core/sql/place_walk.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace understudy::sql {
namespace {

/// Statements whose literals are no column's.
constexpr std::array<BytesView, 16> kWithoutValues = {
    "TransactionStmt", "VariableSetStmt", "VariableShowStmt", "DiscardStmt",        "DeallocateStmt", "ClosePortalStmt",
    "NotifyStmt",      "ListenStmt",      "UnlistenStmt",     "LockStmt",           "TruncateStmt",   "VacuumStmt",
    "CheckPointStmt",  "ReindexStmt",     "ClusterStmt",      "ConstraintsSetStmt",
};

}  // namespace

void PlaceWalk::walk(const Json& tree, StatementPlaces& out) {
    statement(tree, out);
    groups_.settle();
    out.places = groups_.places();
    if (!out.executes.empty()) {
        for (ValuePlace& place : out.places) {
            place.argument = static_cast<std::uint32_t>(place.columns.front().position);
            place.columns.clear();
        }
    }
    // The outputs' columns are known only now: until then `position` holds their group.
    for (OutputUse& output : out.outputs) output.columns = groups_.columns(output.columns.front().position);
    if (!out.copy) return;
    for (OutputUse& field : out.copy->fields) {
        if (field.name.empty()) field.columns = groups_.columns(field.columns.front().position);
    }
}

void PlaceWalk::top_outputs(const Outputs& outputs, StatementPlaces& out) {
    for (const Output& output : outputs) {
        out.all_outputs = out.all_outputs || output.star;
        if (output.group != kNone) {
            out.outputs.push_back({output.name, {ColumnUse{{}, {}, {}, output.group}}});
        }
    }
}

void PlaceWalk::statement(const Json& wrapper, StatementPlaces& out) {
    if (!wrapper.is_object() || wrapper.empty()) return;
    const std::string& type = wrapper.begin().key();
    const Json& body = wrapper.begin().value();
    if (type == "SelectStmt" || type == "InsertStmt" || type == "UpdateStmt" || type == "DeleteStmt" ||
        type == "MergeStmt") {
        return top_outputs(query(wrapper, nullptr), out);
    }
    if (type == "CopyStmt") return copy(body, out);
    if (type == "ExecuteStmt") {
        out.executes = text_member(body, "name");
        std::size_t number = 0;
        for (const Json& argument : member(body, "params")) {
            const Id group = groups_.open();
            groups_.add_column(group, ColumnUse{{}, {}, {}, ++number});
            expression(argument, Scope{}, group);
        }
        return;
    }
    if (type == "PrepareStmt" || type == "DeclareCursorStmt" || type == "ExplainStmt" || type == "CreateTableAsStmt" ||
        type == "ViewStmt") {
        if (type == "PrepareStmt") out.prepares = text_member(body, "name");
        if (type == "ExplainStmt") out.explains = true;
        if (type == "DeclareCursorStmt") out.declares = text_member(body, "portalname");
        return statement(member(body, "query"), out);
    }
    if (type == "FetchStmt") {
        out.fetches = text_member(body, "portalname");
        return;
    }
    out.opaque = std::find(kWithoutValues.begin(), kWithoutValues.end(), type) == kWithoutValues.end();
}

PlaceWalk::Outputs PlaceWalk::query(const Json& wrapper, const Scope* parent) {
    if (const Json* body = body_of(wrapper, "SelectStmt")) return select(*body, parent);
    if (const Json* body = body_of(wrapper, "InsertStmt")) return insert(*body, parent);
    if (const Json* body = body_of(wrapper, "UpdateStmt")) return update(*body, parent);
    if (const Json* body = body_of(wrapper, "DeleteStmt")) return delete_from(*body, parent);
    if (const Json* body = body_of(wrapper, "MergeStmt")) return merge(*body, parent);
    return {};
}

void PlaceWalk::with(const Json& body, const Scope* parent) {
    const Json& ctes = member(member(body, "withClause"), "ctes");
    for (const Json& wrapper : ctes) {
        const Json* cte = body_of(wrapper, "CommonTableExpr");
        if (cte == nullptr) continue;
        const Bytes name = text_member(*cte, "ctename");
        With& found = withs_[name];
        found.outputs = nullptr;
        if (found.group != kNone) continue;
        found.group = groups_.open();
        groups_.add_column(found.group, {{}, name, {}, 0});  // where it is not in sight, the name is a table's
    }
    for (const Json& wrapper : ctes) {
        const Json* cte = body_of(wrapper, "CommonTableExpr");
        if (cte == nullptr) continue;
        const SharedOutputs outputs = define(query(member(*cte, "ctequery"), parent), member(*cte, "aliascolnames"));
        const Bytes name = text_member(*cte, "ctename");
        const bool again = !seen_withs_.insert(name).second;
        With& found = withs_[name];
        found.outputs = again ? nullptr : outputs;
        groups_.include(found.group, group_of(*outputs));
    }
}

PlaceWalk::Outputs PlaceWalk::target_list(const Json& targets, const Scope& scope) {
    Outputs outputs;
    for (const Json& wrapper : targets) {
        const Json* target = body_of(wrapper, "ResTarget");
        if (target == nullptr) continue;
        const Json& value = member(*target, "val");
        if (const Json* reference = body_of(value, "ColumnRef")) {
            const Json& fields = member(*reference, "fields");
            if (fields.is_array() && !fields.empty() && fields.back().contains("A_Star")) {
                star(fields, scope, outputs);
                continue;
            }
        }
        Output output{text_member(*target, "name"), groups_.open(), false, {}, {}};
        if (const Json* indirection = body_of(value, "A_Indirection")) {
            const Json& steps = member(*indirection, "indirection");
            output.star = steps.is_array() && !steps.empty() && steps.back().contains("A_Star");
        }
        const bool aliased = !output.name.empty();
        if (!aliased) output.name = output_name(value);
        expression(value, scope, output.group);
        const Json* function = body_of(value, "FuncCall");
        const Json& names = member(function != nullptr ? *function : value, "funcname");
        if (names.is_array() && !names.empty() && string_node(names.back()) == "count") output.group = kNone;
        outputs.push_back(std::move(output));
    }
    // A star of something not known, which may have an output's name, too.
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (!outputs[i].star || !outputs[i].table.empty()) continue;
        const Id opaque = outputs[i].group;
        for (const Output& output : outputs) {
            if (!output.star) groups_.include(output.group, opaque);
        }
    }
    return outputs;
}

PlaceWalk::Outputs PlaceWalk::values(const Json& lists, const Scope& scope) {
    Outputs outputs;
    for (const Json& row : lists) {
        const Json* list = body_of(row, "List");
        std::size_t index = 0;
        for (const Json& item : member(list != nullptr ? *list : row, "items")) {
            if (index == outputs.size()) {
                outputs.push_back({"column" + std::to_string(index + 1), groups_.open(), false, {}, {}});
            }
            expression(item, scope, outputs[index++].group);
        }
    }
    return outputs;
}

PlaceWalk::Outputs PlaceWalk::select(const Json& body, const Scope* parent) {
    Scope scope{{}, parent, false};
    with(body, parent);
    if (body.contains("larg") && body.contains("rarg")) {
        Outputs left = select(body["larg"], parent);
        const Outputs right = select(body["rarg"], parent);
        const auto has_star = [](const Outputs& all) {
            return std::any_of(all.begin(), all.end(), [](const Output& output) { return output.star; });
        };
        const bool by_position = !has_star(left) && !has_star(right);
        for (std::size_t i = 0; i < left.size(); ++i) {
            for (std::size_t k = 0; k < right.size(); ++k) {
                if (!by_position || i == k) groups_.join(left[i].group, right[k].group);
            }
            left[i].table.clear();  // it is one of several
        }
        return left;
    }
    if (body.contains("valuesLists")) return values(body["valuesLists"], scope);
    for (const Json& item : member(body, "fromClause")) from(item, scope);
    Outputs outputs = target_list(member(body, "targetList"), scope);
    for (const char* key : {"whereClause", "havingClause", "groupClause", "sortClause", "windowClause",
                            "distinctClause", "limitCount", "limitOffset"}) {
        expression(member(body, key), scope, kNone);
    }
    return outputs;
}

void PlaceWalk::set_clause(const Json& targets, const Scope& scope, const Relation& target) {
    for (const Json& wrapper : targets) {
        const Json* assigned = body_of(wrapper, "ResTarget");
        if (assigned == nullptr) continue;
        const Id group = groups_.open();
        groups_.add_column(group, {target.schema, target.table, text_member(*assigned, "name"), 0});
        assignment(member(*assigned, "val"), scope, group);
    }
}

PlaceWalk::Outputs PlaceWalk::insert(const Json& body, const Scope* parent) {
    with(body, parent);
    const Relation target = relation(member(body, "relation"));
    Scope scope{{target}, parent, false};
    std::vector<Bytes> columns;
    for (const Json& wrapper : member(body, "cols")) {
        const Json* column = body_of(wrapper, "ResTarget");
        columns.push_back(column != nullptr ? text_member(*column, "name") : Bytes());
    }
    const Outputs stored = query(member(body, "selectStmt"), parent);
    const bool star = std::any_of(stored.begin(), stored.end(), [](const Output& output) { return output.star; });
    Id all = kNone;
    for (std::size_t i = 0; i < stored.size(); ++i) {
        ColumnUse use{target.schema, target.table, {}, star ? 0 : i + 1};
        if (!columns.empty()) use = {target.schema, target.table, i < columns.size() ? columns[i] : Bytes(), 0};
        groups_.add_column(stored[i].group, std::move(use));
        if (star && all != kNone) groups_.join(all, stored[i].group);
        all = stored[i].group;
    }
    if (star) {
        groups_.join_defined(all);
        for (const Bytes& column : columns) groups_.add_column(all, {target.schema, target.table, column, 0});
    }
    const Json& conflict = member(body, "onConflictClause");
    scope.relations.push_back({"excluded", target.schema, target.table, false, kNone, nullptr});
    expression(member(member(conflict, "infer"), "whereClause"), scope, kNone);
    set_clause(member(conflict, "targetList"), scope, target);
    expression(member(conflict, "whereClause"), scope, kNone);
    return target_list(member(body, "returningList"), scope);
}

PlaceWalk::Outputs PlaceWalk::update(const Json& body, const Scope* parent) {
    with(body, parent);
    const Relation target = relation(member(body, "relation"));
    Scope scope{{target}, parent, false};
    for (const Json& item : member(body, "fromClause")) from(item, scope);
    set_clause(member(body, "targetList"), scope, target);
    expression(member(body, "whereClause"), scope, kNone);
    return target_list(member(body, "returningList"), scope);
}

PlaceWalk::Outputs PlaceWalk::delete_from(const Json& body, const Scope* parent) {
    with(body, parent);
    Scope scope{{relation(member(body, "relation"))}, parent, false};
    for (const Json& item : member(body, "usingClause")) from(item, scope);
    expression(member(body, "whereClause"), scope, kNone);
    return target_list(member(body, "returningList"), scope);
}

PlaceWalk::Outputs PlaceWalk::merge(const Json& body, const Scope* parent) {
    with(body, parent);
    const Relation target = relation(member(body, "relation"));
    Scope scope{{target}, parent, false};
    from(member(body, "sourceRelation"), scope);
    expression(member(body, "joinCondition"), scope, kNone);
    for (const Json& wrapper : member(body, "mergeWhenClauses")) {
        if (const Json* clause = body_of(wrapper, "MergeWhenClause")) merge_when(*clause, scope, target);
    }
    return {};
}

void PlaceWalk::merge_when(const Json& clause, const Scope& scope, const Relation& target) {
    expression(member(clause, "condition"), scope, kNone);
    const Json& stored = member(clause, "values");
    if (stored.empty()) return set_clause(member(clause, "targetList"), scope, target);
    const Json& columns = member(clause, "targetList");
    for (std::size_t i = 0; i < stored.size(); ++i) {
        const Id group = groups_.open();
        const Json* column = i < columns.size() ? body_of(columns[i], "ResTarget") : nullptr;
        ColumnUse use{target.schema, target.table, {}, columns.empty() ? i + 1 : 0};
        if (column != nullptr) use.column = text_member(*column, "name");
        groups_.add_column(group, std::move(use));
        expression(stored[i], scope, group);
    }
}

void PlaceWalk::copy(const Json& body, StatementPlaces& out) {
    CopyUse use;
    use.from = body.contains("is_from");
    const Relation target = relation(member(body, "relation"));
    use.schema = target.schema;
    use.table = target.table;
    for (const Json& name : member(body, "attlist")) {
        const Bytes column = string_node(name);
        use.fields.push_back({column, {ColumnUse{target.schema, target.table, column, 0}}});
    }
    const Scope scope{{target}, nullptr, false};
    expression(member(body, "whereClause"), scope, kNone);
    if (body.contains("query")) {
        const Outputs outputs = query(body["query"], nullptr);
        for (const Output& output : outputs) {
            const Id group = output.group == kNone ? groups_.open() : output.group;
            use.fields.push_back({{}, {ColumnUse{{}, {}, {}, group}}});
        }
        if (std::any_of(outputs.begin(), outputs.end(), [](const Output& one) { return one.star; })) use.fields = {};
    }
    const auto letter = [](const Bytes& text, char otherwise) { return text.empty() ? otherwise : text[0]; };
    Bytes quote;
    Bytes escape;
    Bytes delimiter;
    std::optional<Bytes> null;
    for (const Json& wrapper : member(body, "options")) {
        const Json* option = body_of(wrapper, "DefElem");
        if (option == nullptr) continue;
        const Bytes name = text_member(*option, "defname");
        const Bytes value = string_node(member(*option, "arg"));
        if (name == "format" && value == "csv") use.format = CopyUse::Format::csv;
        if (name == "format" && value == "binary") use.format = CopyUse::Format::binary;
        if (name == "delimiter") delimiter = value;
        if (name == "quote") quote = value;
        if (name == "escape") escape = value;
        if (name == "null") null = value;
        if (name == "header") use.header = value != "false" && value != "off" && value != "0";
    }
    const bool csv = use.format == CopyUse::Format::csv;
    use.delimiter = letter(delimiter, csv ? ',' : '\t');
    use.quote = letter(quote, '"');
    use.escape = letter(escape, use.quote);
    use.null = null.value_or(csv ? "" : "\\N");
    out.copy = std::move(use);
}

}  // namespace understudy::sql
