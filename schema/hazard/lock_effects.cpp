#include "schema/hazard/lock_effects.hpp"

#include <algorithm>
#include <set>

#include "core/sql/access.hpp"
#include "schema/hazard/lock_levels.hpp"

namespace understudy::schema::hazard {
namespace {

using sql::ConstraintKind;
using sql::DdlKind;
using sql::RelationName;
using sql::TableLock;

/// Gathers the tables of a statement, each once.
class Gatherer {
public:
    Gatherer(const SchemaFacts& facts, std::vector<LockEffect>& out) : facts_(facts), out_(out) {}

    void add(const RelationName& written, TableLock lock, WorkReason work = {}) {
        if (written.name.empty() || lock == TableLock::none) return;
        const TableFacts* table = facts_.table(written);
        const RelationName& name = table == nullptr ? written : table->name;
        auto found = std::find_if(out_.begin(), out_.end(), [&](const LockEffect& e) { return e.table == name; });
        if (found == out_.end()) {
            out_.emplace_back();
            found = out_.end() - 1;
            found->table = name;
            found->facts = table;
        }
        found->lock = std::max(found->lock, lock);
        if (work.work <= found->work) return;
        found->work = work.work;
        found->why = std::move(work.why);
        found->certain = work.certain;
    }
    void add_descendants(const TableFacts& table, TableLock lock, const sql::DdlAction& action) {
        for (const TableFacts* child : descendants(facts_, table))
            add(child->name, lock, work_of(action, child, facts_));
    }
    void add_all(const std::vector<RelationName>& tables, TableLock lock, const WorkReason& work = {}) {
        for (const RelationName& table : tables) add_tree(table, lock, work);
    }

    /// A table, and its partitions.
    void add_tree(const RelationName& name, TableLock lock, const WorkReason& work = {}) {
        add(name, lock, work);
        const TableFacts* table = facts_.table(name);
        if (table == nullptr) return;
        for (const TableFacts* child : descendants(facts_, *table)) add(child->name, lock, work);
    }
    /// All views over a table, and over these.
    void add_views_over(const TableFacts& table, TableLock lock) { add_chain(table, lock, &TableFacts::dependents); }
    /// All that a view reads, through other views.
    void add_read_by(const TableFacts& view, TableLock lock) { add_chain(view, lock, &TableFacts::reads); }

private:
    void add_chain(const TableFacts& from, TableLock lock, std::vector<RelationName> TableFacts::*next) {
        std::set<const TableFacts*> seen = {&from};
        std::vector<const TableFacts*> open = {&from};
        while (!open.empty()) {
            const TableFacts* table = open.back();
            open.pop_back();
            for (const RelationName& name : table->*next) {
                add(name, lock);
                const TableFacts* found = facts_.table(name);
                if (found != nullptr && seen.insert(found).second) open.push_back(found);
            }
        }
    }

    const SchemaFacts& facts_;
    std::vector<LockEffect>& out_;
};

const WorkReason kLookedUp = {TableWork::scan, "the foreign key's values are looked up in it", true};

bool shares(const std::vector<Bytes>& columns, const Bytes& column) {
    return std::find(columns.begin(), columns.end(), column) != columns.end();
}

/// The tables at the other end of the foreign keys that use a column (or any column, when it is empty).
std::vector<RelationName> foreign_key_partners(const SchemaFacts& facts, const TableFacts& table, const Bytes& column,
                                               bool incoming) {
    std::vector<RelationName> partners;
    for (const ConstraintFacts& constraint : table.constraints) {
        if (constraint.kind != ConstraintKind::foreign_key || constraint.inherited) continue;
        if (column.empty() || shares(constraint.columns, column)) partners.push_back(constraint.references);
    }
    if (!incoming) return partners;
    for (const RelationName& name : table.referenced_by) {
        const TableFacts* other = facts.table(name);
        for (const ConstraintFacts& constraint :
             other == nullptr ? std::vector<ConstraintFacts>() : other->constraints) {
            if (constraint.kind != ConstraintKind::foreign_key || constraint.references != table.name) continue;
            if (column.empty() || shares(constraint.referenced_columns, column)) partners.push_back(name);
        }
    }
    return partners;
}

void add_new_foreign_keys(const sql::DdlAction& action, const SchemaFacts& facts, Gatherer& out) {
    for (const sql::DdlConstraint& constraint : action.constraints) {
        if (constraint.kind != ConstraintKind::foreign_key) continue;
        const bool column_without_value =
            action.kind == DdlKind::add_column && (!action.expression || action.expression->null);
        const bool proved = action.kind != DdlKind::create_table && !constraint.not_valid && !column_without_value;
        out.add(constraint.references, TableLock::share_row_exclusive, proved ? kLookedUp : WorkReason());
        const TableFacts* referenced = facts.table(constraint.references);
        if (referenced == nullptr || referenced->kind != 'p') continue;
        for (const TableFacts* child : descendants(facts, *referenced)) {
            out.add(child->name, TableLock::share_row_exclusive);
        }
    }
}

void add_dropped(const sql::DdlAction& action, const SchemaFacts& facts, const TableFacts& table, Gatherer& out) {
    out.add_all(foreign_key_partners(facts, table, {}, action.cascade), TableLock::access_exclusive);
    for (const TableFacts* child : descendants(facts, table)) out.add(child->name, TableLock::access_exclusive);
    if (action.cascade) out.add_views_over(table, TableLock::access_exclusive);
    for (const RelationName& parent_name : table.parents) {
        const TableFacts* parent = facts.table(parent_name);
        if (parent == nullptr || parent->kind != 'p') continue;
        out.add(parent_name, TableLock::access_exclusive);
        if (parent->default_partition) out.add(*parent->default_partition, TableLock::access_exclusive);
    }
}

void add_dropped_constraint(const sql::DdlAction& action, const TableFacts& table, Gatherer& out) {
    for (const ConstraintFacts& constraint : table.constraints) {
        if (constraint.name != action.name) continue;
        if (constraint.kind == ConstraintKind::foreign_key) {
            out.add_tree(constraint.references, TableLock::access_exclusive);
        }
        if (action.cascade && constraint.kind != ConstraintKind::foreign_key) {
            out.add_all(table.referenced_by, TableLock::access_exclusive);
        }
    }
}

void add_partition_change(const sql::DdlAction& action, const SchemaFacts& facts, const TableFacts* parent,
                          Gatherer& out) {
    const bool attach = action.kind == DdlKind::attach_partition;
    WorkReason proof;
    if (attach) proof = {TableWork::scan, "its rows are proved to belong there, unless a CHECK says so", false};
    const bool weak = action.concurrently || (!attach && facts.known() && facts.server_major < 14);
    out.add(action.other, weak ? TableLock::share_update_exclusive : TableLock::access_exclusive, proof);
    if (parent == nullptr) return;
    if (attach) {
        for (const ConstraintFacts& constraint : parent->constraints) {
            if (constraint.kind == ConstraintKind::foreign_key) {
                out.add_tree(constraint.references, TableLock::share_row_exclusive);
            }
        }
    }
    if (parent->default_partition && !action.concurrently) {
        WorkReason search;
        if (attach) search = {TableWork::scan, "no row of it may belong to the new partition", false};
        out.add(*parent->default_partition, TableLock::access_exclusive, search);
    }
}

/// TRUNCATE … CASCADE goes on from table to table.
void add_emptied(const SchemaFacts& facts, const TableFacts& table, Gatherer& out) {
    std::vector<const TableFacts*> open = {&table};
    std::set<const TableFacts*> seen = {&table};
    while (!open.empty()) {
        const TableFacts* next = open.back();
        open.pop_back();
        for (const RelationName& name : next->referenced_by) {
            out.add_tree(name, TableLock::access_exclusive, {TableWork::empty, {}, true});
            const TableFacts* found = facts.table(name);
            if (found != nullptr && seen.insert(found).second) open.push_back(found);
        }
    }
}

/// What goes with the table that the text names.
void add_related(const sql::DdlAction& action, const SchemaFacts& facts, const TableFacts* table, Gatherer& out) {
    switch (action.kind) {
        case DdlKind::add_column:
        case DdlKind::add_constraint: add_new_foreign_keys(action, facts, out); break;
        case DdlKind::validate_constraint:
            for (const ConstraintFacts& constraint :
                 table == nullptr ? std::vector<ConstraintFacts>() : table->constraints) {
                if (constraint.name == action.name && constraint.kind == ConstraintKind::foreign_key) {
                    if (!constraint.validated) out.add(constraint.references, TableLock::row_share);
                }
            }
            break;
        case DdlKind::drop_column:
        case DdlKind::alter_column_type:
            if (table != nullptr) {
                const bool retyped = action.kind == DdlKind::alter_column_type;
                out.add_all(foreign_key_partners(facts, *table, action.name, retyped || action.cascade),
                            TableLock::access_exclusive,
                            retyped && proves_foreign_keys(action, table) ? kLookedUp : WorkReason());
            }
            break;
        case DdlKind::drop_table:
        case DdlKind::drop_matview:
        case DdlKind::drop_view:
            if (table != nullptr) add_dropped(action, facts, *table, out);
            break;
        case DdlKind::drop_constraint:
            if (table != nullptr) add_dropped_constraint(action, *table, out);
            break;
        case DdlKind::truncate:
            if (table != nullptr && action.cascade) add_emptied(facts, *table, out);
            break;
        case DdlKind::attach_partition:
        case DdlKind::detach_partition: add_partition_change(action, facts, table, out); break;
        case DdlKind::inherit: out.add(action.other, TableLock::access_share); break;
        case DdlKind::grant:
        case DdlKind::revoke:
            if (facts.server_major >= 18) out.add(action.relation, TableLock::access_share);
            break;
        case DdlKind::create_trigger: out.add(action.other, TableLock::access_share); break;
        default: break;
    }
}

/// A table that the statement creates: nobody waits for it, but for those around it.
void add_created(const sql::DdlAction& action, const SchemaFacts& facts, Gatherer& out) {
    for (const RelationName& source : action.reads) out.add(source, TableLock::access_share);
    add_new_foreign_keys(action, facts, out);
    if (action.other.name.empty()) return;
    out.add(action.other, action.only ? TableLock::share_update_exclusive : TableLock::access_exclusive);
    const TableFacts* parent = facts.table(action.other);
    for (const ConstraintFacts& constraint :
         parent == nullptr || action.only ? std::vector<ConstraintFacts>() : parent->constraints) {
        if (constraint.kind == ConstraintKind::foreign_key) {
            out.add_tree(constraint.references, TableLock::share_row_exclusive);
        }
    }
    if (action.only || parent == nullptr || !parent->default_partition) return;
    out.add(*parent->default_partition, TableLock::access_exclusive,
            {TableWork::scan, "no row of it may belong to the new partition", false});
}

void add_query(BytesView statement, const SchemaFacts& facts, Gatherer& out) {
    const auto all = sql::statement_accesses(statement);
    for (const sql::StatementAccess& access : all ? *all : std::vector<sql::StatementAccess>()) {
        for (const sql::RelationAccess& relation : access.relations) {
            TableLock lock = TableLock::row_exclusive;
            if (relation.kind == sql::AccessKind::read) lock = TableLock::access_share;
            if (relation.kind == sql::AccessKind::lock) lock = TableLock::row_share;
            const RelationName name{relation.schema, relation.name};
            if (facts.known() && facts.table(name) == nullptr)
                continue;  // SELECT INTO's own, a sequence, a temporary table
            out.add(name, lock);
        }
    }
}

/// Until 15 partitions' indexes for a UNIQUE constraint are built like others; for a PRIMARY KEY their columns change,
/// too.
TableLock descendants_lock(const sql::DdlAction& action, TableLock lock, const SchemaFacts& facts) {
    const bool index = action.kind == DdlKind::add_constraint && !action.constraints.empty() &&
                       (action.constraints.front().kind == ConstraintKind::unique ||
                        action.constraints.front().kind == ConstraintKind::exclusion);
    const bool weak = facts.known() && facts.server_major <= 15;
    return index && weak ? TableLock::share : lock;
}

/// ALTER DOMAIN proves its constraints on every column of the domain.
void add_domain(const sql::DdlAction& action, const SchemaFacts& facts, Gatherer& out) {
    const bool not_valid = !action.constraints.empty() && action.constraints.front().not_valid;
    if ((action.name != "C" && action.name != "O" && action.name != "V") || not_valid) return;
    for (const TableFacts& table : facts.tables) {
        if (table.kind != 'r' && table.kind != 'm') continue;
        for (const ColumnFacts& column : table.columns) {
            if (column.type != action.relation.name) continue;
            out.add(table.name, TableLock::share,
                    {TableWork::scan, "the domain's constraint is proved on " + column.name, true});
        }
    }
}

void gather(const sql::DdlAction& action, BytesView statement, const SchemaFacts& facts, Gatherer& out) {
    if (action.kind == DdlKind::query) return add_query(statement, facts, out);
    if (action.kind == DdlKind::create_table || action.kind == DdlKind::create_matview) {
        return add_created(action, facts, out);
    }
    if (action.kind == DdlKind::alter_type) return add_domain(action, facts, out);
    const bool by_index = action.kind == DdlKind::drop_index || (action.kind == DdlKind::reindex && action.is_index);
    const TableFacts* table = by_index ? facts.table_of_index(action.relation) : facts.table(action.relation);
    if (action.kind == DdlKind::create_view) {
        for (const RelationName& source : action.reads) out.add(source, TableLock::access_share);
        if (table != nullptr && action.replace) out.add(table->name, TableLock::access_exclusive);
        return;
    }
    const bool is_index =
        table == nullptr && facts.table_of_index(action.relation) != nullptr;  // ALTER TABLE takes it, too
    if ((by_index && table == nullptr) || is_index) return;
    const TableLock lock = lock_of(action);
    out.add(table == nullptr ? action.relation : table->name, lock, work_of(action, table, facts));
    if (table != nullptr && !action.only && recurses(action, *table)) {
        out.add_descendants(*table, descendants_lock(action, lock, facts), action);
    }
    if (action.kind == DdlKind::lock_table && table != nullptr && table->kind == 'v') out.add_read_by(*table, lock);
    if (action.kind == DdlKind::refresh_matview && table != nullptr && !action.no_data) {
        out.add_all(table->reads, TableLock::access_share);
    }
    add_related(action, facts, table, out);
}

}  // namespace

std::vector<LockEffect> lock_effects(const std::vector<sql::DdlAction>& actions, BytesView statement,
                                     const SchemaFacts& facts) {
    std::vector<LockEffect> effects;
    Gatherer out(facts, effects);
    for (const sql::DdlAction& action : actions) gather(action, statement, facts, out);
    return effects;
}

}  // namespace understudy::schema::hazard
