#include "core/sql/access_walk.hpp"

#include <algorithm>
#include <utility>

#include "core/sql/place_walk.hpp"

namespace understudy::sql {
namespace {

using Json = nlohmann::json;

/// PostgreSQL's MaxTupleAttributeNumber: no answer has more columns.
constexpr std::size_t kMaxOutputs = 1664;
/// Of all stars of a statement: a hostile one could double the outputs with each subquery.
constexpr std::size_t kMaxExpanded = 5'000;

RowLock strength_of(const Bytes& name) {
    if (name == "LCS_FORKEYSHARE") return RowLock::key_share;
    if (name == "LCS_FORSHARE") return RowLock::share;
    if (name == "LCS_FORNOKEYUPDATE") return RowLock::no_key_update;
    return RowLock::update;
}

}  // namespace

AccessWalk::Query AccessWalk::query(const Json& wrapper, Level* parent, const With* with, bool top) {
    if (const Json* body = body_of(wrapper, "SelectStmt")) return select(*body, parent, with, top);
    if (const Json* body = body_of(wrapper, "InsertStmt")) return insert(*body, parent, with, top);
    if (const Json* body = body_of(wrapper, "UpdateStmt")) return update(*body, parent, with, top);
    if (const Json* body = body_of(wrapper, "DeleteStmt")) return delete_from(*body, parent, with, top);
    if (const Json* body = body_of(wrapper, "MergeStmt")) merge(*body, parent, with);
    return {};
}

/// The names that the statement can use. A query of a plain WITH sees those before it, of a recursive one all.
const AccessWalk::With* AccessWalk::open_with(const Json& body, Level* parent, const With* outer) {
    const Json& clause = member(body, "withClause");
    if (clause.is_null()) return outer;
    With& with = withs_.emplace_back();
    with.parent = outer;
    const Json& ctes = member(clause, "ctes");
    for (const Json& wrapper : ctes) {
        const Json* cte = body_of(wrapper, "CommonTableExpr");
        if (cte != nullptr && clause.contains("recursive")) with.queries[text_member(*cte, "ctename")] = nullptr;
    }
    for (const Json& wrapper : ctes) {
        const Json* cte = body_of(wrapper, "CommonTableExpr");
        if (cte == nullptr) continue;
        Outputs outputs = query(member(*cte, "ctequery"), parent, &with).outputs;
        rename(outputs, member(*cte, "aliascolnames"));
        with.queries[text_member(*cte, "ctename")] = std::make_shared<const Outputs>(std::move(outputs));
    }
    return &with;
}

AccessWalk::Query AccessWalk::select(const Json& body, Level* parent, const With* with, bool top) {
    with = open_with(body, parent, with);
    if (const Json& into = member(member(body, "intoClause"), "rel"); !into.is_null()) {
        add_access(into, AccessKind::whole);
    }
    if (body.contains("larg") && body.contains("rarg")) return set_operation(body, parent, with);
    Level level;
    level.parent = parent;
    level.with = with;
    Query made;
    if (body.contains("valuesLists")) {
        made.outputs = values(body["valuesLists"], level);
    } else {
        from_and_where(member(body, "fromClause"), member(body, "whereClause"), level);
        made.outputs = target_list(member(body, "targetList"), level, top);
    }
    for (const char* key :
         {"havingClause", "groupClause", "sortClause", "windowClause", "distinctClause", "limitCount", "limitOffset"}) {
        expression(member(body, key), level);
    }
    finish(level);
    for (const Json& clause : member(body, "lockingClause")) {
        if (const Json* locking = body_of(clause, "LockingClause")) lock(*locking, level);
    }
    for (const Relation& relation : level.relations) {
        made.lockable.insert(made.lockable.end(), relation.accesses.begin(), relation.accesses.end());
    }
    return made;
}

AccessWalk::Query AccessWalk::set_operation(const Json& body, Level* parent, const With* with) {
    Outputs left = select(body["larg"], parent, with, false).outputs;
    const Outputs right = select(body["rarg"], parent, with, false).outputs;
    const auto star = [](const Outputs& outputs) {
        return std::any_of(outputs.begin(), outputs.end(), [](const Output& output) { return output.star; });
    };
    if (star(left) || star(right)) left = {Output{{}, {}, {}, {}, nullptr, true}};
    for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
        Output& one = left[i];
        const Output& other = right[i];
        if (one.schema != other.schema || one.table != other.table || one.column != other.column) one.table.clear();
        if (one.values == nullptr || other.values == nullptr) {
            one.values = nullptr;
            continue;
        }
        auto both = std::make_shared<ValueList>(*one.values);
        both->values.insert(both->values.end(), other.values->values.begin(), other.values->values.end());
        both->complete = both->complete && other.values->complete;
        one.values = std::move(both);
    }
    Level level;
    level.parent = parent;
    level.with = with;
    for (const char* key : {"sortClause", "limitCount", "limitOffset"}) expression(member(body, key), level);
    return {std::move(left), {}};
}

AccessWalk::Outputs AccessWalk::values(const Json& lists, Level& level) {
    std::vector<std::shared_ptr<ValueList>> columns;
    for (const Json& row : lists) {
        const Json* list = body_of(row, "List");
        std::size_t index = 0;
        for (const Json& item : member(list != nullptr ? *list : row, "items")) {
            expression(item, level);
            if (index == columns.size()) columns.push_back(std::make_shared<ValueList>());
            ValueList& found = *columns[index++];
            const auto value = plain_value(sql_, item);
            found.complete = found.complete && value && value->exact;
            if (value) found.values.push_back(*value);
        }
    }
    Outputs outputs;
    for (std::size_t i = 0; i < columns.size() && i < kMaxOutputs; ++i) {
        outputs.push_back({"column" + std::to_string(i + 1), {}, {}, {}, columns[i], false});
    }
    return outputs;
}

/// What the conditions say is known before anything is walked that can refer to the columns.
void AccessWalk::from_and_where(const Json& items, const Json& where, Level& level) {
    for (const Json& item : items) from(item, level);
    gather(where, {}, level);
    conclude(level);
    walk_later(level);
    expression(where, level);
}

AccessWalk::Outputs AccessWalk::target_list(const Json& targets, Level& level, bool top) {
    Outputs outputs;
    std::size_t number = 0;
    bool counted = top;
    for (const Json& wrapper : targets) {
        const Json* one = body_of(wrapper, "ResTarget");
        if (one == nullptr) continue;
        ++number;
        const Json& value = member(*one, "val");
        bool cuts = false;
        const Json* function = body_of(without_casts(value, cuts), "FuncCall");
        if (function != nullptr) {
            call(*function, level, counted ? number : 0);
        } else {
            expression(value, level);
        }
        if (outputs.size() >= kMaxOutputs) continue;
        outputs.push_back(target(*one, value, level));
        if (!outputs.back().star) continue;
        counted = false;
        const Json* reference = body_of(value, "ColumnRef");
        if (level.renumbered || reference == nullptr) continue;
        outputs.pop_back();
        star(schema_name(member(*reference, "fields")), level, outputs);
    }
    if (outputs.size() >= kMaxOutputs) outputs = {Output{{}, {}, {}, {}, nullptr, true}};
    return outputs;
}

/// What `*` or `table.*` stands for.
void AccessWalk::star(const Bytes& table, const Level& level, Outputs& outputs) {
    bool found = false;
    for (const Relation& relation : level.relations) {
        if (!table.empty() && relation.alias != table) continue;
        found = true;
        const std::size_t size = relation.outputs != nullptr ? relation.outputs->size() : 0;
        if (relation.base) {
            outputs.push_back({{}, relation.schema, relation.table, {}, nullptr, true});
        } else if (relation.outputs != nullptr && (expanded_ += size) <= kMaxExpanded) {
            outputs.insert(outputs.end(), relation.outputs->begin(), relation.outputs->end());
        } else {
            outputs.push_back({{}, {}, {}, {}, nullptr, true});
        }
    }
    if (!found) outputs.push_back({{}, {}, {}, {}, nullptr, true});
}

/// One column of the answer; a star as one that is not known.
AccessWalk::Output AccessWalk::target(const Json& one, const Json& value, Level& level) {
    bool cuts = false;
    const Json& inner = without_casts(value, cuts);
    Output made;
    if (const Json* fields = column_fields(value)) {
        if (const auto place = resolve(*fields, level)) made = place->source;
    } else if (const auto plain = plain_value(sql_, value)) {
        made.values = std::make_shared<const ValueList>(ValueList{{*plain}, plain->exact});
    } else if (const Json* function = body_of(inner, "FuncCall")) {
        if (last_name(member(*function, "funcname")) == "unnest" && member(*function, "args").size() == 1) {
            ValueList list = array_values(sql_, member(*function, "args")[0]);
            list.complete = list.complete && !cuts;
            if (!list.values.empty()) made.values = std::make_shared<const ValueList>(std::move(list));
        }
    }
    // A star, of a table or of a row: (address).*
    const Json* reference = body_of(value, "ColumnRef");
    const Json* indirection = body_of(value, "A_Indirection");
    const Json& steps = reference != nullptr     ? member(*reference, "fields")
                        : indirection != nullptr ? member(*indirection, "indirection")
                                                 : Json();
    made.star = steps.is_array() && !steps.empty() && steps.back().contains("A_Star");
    made.name = text_member(one, "name");
    if (made.name.empty()) made.name = output_name(value);
    return made;
}

AccessWalk::Query AccessWalk::update(const Json& body, Level* parent, const With* with, bool top) {
    Level level;
    level.parent = parent;
    level.with = open_with(body, parent, with);
    const std::size_t access = add_access(member(body, "relation"), AccessKind::update);
    add_target(member(body, "relation"), {access}, level);
    from_and_where(member(body, "fromClause"), member(body, "whereClause"), level);
    set_clause(member(body, "targetList"), access, level);
    Outputs outputs = target_list(member(body, "returningList"), level, top);
    finish(level);
    return {std::move(outputs), {}};
}

AccessWalk::Query AccessWalk::delete_from(const Json& body, Level* parent, const With* with, bool top) {
    Level level;
    level.parent = parent;
    level.with = open_with(body, parent, with);
    const std::size_t access = add_access(member(body, "relation"), AccessKind::delete_);
    add_target(member(body, "relation"), {access}, level);
    from_and_where(member(body, "usingClause"), member(body, "whereClause"), level);
    Outputs outputs = target_list(member(body, "returningList"), level, top);
    finish(level);
    return {std::move(outputs), {}};
}

/// PostgreSQL's transformLockingClause: without OF, all in FROM, into subqueries; of two clauses the stronger.
void AccessWalk::lock(const Json& clause, const Level& level) {
    const RowLock strength = strength_of(text_member(clause, "strength"));
    const Bytes policy = text_member(clause, "waitPolicy");
    const auto apply = [&](const Relation& relation) {
        for (const std::size_t index : relation.accesses) {
            if (index >= out_.relations.size()) continue;
            RelationAccess& access = out_.relations[index];
            access.kind = AccessKind::lock;
            access.lock = std::max(access.lock, strength);
            access.nowait = access.nowait || policy == "LockWaitError";
            access.skip_locked = !access.nowait && (access.skip_locked || policy == "LockWaitSkip");
        }
    };
    const Json& named = member(clause, "lockedRels");
    for (const Json& wrapper : named) {
        const Json* range_var = body_of(wrapper, "RangeVar");
        const auto found =
            range_var != nullptr ? level.aliases.find(text_member(*range_var, "relname")) : level.aliases.end();
        if (found != level.aliases.end()) apply(level.relations[found->second]);
    }
    if (named.empty()) std::for_each(level.relations.begin(), level.relations.end(), apply);
}

}  // namespace understudy::sql
