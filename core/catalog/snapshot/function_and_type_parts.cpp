#include <fmt/format.h>

#include "core/catalog/row_reader.hpp"
#include "core/catalog/snapshot/snapshot_parts.hpp"

namespace understudy::catalog {
namespace {

using snapshot_sql::access;
using snapshot_sql::comment;
using snapshot_sql::flag;
using snapshot_sql::owner;
using snapshot_sql::qualified;

/// pg_get_function_sqlbody() locks every relation that the body names.
constexpr std::size_t kFunctionsAtOnce = 500;

/// A name of pg_proc, or NULL for 0.
std::string function_name(const std::string& oid) {
    return fmt::format("case when {0} <> 0 then {0}::regproc::text end", oid);
}

/// What else CREATE AGGREGATE says, in its words; NULL where nothing.
const std::string kAggregation =
    "case when g.aggfnoid is not null then nullif(array_remove(array["
    "case g.aggkind when 'o' then 'ordered set' when 'h' then 'hypothetical' end,"
    " 'combinefunc = ' || nullif(g.aggcombinefn, 0)::regproc, 'serialfunc = ' || nullif(g.aggserialfn, 0)::regproc,"
    " 'deserialfunc = ' || nullif(g.aggdeserialfn, 0)::regproc, 'msfunc = ' || nullif(g.aggmtransfn, 0)::regproc,"
    " 'minvfunc = ' || nullif(g.aggminvtransfn, 0)::regproc, 'mfinalfunc = ' || nullif(g.aggmfinalfn, 0)::regproc,"
    " 'mstype = ' || format_type(nullif(g.aggmtranstype, 0), null), 'minitcond = ' || g.aggminitval,"
    " case when g.aggfinalextra then 'finalfunc_extra' end, case when g.aggmfinalextra then 'mfinalfunc_extra' end,"
    " 'finalfunc_modify = ' || nullif(g.aggfinalmodify, case g.aggkind when 'n' then 'r' else 'w' end::\"char\")::text,"
    " 'mfinalfunc_modify = ' || nullif(g.aggmfinalmodify, case g.aggkind when 'n' then 'r' else 'w' end::\"char\")::text,"
    " 'sortop = ' || nullif(g.aggsortop, 0)::regoperator, 'sspace = ' || nullif(g.aggtransspace, 0),"
    " 'msspace = ' || nullif(g.aggmtransspace, 0)], null), '{}') end";

SnapshotPart functions(int version) {
    const std::string body = version >= 140000 ? "coalesce(pg_get_function_sqlbody(p.oid), p.prosrc)" : "p.prosrc";
    return {
        "functions",
        "pg_proc",
        {"pg_proc", "p.oid", kFunctionsAtOnce},
        {"kind",          "owner",         "arguments=", "result",
         "language",      "volatility",    "strict",     "security definer",
         "leakproof",     "parallel",      "settings[]", "cost",
         "rows",          "support",       "body=",      "library",
         "access[]",      "transition",    "final",      "state type",
         "initial state", "aggregation[]", "comment"},
        fmt::format(
            "select 'function', n.nspname, '', p.proname || '(' || oidvectortypes(p.proargtypes) || ')',"
            " case p.prokind when 'f' then 'function' when 'p' then 'procedure' when 'a' then 'aggregate' else "
            "'window' end,"
            " {owner}, nullif(pg_get_function_arguments(p.oid), ''), pg_get_function_result(p.oid), l.lanname,"
            " case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,"
            " {strict}, {definer}, {leakproof}, case p.proparallel when 's' then 'safe' when 'r' then 'restricted' end,"
            " p.proconfig, nullif(p.procost, case when l.lanname in ('c', 'internal') then 1 else 100 end),"
            " nullif(p.prorows, case when p.proretset then 1000 else 0 end),"
            " {support}, case when p.prokind <> 'a' then {body} end, p.probin, {access},"
            " {transition}, {final}, case when g.aggfnoid is not null then format_type(g.aggtranstype, null) end,"
            " g.agginitval, {aggregation}, {comment}"
            " from pg_proc p join pg_namespace n on n.oid = p.pronamespace and {users}"
            " join pg_language l on l.oid = p.prolang left join pg_aggregate g on g.aggfnoid = p.oid"
            " where $range and p.oid <> all ($members)",
            fmt::arg("owner", owner("p.proowner")), fmt::arg("strict", flag("p.proisstrict")),
            fmt::arg("definer", flag("p.prosecdef")), fmt::arg("leakproof", flag("p.proleakproof")),
            fmt::arg("support", function_name("p.prosupport")), fmt::arg("body", body),
            fmt::arg("access", access("p.proacl", 'f', "p.proowner")),
            fmt::arg("transition", function_name("g.aggtransfn")), fmt::arg("final", function_name("g.aggfinalfn")),
            fmt::arg("aggregation", kAggregation), fmt::arg("comment", comment("pg_proc", "p.oid")),
            fmt::arg("users", kUserSchema))};
}

/// Types that somebody made by themselves: no rows of tables, no arrays, no multiranges.
std::string from_types(const std::string& letters) {
    return fmt::format(
        " from pg_type t join pg_namespace n on n.oid = t.typnamespace and {} and t.typtype in ({})"
        " and t.oid <> all ($members)",
        kUserSchema, letters);
}

const std::string kTypeOwnership =
    owner("t.typowner") + ", " + access("t.typacl", 'T', "t.typowner") + ", " + comment("pg_type", "t.oid");

SnapshotPart enums() {
    return {"enums",
            "pg_type",
            {},
            {"labels[]", "owner", "access[]", "comment"},
            fmt::format("select 'enum', n.nspname, '', t.typname, array(select e.enumlabel::text from pg_enum e"
                        " where e.enumtypid = t.oid order by e.enumsortorder), {}{}",
                        kTypeOwnership, from_types("'e'"))};
}

std::string collation(const std::string& oid, const std::string& unless) {
    return fmt::format(
        "(select {} from pg_collation l join pg_namespace m on m.oid = l.collnamespace where l.oid = {}{})",
        qualified("m.nspname", "l.collname"), oid, unless);
}

SnapshotPart domains(int version) {
    // Since 17 its NOT NULL is a constraint; the name is said where somebody chose it.
    const std::string name = version >= 170000
                                 ? "(select nullif(k.conname, t.typname || '_not_null') from pg_constraint k"
                                   " where k.contypid = t.oid and k.contype = 'n')"
                                 : "null";
    return {"domains",
            "pg_type",
            {},
            {"type", "not null", "not null constraint", "default=", "collation", "owner", "access[]", "comment"},
            fmt::format("select 'domain', n.nspname, '', t.typname, format_type(t.typbasetype, t.typtypmod), {}, {},"
                        " coalesce(pg_get_expr(t.typdefaultbin, 0), t.typdefault), {}, {}{}",
                        flag("t.typnotnull"), name,
                        collation("t.typcollation",
                                  " and t.typcollation <> (select b.typcollation from pg_type b"
                                  " where b.oid = t.typbasetype)"),
                        kTypeOwnership, from_types("'d'"))};
}

SnapshotPart domain_constraints() {
    return {"constraints of domains",
            "pg_type",
            {},
            {"definition=", "validated", "comment"},
            fmt::format("select 'domain constraint', n.nspname, t.typname, k.conname, pg_get_constraintdef(k.oid),"
                        " case when not k.convalidated then 'no' end, {}"
                        "{} join pg_constraint k on k.contypid = t.oid and k.contype = 'c'",
                        comment("pg_constraint", "k.oid"), from_types("'d'"))};
}

SnapshotPart ranges(int version) {
    const std::string multirange = version >= 140000 ? "format_type(r.rngmultitypid, null)" : "null";
    return {
        "ranges",
        "pg_type",
        {},
        {"subtype", "collation", "operator class", "canonical", "difference", "multirange", "owner", "access[]",
         "comment"},
        fmt::format(
            "select 'range', n.nspname, '', t.typname, format_type(r.rngsubtype, null), {},"
            " (select {} from pg_opclass o join pg_namespace m on m.oid = o.opcnamespace where o.oid = r.rngsubopc),"
            " {}, {}, {}, {}{} join pg_range r on r.rngtypid = t.oid",
            collation("r.rngcollation", ""), qualified("m.nspname", "o.opcname"), function_name("r.rngcanonical"),
            function_name("r.rngsubdiff"), multirange, kTypeOwnership, from_types("'r'"))};
}

SnapshotPart base_types(int version) {
    const std::string subscript = version >= 140000 ? function_name("t.typsubscript") : "null";
    return {"base types",
            "pg_type",
            {},
            {"input",           "output",   "receive",   "send",       "length",  "by value",  "alignment",
             "storage",         "category", "preferred", "element",    "default", "delimiter", "modifier input",
             "modifier output", "analyze",  "subscript", "collatable", "owner",   "access[]",  "comment"},
            fmt::format(
                "select 'base type', n.nspname, '', t.typname, {}, {}, {}, {}, t.typlen, {}, t.typalign, t.typstorage,"
                " t.typcategory, {}, case when t.typelem <> 0 then format_type(t.typelem, null) end, t.typdefault,"
                " nullif(t.typdelim, ','), {}, {}, {}, {}, {}, {}{}"
                " and not exists (select from pg_type e where e.typarray = t.oid)",
                function_name("t.typinput"), function_name("t.typoutput"), function_name("t.typreceive"),
                function_name("t.typsend"), flag("t.typbyval"), flag("t.typispreferred"), function_name("t.typmodin"),
                function_name("t.typmodout"), function_name("t.typanalyze"), subscript, flag("t.typcollation <> 0"),
                kTypeOwnership, from_types("'b'"))};
}

/// What a composite type has beside its columns is said of the type, not of its pg_class row.
SnapshotPart composite_types() {
    return {"composite types",
            "pg_type",
            {},
            {"access[]", "comment"},
            fmt::format("select 'composite type', n.nspname, '', t.typname, {}, {}{}"
                        " join pg_class k on k.oid = t.typrelid and k.relkind = 'c'",
                        access("t.typacl", 'T', "t.typowner"), comment("pg_type", "t.oid"), from_types("'c'"))};
}

}  // namespace

std::vector<SnapshotPart> function_and_type_parts(int version) {
    return {functions(version),  enums(),          domains(version), domain_constraints(), ranges(version),
            base_types(version), composite_types()};
}

}  // namespace understudy::catalog
