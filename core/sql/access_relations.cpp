#include <algorithm>
#include <utility>

#include "core/sql/access_walk.hpp"
#include "core/sql/place_walk.hpp"

namespace understudy::sql {
using Json = nlohmann::json;

/// Returns kNone beyond the limit, and then the statement may do anything.
std::size_t AccessWalk::add_access(const Json& range_var, AccessKind kind) {
    if (out_.relations.size() >= kMaxAccesses) {
        out_.opaque = true;
        return kNone;
    }
    RelationAccess access;
    access.schema = text_member(range_var, "schemaname");
    access.name = text_member(range_var, "relname");
    access.kind = kind;
    out_.relations.push_back(std::move(access));
    return out_.relations.size() - 1;
}

void AccessWalk::add_relation(Relation relation, Level& level) {
    std::erase(relation.accesses, kNone);
    if (!relation.alias.empty()) level.aliases.emplace(relation.alias, level.relations.size());
    level.relations.push_back(std::move(relation));
}

/// What an INSERT, UPDATE, DELETE or MERGE writes to, which is never a WITH query.
void AccessWalk::add_target(const Json& range_var, Indexes accesses, Level& level) {
    Relation target;
    target.schema = text_member(range_var, "schemaname");
    target.table = text_member(range_var, "relname");
    target.alias = text_member(member(range_var, "alias"), "aliasname");
    if (target.alias.empty()) target.alias = target.table;
    target.base = true;
    target.accesses = std::move(accesses);
    add_relation(std::move(target), level);
}

void AccessWalk::from(const Json& node, Level& level) {
    if (const Json* table = body_of(node, "RangeVar")) return from_table(*table, level);
    if (const Json* join = body_of(node, "JoinExpr")) return from_join(*join, level);
    if (const Json* sample = body_of(node, "RangeTableSample")) {
        level.later.push_back({&member(*sample, "args"), kNone, {}});
        return from(member(*sample, "relation"), level);
    }
    if (!node.is_object() || node.empty()) return;
    const Json& body = node.begin().value();
    level.later.push_back({&node, level.relations.size(), {}});
    add_relation({text_member(member(body, "alias"), "aliasname"), {}, {}, false, {}, nullptr}, level);
}

void AccessWalk::from_table(const Json& body, Level& level) {
    Relation found;
    found.schema = text_member(body, "schemaname");
    found.table = text_member(body, "relname");
    found.alias = text_member(member(body, "alias"), "aliasname");
    if (found.alias.empty()) found.alias = found.table;
    const Json& names = member(member(body, "alias"), "colnames");
    for (const With* with = found.schema.empty() ? level.with : nullptr; with != nullptr; with = with->parent) {
        const auto query = with->queries.find(found.table);
        if (query == with->queries.end()) continue;
        found.outputs = query->second;
        if (found.outputs != nullptr && !names.empty()) {
            Outputs outputs = *found.outputs;
            rename(outputs, names);
            found.outputs = std::make_shared<const Outputs>(std::move(outputs));
        }
        add_relation(std::move(found), level);
        return know_values(level.relations.size() - 1, level);
    }
    found.base = names.empty();  // users as u(a, b): what a is, is not known
    found.accesses.push_back(add_access(body, AccessKind::read));
    add_relation(std::move(found), level);
}

void AccessWalk::from_join(const Json& body, Level& level) {
    const std::size_t first = level.relations.size();
    from(member(body, "larg"), level);
    const std::size_t middle = level.relations.size();
    from(member(body, "rarg"), level);
    const Reach all{first, level.relations.size()};
    const Bytes type = text_member(body, "jointype");
    Reach reach;
    if (type == "JOIN_LEFT") reach = {middle, all.end};
    if (type == "JOIN_RIGHT") reach = {first, middle};
    const Json& condition = member(body, "quals");
    const Reach before = std::exchange(level.visible, all);
    if (type != "JOIN_FULL") gather(condition, reach, level);
    level.later.push_back({&condition, kNone, all});
    use_columns(member(body, "usingClause"), type, {first, middle}, {middle, all.end}, level);
    level.visible = before;
    level.renumbered = level.renumbered || body.contains("usingClause") || body.contains("isNatural");
    const Bytes alias = text_member(member(body, "alias"), "aliasname");
    if (alias.empty()) return;
    for (std::size_t i = first; i < all.end; ++i) {  // the names inside are hidden
        const auto found = level.aliases.find(level.relations[i].alias);
        if (found != level.aliases.end() && found->second == i) level.aliases.erase(found);
    }
    level.renumbered = true;
    add_relation({alias, {}, {}, false, {}, nullptr}, level);
}

/// JOIN … USING (names): equal columns, of which one is left (PostgreSQL docs, "Joined Tables").
void AccessWalk::use_columns(const Json& names, const Bytes& type, Reach left, Reach right, Level& level) {
    for (const Json& wrapper : names) {
        const Bytes name = string_node(wrapper);
        const Merged one = side(name, left, level);
        const Merged other = side(name, right, level);
        Merged made = type == "JOIN_RIGHT" ? other : one;
        if (type == "JOIN_FULL") made = {name, nodes_++, kNone, {}, false};
        made.side = {left.first, right.end};
        if (type == "JOIN_INNER") level.facts.equate(one.node, other.node, {});
        if (type == "JOIN_LEFT") level.facts.equate(one.node, other.node, right);
        if (type == "JOIN_RIGHT") level.facts.equate(one.node, other.node, left);
        for (Merged& merged : level.merged) {
            const bool inside = merged.side.first >= left.first && merged.side.end <= right.end;
            if (inside && merged.name == name) merged.superseded = true;
        }
        level.merged.push_back(std::move(made));
    }
}

/// The column of that name on one side of a join.
AccessWalk::Merged AccessWalk::side(const Bytes& name, Reach range, Level& level) {
    for (const Merged& merged : level.merged) {
        const bool inside = merged.side.first >= range.first && merged.side.end <= range.end;
        if (inside && !merged.superseded && merged.name == name) return merged;
    }
    if (range.end - range.first == 1) return {name, node_of(range.first, name, level), range.first, range, false};
    return {name, nodes_++, kNone, range, false};
}

void AccessWalk::walk_later(Level& level) {
    for (const Later& later : level.later) {
        if (later.relation == kNone) {
            const Reach before = std::exchange(level.visible, later.visible);
            expression(*later.node, level);
            level.visible = before;
        } else {
            derived(*later.node, later.relation, level);
        }
    }
    conclude(level);
}

/// A subquery or function in FROM.
void AccessWalk::derived(const Json& node, std::size_t relation, Level& level) {
    const Json& body = node.begin().value();
    const Json& names = member(member(body, "alias"), "colnames");
    Outputs outputs;
    if (node.contains("RangeSubselect")) {
        Level* parent = body.contains("lateral") ? &level : level.parent;
        Query made = query(member(body, "subquery"), parent, level.with);
        outputs = std::move(made.outputs);
        level.relations[relation].accesses = std::move(made.lockable);
    } else {
        expression(body, level);
        outputs = function_outputs(body, level.relations[relation].alias);
    }
    rename(outputs, names);
    level.relations[relation].outputs = std::make_shared<const Outputs>(std::move(outputs));
    know_values(relation, level);
}

/// The columns of VALUES and unnest() are equal to one of their values.
void AccessWalk::know_values(std::size_t relation, Level& level) {
    const SharedOutputs outputs = level.relations[relation].outputs;
    for (std::size_t i = 0; outputs != nullptr && i < outputs->size() && !(*outputs)[i].star; ++i) {
        const Output& output = (*outputs)[i];
        if (output.name.empty() || output.values == nullptr || !output.values->complete) continue;
        level.facts.one_of(node_of(relation, output.name, level), output.values, {});
    }
}

/// unnest($1, $2) as t(a, b); of other functions nothing is known.
AccessWalk::Outputs AccessWalk::function_outputs(const Json& body, const Bytes& alias) {
    const Outputs unknown = {Output{{}, {}, {}, {}, nullptr, true}};
    const Json& functions = member(body, "functions");
    if (functions.size() != 1 || body.contains("coldeflist")) return unknown;
    const Json& items = member(member(functions[0], "List"), "items");
    const Json* function = items.empty() ? nullptr : body_of(items[0], "FuncCall");
    if (function == nullptr || last_name(member(*function, "funcname")) != "unnest") return unknown;
    Outputs outputs;
    const Json& arguments = member(*function, "args");
    for (const Json& argument : arguments) {
        ValueList list = array_values(sql_, argument);
        // Of several arrays the shorter ones end in NULLs, which are equal to nothing.
        outputs.push_back(
            {arguments.size() == 1 && !alias.empty() ? alias : Bytes("unnest"), {}, {}, {}, nullptr, false});
        if (!list.values.empty()) outputs.back().values = std::make_shared<const ValueList>(std::move(list));
    }
    if (body.contains("ordinality")) outputs.push_back({"ordinality", {}, {}, {}, nullptr, false});
    return outputs;
}

void AccessWalk::rename(Outputs& outputs, const Json& names) {
    std::size_t index = 0;
    for (const Json& name : names) {
        if (index == outputs.size() || outputs[index].star) break;
        outputs[index++].name = string_node(name);
    }
    if (index == names.size()) return;
    // Which column has that name cannot be told any more.
    outputs = {Output{{}, {}, {}, {}, nullptr, true}};
}

}  // namespace understudy::sql
