#include <array>

#include "core/catalog/snapshot/change_rules.hpp"

namespace understudy::catalog {
namespace {

using enum ChangeClass;
using enum ChangeKind;

struct Rule {
    BytesView object;    ///< kind; empty: any
    BytesView property;  ///< empty: any
    ChangeKind kind;
    ChangeClass what;
    BytesView why;
};

/// For each change the first that fits counts, with those directly below it of the same object, property and kind.
constexpr std::array kRules{
    Rule{"relation", "", removed, breaks_readers, "statements that name it fail with 42P01"},
    Rule{"relation", "", removed, breaks_writers, "statements that write to it fail with 42P01"},
    Rule{"relation", "kind", changed, breaks_writers,
         "what can be written, locked, or given to ON CONFLICT depends on the kind"},
    Rule{"relation", "kind", changed, behaviour,
         "a partitioned table's ONLY returns nothing, a view's rows are its query's"},
    Rule{"relation", "owner", changed, privilege,
         "the former owner loses what owners may; a view reads with the new owner's rights"},
    Rule{"relation", "row security", changed, privilege,
         "rows are hidden or shown without an error; INSERT may fail with 42501"},
    Rule{"relation", "row security forced", changed, privilege, "the owner is subject to the policies, or no longer"},
    Rule{"relation", "persistence", changed, behaviour, "unlogged rows are gone after a crash, and not on standbys"},
    Rule{"relation", "replica identity", changed, breaks_writers,
         "UPDATE and DELETE of a published table without one fail with 55000"},
    Rule{"relation", "column order", changed, behaviour, "SELECT * and INSERT without a column list work by position"},
    Rule{"relation", "partition key", changed, breaks_writers, "rows without a partition are refused with 23514"},
    Rule{"relation", "partition bound", changed, breaks_writers, "rows that no partition takes are refused with 23514"},
    Rule{"relation", "parents", changed, behaviour, "its rows are, or are no longer, among those of the parent"},
    Rule{"relation", "definition", changed, behaviour, "the query behind it is another: other rows or values"},
    Rule{"relation", "populated", changed, breaks_readers,
         "a materialized view that is not populated cannot be read: 55000"},
    Rule{"relation", "foreign server", changed, behaviour, "its rows are another server's"},
    Rule{"relation", "foreign options", changed, behaviour, "its rows may be another table's"},
    Rule{"relation", "tablespace", changed, compatible, "where rows lie does not change answers"},
    Rule{"relation", "access method", changed, compatible, "how rows are stored does not change answers"},
    Rule{"relation", "of type", changed, compatible, "columns are compared by themselves"},
    Rule{"column", "collation", changed, behaviour,
         "order, ranges and, for nondeterministic ones, equality follow the collation"},
    Rule{"column", "collation provider", changed, behaviour, "order and ranges follow the provider"},
    Rule{"column", "expression", changed, behaviour, "the generated value is another"},
    Rule{"column", "inherited", changed, compatible, "it matters only when the parent's column is dropped"},
    Rule{"column", "foreign options", changed, behaviour, "its values may be another column's"},
    Rule{"column", "not null state", changed, compatible, "new rows are checked in either state"},
    Rule{"column", "not null constraint", changed, compatible, "only a migration that names the constraint notices"},
    Rule{"column", "", changed, compatible, "storage and statistics do not change answers"},
    Rule{"constraint", "triggers", changed, behaviour, "a foreign key whose triggers are disabled is not enforced"},
    Rule{"constraint", "", changed, compatible, "new rows are checked in either state"},
    Rule{"domain constraint", "", changed, compatible, "new values are checked in either state"},
    Rule{"index", "", removed, behaviour, "the same rows, perhaps tens of times slower"},
    Rule{"index", "", added, compatible,
         "plans may change, answers do not; while it is built without CONCURRENTLY, writers wait"},
    Rule{"index", "not valid", changed, behaviour, "an index that is not valid is not used: the same rows, slower"},
    Rule{"index", "unique", changed, breaks_writers,
         "duplicates are refused with 23505 or get in; ON CONFLICT may fail with 42P10"},
    Rule{"index", "nulls not distinct", changed, breaks_writers, "a second NULL is refused with 23505, or gets in"},
    Rule{"index", "keys", changed, behaviour, "other queries are fast; a unique one refuses other rows"},
    Rule{"index", "where", changed, behaviour,
         "other queries are fast; a unique one refuses other rows, ON CONFLICT may not find it"},
    Rule{"index", "method", changed, behaviour, "other queries are fast"},
    Rule{"index", "primary", changed, behaviour, "GROUP BY and ON CONFLICT without columns rest on the primary key"},
    Rule{"index", "replica identity", changed, breaks_writers,
         "UPDATE and DELETE of a published table without one fail with 55000"},
    Rule{"index", "", changed, compatible, "plans may change, answers do not"},
    Rule{"trigger", "", added, behaviour, "it may refuse (P0001), change or skip rows, or write elsewhere"},
    Rule{"trigger", "", removed, behaviour, "what it did to rows, or elsewhere, is no longer done"},
    Rule{"trigger", "", changed, behaviour, "it is run at other times, or does something else"},
    Rule{"rule", "", added, behaviour, "what statements on the relation do is rewritten"},
    Rule{"rule", "", removed, behaviour, "statements on the relation do what they say again"},
    Rule{"rule", "", changed, behaviour, "statements on the relation are rewritten otherwise"},
    Rule{"policy", "", added, privilege, "other rows are seen or may be written, without an error where they are read"},
    Rule{"policy", "", removed, privilege,
         "rows that it let through are hidden without an error, or those that it hid are seen"},
    Rule{"policy", "", changed, privilege,
         "other rows are seen or may be written, without an error where they are read"},
    Rule{"function", "", removed, breaks_readers, "calls fail with 42883, or mean another function of that name"},
    Rule{"function", "kind", changed, breaks_readers, "a procedure is called otherwise than a function: 42809"},
    Rule{"function", "result", changed, breaks_readers, "callers get another type: 42883, 42804, or other answers"},
    Rule{"function", "arguments", changed, breaks_readers,
         "calls that leave out, or name, an argument may fail with 42883"},
    Rule{"function", "security definer", changed, privilege, "its body runs with other rights: 42501, or other rows"},
    Rule{"function", "owner", changed, privilege, "a security definer's body runs with the new owner's rights"},
    Rule{"function", "cost", changed, compatible, "plans may change, answers do not"},
    Rule{"function", "rows", changed, compatible, "plans may change, answers do not"},
    Rule{"function", "support", changed, compatible, "plans may change, answers do not"},
    Rule{"function", "parallel", changed, compatible, "plans may change, answers do not"},
    Rule{"function", "leakproof", changed, compatible, "plans may change, answers do not"},
    Rule{"function", "", changed, behaviour, "it may compute something else, or be evaluated another number of times"},
    Rule{"sequence", "", removed, breaks_writers, "nextval() and defaults that use it fail with 42P01"},
    Rule{"sequence", "", added, compatible, "no recorded statement names what was not there"},
    Rule{"sequence", "maximum", changed, breaks_writers, "a sequence at its end fails with 2200H"},
    Rule{"sequence", "minimum", changed, breaks_writers,
         "a sequence that counts down and is at its end fails with 2200H"},
    Rule{"sequence", "type", changed, breaks_writers, "a smaller type ends earlier: 2200H, or 22003 in the column"},
    Rule{"sequence", "cycle", changed, behaviour,
         "at its end it fails with 2200H, or begins again and gives keys that are taken"},
    Rule{"sequence", "increment", changed, behaviour, "it gives other values"},
    Rule{"sequence", "owner", changed, privilege, "the former owner loses what owners may"},
    Rule{"sequence", "", changed, compatible, "values that it gives are in the same order"},
    Rule{"enum", "", removed, breaks_readers, "statements that name the type fail with 42704"},
    Rule{"domain", "", removed, breaks_readers, "statements that name the type fail with 42704"},
    Rule{"domain", "not null", changed, breaks_writers, "NULL is refused with 23502, or no longer"},
    Rule{"domain", "not null constraint", changed, compatible, "only a migration that names the constraint notices"},
    Rule{"domain", "", changed, behaviour, "values of the type behave otherwise"},
    Rule{"range", "", removed, breaks_readers, "statements that name the type fail with 42704"},
    Rule{"range", "", changed, behaviour, "comparisons and values of the type follow what it is made of"},
    Rule{"composite type", "", removed, breaks_readers, "statements that name the type fail with 42704"},
    Rule{"composite type", "column order", changed, behaviour, "rows are written and read by position"},
    Rule{"base type", "", removed, breaks_readers, "statements that name the type fail with 42704"},
    Rule{"base type", "", changed, behaviour, "values of the type are read and written otherwise"},
    Rule{"schema", "", removed, breaks_readers, "statements that name it fail with 3F000 or 42P01"},
    Rule{"schema", "owner", changed, privilege, "the former owner loses what owners may"},
    Rule{"extension", "", removed, breaks_readers,
         "calls of its functions fail with 42883, uses of its types with 42704"},
    Rule{"extension", "", changed, behaviour, "its functions are another version's"},
    Rule{"database", "owner", changed, privilege, "the former owner loses what owners may"},
    Rule{"database", "", changed, behaviour,
         "order, comparisons and characters follow encoding, collation and provider"},
    Rule{"event trigger", "", added, behaviour, "it acts on, or refuses, commands that define things"},
    Rule{"event trigger", "", removed, behaviour, "what it did is no longer done"},
    Rule{"event trigger", "", changed, behaviour, "it acts on other commands, or otherwise"},
    Rule{"publication", "", added, breaks_writers,
         "UPDATE and DELETE of a published table without a replica identity fail with 55000"},
    Rule{"publication", "", removed, behaviour, "subscribers no longer get changes"},
    Rule{"publication", "tables", changed, breaks_writers,
         "UPDATE and DELETE of a published table without a replica identity fail with "
         "55000"},
    Rule{"publication", "schemas", changed, breaks_writers,
         "UPDATE and DELETE of a published table without a replica identity fail with 55000"},
    Rule{"publication", "all tables", changed, breaks_writers,
         "UPDATE and DELETE of a published table without a replica identity fail with 55000"},
    Rule{"publication", "", changed, behaviour, "subscribers get other changes"},
    Rule{"statistics", "", added, compatible, "plans may change, answers do not"},
    Rule{"statistics", "", removed, compatible, "plans may change, answers do not"},
    Rule{"statistics", "", changed, compatible, "plans may change, answers do not"},
    Rule{"foreign server", "", removed, breaks_readers, "its foreign tables are gone"},
    Rule{"foreign server", "", changed, behaviour, "its foreign tables are read from elsewhere, or otherwise"},
    Rule{"user mapping", "", removed, breaks_readers,
         "the user cannot reach the foreign server: 42704, or refused there"},
    Rule{"", "owner", changed, privilege, "the former owner loses what owners may"},
    Rule{"", "", added, compatible, "no recorded statement names what was not there"},
    Rule{"", "", removed, breaks_readers, "statements that use it fail with 42704 or 42883"},
    Rule{"", "", changed, behaviour, "what uses it works otherwise"},
};

bool fits(const Rule& rule, const ObjectChange& change) {
    return (rule.object.empty() || rule.object == change.identity.kind) &&
           (rule.property.empty() || rule.property == change.property) && rule.kind == change.kind;
}

}  // namespace

std::vector<Effect> effects_by_table(const ObjectChange& change) {
    std::vector<Effect> effects;
    const Rule* first = nullptr;
    for (const Rule& rule : kRules) {
        if (!fits(rule, change)) {
            if (first != nullptr) break;
            continue;
        }
        if (first != nullptr && (rule.object != first->object || rule.property != first->property)) break;
        first = &rule;
        effects.push_back({rule.what, Bytes(rule.why)});
    }
    return effects;
}

}  // namespace understudy::catalog
