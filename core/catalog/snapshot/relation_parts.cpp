#include <fmt/format.h>

#include "core/catalog/row_reader.hpp"
#include "core/catalog/snapshot/snapshot_parts.hpp"

namespace understudy::catalog {
namespace {

using snapshot_sql::access;
using snapshot_sql::comment;
using snapshot_sql::flag;
using snapshot_sql::options;
using snapshot_sql::owner;
using snapshot_sql::qualified;
using snapshot_sql::sorted;

/// pg_get_viewdef() locks every relation that the view reads.
constexpr std::size_t kViewsAtOnce = 200;

const std::string kFromRelations =
    " from pg_class c join pg_namespace n on n.oid = c.relnamespace and " + std::string(kUserSchema);

SnapshotPart relations(int version) {
    const std::string detaching =
        version >= 140000 ? " || case when i.inhdetachpending then ' (detaching)' else '' end" : "";
    return {
        "relations",
        "pg_class",
        kTablesInPieces,
        {"kind", "owner", "persistence", "replica identity", "options[]", "row security", "row security forced",
         "tablespace", "access method", "access[]", "comment", "columns[]", "partition key=", "partition bound=",
         "parents[]", "of type", "foreign server", "foreign options[]", "populated"},
        fmt::format(
            "select case c.relkind when 'c' then 'composite type' else 'relation' end, n.nspname, '', c.relname,"
            " case c.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'v' then 'view'"
            " when 'm' then 'materialized view' when 'f' then 'foreign table' end,"
            " {owner}, case c.relpersistence when 'u' then 'unlogged' when 't' then 'temporary' end,"
            " case when c.relkind in ('r', 'p') then case c.relreplident when 'n' then 'nothing' when 'f' then 'full'"
            " when 'i' then 'index' end end,"
            " case when c.reloptions is not null or o.reloptions is not null then array(select x from"
            " (select unnest(c.reloptions) union all select 'toast.' || unnest(o.reloptions)) u(x) order by x collate "
            "\"C\") end,"
            " {row_security}, {forced}, (select spcname from pg_tablespace where oid = c.reltablespace),"
            " (select nullif(amname, 'heap') from pg_am where oid = c.relam), {access}, {comment},"
            " array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0"
            " and not a.attisdropped order by a.attnum),"
            " case c.relkind when 'p' then pg_get_partkeydef(c.oid) end,"
            " case when c.relispartition then pg_get_expr(c.relpartbound, c.oid) end,"
            " case when c.relkind in ('r', 'p', 'f') then nullif(array(select i.inhparent::regclass::text{detaching}"
            " from pg_inherits i where i.inhrelid = c.oid order by i.inhseqno), '{{}}') end,"
            " case when c.reloftype <> 0 then format_type(c.reloftype, null) end, s.srvname, {options},"
            " case when c.relkind = 'm' and not c.relispopulated then 'no' end"
            "{from} left join pg_class o on o.oid = c.reltoastrelid"
            " left join pg_foreign_table f on f.ftrelid = c.oid left join pg_foreign_server s on s.oid = f.ftserver"
            " where c.relkind in ('r', 'p', 'v', 'm', 'f', 'c') and $range and c.oid <> all ($members)",
            fmt::arg("owner", owner("c.relowner")), fmt::arg("row_security", flag("c.relrowsecurity")),
            fmt::arg("forced", flag("c.relforcerowsecurity")),
            fmt::arg("access", access("c.relacl", 'r', "c.relowner")), fmt::arg("detaching", detaching),
            fmt::arg("options", options("f.ftoptions")), fmt::arg("comment", comment("pg_class", "c.oid")),
            fmt::arg("from", kFromRelations))};
}

SnapshotPart views() {
    return {"view definitions",
            "pg_class",
            {"pg_class where relkind in ('v', 'm')", "c.oid", kViewsAtOnce},
            {"definition="},
            "select 'relation', n.nspname, '', c.relname, pg_get_viewdef(c.oid)" + kFromRelations +
                " where c.relkind in ('v', 'm') and $range and c.oid <> all ($members)"};
}

SnapshotPart columns(int version) {
    // Since 18 a NOT NULL is a constraint. Its name is said where somebody chose it: a migration may drop it by name.
    const bool constraints = version >= 180000;
    const std::string not_null =
        constraints ? "case when not k.convalidated then 'not valid' when k.connoinherit then 'not inherited' end,"
                      " case when k.coninhcount = 0 then nullif(k.conname, c.relname || '_' || a.attname || "
                      "'_not_null') end"
                    : "null, null";
    const std::string from_constraints =
        constraints ? " left join pg_constraint k on k.conrelid = c.oid and k.contype = 'n' and k.conkey[1] = a.attnum"
                    : "";
    const std::string compression = version >= 140000 ? "nullif(a.attcompression, '')" : "null";
    return {"columns",
            "pg_class",
            kTablesInPieces,
            {"type", "not null", "not null state", "not null constraint", "default=", "identity", "generated",
             "expression=", "collation", "collation provider", "storage", "compression", "statistics target",
             "options[]", "foreign options[]", "access[]", "inherited", "comment"},
            fmt::format(
                "select 'column', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), {not_null}, "
                "{state},"
                // A default names no column; without the table its columns are not looked up.
                " case when a.attgenerated = '' then pg_get_expr(d.adbin, 0) end,"
                " case a.attidentity when 'a' then 'always' when 'd' then 'by default' end,"
                " case a.attgenerated when 's' then 'stored' when 'v' then 'virtual' end,"
                " case when a.attgenerated <> '' then pg_get_expr(d.adbin, d.adrelid) end,"
                " case when l.oid is not null then {collation} end,"
                " case l.collprovider when 'i' then 'icu' when 'c' then 'libc' when 'b' then 'builtin' end,"
                " case when a.attstorage <> t.typstorage and c.relkind in ('r', 'p', 'm', 'f') then case a.attstorage"
                " when 'p' then 'plain' when 'e' then 'external' when 'm' then 'main' else 'extended' end end, "
                "{compression},"
                " case when a.attstattarget >= 0 then a.attstattarget end,"
                " case when a.attoptions is not null then {options} end, {foreign_options},"
                " case when a.attacl <> '{{}}' then {access} end, {inherited}, {comment}"
                "{from} join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
                " join pg_type t on t.oid = a.atttypid"
                " left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum"
                " left join pg_collation l on l.oid = a.attcollation and a.attcollation <> t.typcollation"
                " left join pg_namespace m on m.oid = l.collnamespace{constraints}"
                " where c.relkind in ('r', 'p', 'v', 'm', 'f', 'c') and $range and c.oid <> all ($members)",
                fmt::arg("not_null", flag("a.attnotnull")), fmt::arg("state", not_null),
                fmt::arg("constraints", from_constraints), fmt::arg("collation", qualified("m.nspname", "l.collname")),
                fmt::arg("compression", compression), fmt::arg("options", sorted("a.attoptions")),
                fmt::arg("foreign_options", options("a.attfdwoptions")), fmt::arg("access", sorted("a.attacl")),
                fmt::arg("comment", comment("pg_class", "c.oid", "a.attnum")),
                fmt::arg("inherited", flag("not a.attislocal and not c.relispartition")),
                fmt::arg("from", kFromRelations))};
}

SnapshotPart sequences() {
    return {"sequences",
            "pg_class",
            kTablesInPieces,
            {"owner", "persistence", "type", "start", "increment", "minimum", "maximum", "cache", "cycle", "owned by",
             "access[]", "comment"},
            fmt::format(
                "select 'sequence', n.nspname, '', c.relname, {}, case c.relpersistence when 'u' then 'unlogged' end,"
                " format_type(s.seqtypid, null), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, {},"
                " (select d.refobjid::regclass::text || '.' || quote_ident(a.attname) from pg_depend d"
                " join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid"
                " where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass"
                " and d.deptype in ('a', 'i') and d.refobjsubid > 0 limit 1), {}, {}"
                "{} join pg_sequence s on s.seqrelid = c.oid where c.relkind = 'S' and $range"
                " and c.oid <> all ($members)",
                owner("c.relowner"), flag("s.seqcycle"), access("c.relacl", 's', "c.relowner"),
                comment("pg_class", "c.oid"), kFromRelations)};
}

}  // namespace

std::vector<SnapshotPart> relation_parts(int version) {
    return {relations(version), views(), columns(version), sequences()};
}

}  // namespace understudy::catalog
