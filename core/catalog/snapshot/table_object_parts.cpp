#include <fmt/format.h>

#include "core/catalog/row_reader.hpp"
#include "core/catalog/snapshot/snapshot_parts.hpp"

namespace understudy::catalog {
namespace {

using snapshot_sql::comment;
using snapshot_sql::flag;
using snapshot_sql::owner;
using snapshot_sql::qualified;
using snapshot_sql::sorted;

/// pg_get_ruledef() locks every relation that the rule names.
constexpr std::size_t kRuledAtOnce = 200;

/// Of tables that belong to no extension.
const std::string kFromTables = " from pg_class c join pg_namespace n on n.oid = c.relnamespace and " +
                                std::string(kUserSchema) +
                                " and c.relkind in ('r', 'p', 'v', 'm', 'f') and $range and c.oid <> all ($members)";

const std::string kFiring = "when 'D' then 'disabled' when 'R' then 'on replicas' when 'A' then 'always' end";

SnapshotPart constraints(int version) {
    const std::string enforced = version >= 180000 ? "case when not k.conenforced then 'no' end" : "null";
    return {"constraints",
            "pg_class",
            kTablesInPieces,
            {"type", "definition=", "validated", "enforced", "references", "inherited", "triggers", "comment"},
            fmt::format("select 'constraint', n.nspname, c.relname, k.conname, case k.contype when 'c' then 'check'"
                        " when 'p' then 'primary key' when 'u' then 'unique' when 'f' then 'foreign key' when 'x' then "
                        "'exclusion' end,"
                        " pg_get_constraintdef(k.oid), case when not k.convalidated then 'no' end, {enforced},"
                        " case k.contype when 'f' then k.confrelid::regclass::text end, {inherited},"
                        // DISABLE TRIGGER ALL: the foreign key is not enforced.
                        " case k.contype when 'f' then (select string_agg(distinct case g.tgenabled {firing}, ', ') "
                        "from pg_trigger g"
                        " where g.tgconstraint = k.oid and g.tgenabled <> 'O') end, {comment}"
                        "{from} join pg_constraint k on k.conrelid = c.oid and k.contype in ('c', 'p', 'u', 'f', 'x')"
                        // Of partitions: it is their parent's, under a name that the server chooses.
                        " and (k.contype <> 'f' or k.conparentid = 0)",
                        fmt::arg("inherited", flag("k.coninhcount > 0 and not k.conislocal and not c.relispartition")),
                        fmt::arg("firing", kFiring), fmt::arg("enforced", enforced),
                        fmt::arg("comment", comment("pg_constraint", "k.oid")), fmt::arg("from", kFromTables))};
}

/// A key of an index, or a column that it includes, as CREATE INDEX has it; `u` is one of its columns. An operator
/// class is left out where it is the default one of just the column's type.
const std::string kIndexColumn =
    "case when u.number <> 0 then quote_ident(a.attname) else '(' || pg_get_indexdef(i.indexrelid, u.place::int, "
    "false) || ')' end"
    " || case when l.oid is null or l.oid = a.attcollation then '' else ' collate ' || case when l.collnamespace ="
    " 'pg_catalog'::regnamespace then '' else l.collnamespace::regnamespace::text || '.' end || quote_ident(l.collname)"
    " end"
    " || case when o.oid is null or (o.opcdefault and o.opcintype = case a.atttypid when"
    " 'varchar'::regtype then 'text'::regtype else a.atttypid end) then '' else ' ' || case when o.opcnamespace ="
    " 'pg_catalog'::regnamespace then '' else o.opcnamespace::regnamespace::text || '.' end || quote_ident(o.opcname) "
    "end"
    " || coalesce(' (' || array_to_string(b.attoptions, ', ') || ')', '')"
    " || case u.choices & 3 when 1 then ' desc nulls last' when 2 then ' nulls first' when 3 then ' desc' else '' end"
    " || case when b.attstattarget >= 0 and u.number = 0 then ' statistics ' || b.attstattarget else '' end";

SnapshotPart indexes(int version) {
    // pg_get_indexdef() of a whole index looks through all operator classes: most of what pg_dump takes.
    const std::string nulls = version >= 150000 ? flag("i.indnullsnotdistinct") : "null";
    return {
        "indexes",
        "pg_class",
        kTablesInPieces,
        {"method", "keys[]=", "includes[]", "where=", "options[]", "unique", "nulls not distinct", "primary",
         "not valid", "not ready", "replica identity", "clustered", "tablespace", "constraint", "parent", "comment"},
        fmt::format(
            "select 'index', n.nspname, c.relname, x.relname, m.amname, e.keys, e.includes,"
            " case when i.indpred is not null then pg_get_expr(i.indpred, i.indrelid) end,"
            " case when x.reloptions is not null then {options} end, {unique}, {nulls}, {primary}, {invalid},"
            " {unready}, {identity}, {clustered}, s.spcname, k.conname,"
            " case when x.relispartition then (select h.inhparent::regclass::text from pg_inherits h"
            " where h.inhrelid = x.oid) end, {comment}"
            " from (select i.indexrelid, array_agg({column} order by u.place) filter (where u.place <= i.indnkeyatts)"
            " as keys, array_agg({column} order by u.place) filter (where u.place > i.indnkeyatts) as includes"
            " {from} join pg_index i on i.indrelid = c.oid cross join unnest(i.indkey::int2[], i.indclass::oid[],"
            " i.indcollation::oid[], i.indoption::int2[]) with ordinality u(number, class, coll, choices, place)"
            " left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.number"
            " left join pg_attribute b on b.attrelid = i.indexrelid and b.attnum = u.place"
            " left join pg_collation l on l.oid = u.coll left join pg_opclass o on o.oid = u.class"
            " group by i.indexrelid) e"
            " join pg_index i on i.indexrelid = e.indexrelid join pg_class c on c.oid = i.indrelid"
            " join pg_namespace n on n.oid = c.relnamespace join pg_class x on x.oid = e.indexrelid"
            " join pg_am m on m.oid = x.relam left join pg_tablespace s on s.oid = x.reltablespace"
            " left join pg_constraint k on k.conrelid = i.indrelid and k.conindid = x.oid"
            " and k.contype in ('p', 'u', 'x')",
            fmt::arg("options", sorted("x.reloptions")), fmt::arg("unique", flag("i.indisunique")),
            fmt::arg("nulls", nulls), fmt::arg("primary", flag("i.indisprimary")),
            fmt::arg("invalid", flag("not i.indisvalid")), fmt::arg("unready", flag("not i.indisready")),
            fmt::arg("identity", flag("i.indisreplident")), fmt::arg("clustered", flag("i.indisclustered")),
            fmt::arg("column", kIndexColumn), fmt::arg("from", kFromTables),
            fmt::arg("comment", comment("pg_class", "x.oid")))};
}

SnapshotPart triggers(int version) {
    // A partition's clones are their parent's, unless they are switched otherwise.
    const std::string shown = version >= 150000 ? "not g.tgisinternal and g.tgparentid = 0" : "not g.tgisinternal";
    return {
        "triggers",
        "pg_class",
        kTablesInPieces,
        {"definition=", "firing", "function", "comment"},
        fmt::format("select 'trigger', n.nspname, c.relname, g.tgname, pg_get_triggerdef(g.oid),"
                    " case g.tgenabled {}, {}, {}{} join pg_trigger g on g.tgrelid = c.oid"
                    " join pg_proc p on p.oid = g.tgfoid join pg_namespace m on m.oid = p.pronamespace"
                    " left join pg_trigger o on o.oid = g.tgparentid and not o.tgisinternal"
                    " where ({}) or (o.oid is not null and o.tgenabled <> g.tgenabled)",
                    kFiring, qualified("m.nspname", "p.proname"), comment("pg_trigger", "g.oid"), kFromTables, shown)};
}

SnapshotPart rules() {
    return {"rules",
            "pg_class",
            {"pg_class where relhasrules and relkind not in ('v', 'm')", "c.oid", kRuledAtOnce},
            {"definition=", "firing", "event", "instead", "comment"},
            fmt::format("select 'rule', n.nspname, c.relname, r.rulename, pg_get_ruledef(r.oid), case r.ev_enabled {},"
                        " case r.ev_type when '1' then 'select' when '2' then 'update' when '3' then 'insert'"
                        " when '4' then 'delete' end, {}, {}"
                        "{} join pg_rewrite r on r.ev_class = c.oid where r.rulename <> '_RETURN'",
                        kFiring, flag("r.is_instead"), comment("pg_rewrite", "r.oid"), kFromTables)};
}

SnapshotPart policies() {
    return {"policies",
            "pg_class",
            kTablesInPieces,
            {"command", "restrictive", "roles[]", "using=", "check=", "comment"},
            fmt::format("select 'policy', n.nspname, c.relname, p.polname, case p.polcmd when 'r' then 'select'"
                        " when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end, {},"
                        " array(select name collate \"C\" from (select case r when 0 then 'public' else "
                        "pg_get_userbyid(r)::text end as name"
                        " from unnest(p.polroles) r) u order by 1),"
                        " pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid), {}"
                        "{} join pg_policy p on p.polrelid = c.oid",
                        flag("not p.polpermissive"), comment("pg_policy", "p.oid"), kFromTables)};
}

SnapshotPart extended_statistics(int version) {
    const std::string target = version >= 170000 ? "s.stxstattarget" : "nullif(s.stxstattarget, -1)";
    return {"extended statistics",
            "",
            {},
            {"owner", "definition=", "target"},
            fmt::format("select 'statistics', n.nspname, '', s.stxname, {}, pg_get_statisticsobjdef(s.oid), {}"
                        " from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace where {}",
                        owner("s.stxowner"), target, kUserSchema)};
}

}  // namespace

std::vector<SnapshotPart> table_object_parts(int version) {
    return {constraints(version),        indexes(version), triggers(version), rules(), policies(),
            extended_statistics(version)};
}

}  // namespace understudy::catalog
