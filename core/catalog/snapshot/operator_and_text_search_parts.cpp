#include <fmt/format.h>

#include "core/catalog/row_reader.hpp"
#include "core/catalog/snapshot/snapshot_parts.hpp"

namespace understudy::catalog {
namespace {

using snapshot_sql::comment;
using snapshot_sql::flag;
using snapshot_sql::owner;
using snapshot_sql::qualified;

/// Of a user's schema, and no extension's.
std::string from(const std::string& catalogue, const std::string& schema) {
    return fmt::format(" from {} t join pg_namespace n on n.oid = t.{} and {} and t.oid <> all ($members)", catalogue,
                       schema, kUserSchema);
}

SnapshotPart collations(int version) {
    const std::string locale = version >= 170000 ? "t.colllocale" : version >= 150000 ? "t.colliculocale" : "null";
    const std::string rules = version >= 160000 ? "t.collicurules" : "null";
    return {
        "collations",
        "pg_collation",
        {},
        {"provider", "collate", "ctype", "locale", "rules", "deterministic", "owner", "comment"},
        fmt::format("select 'collation', n.nspname, '', t.collname,"
                    " case t.collprovider when 'i' then 'icu' when 'c' then 'libc' when 'b' then 'builtin' end,"
                    " t.collcollate, t.collctype, {}, {}, case when not t.collisdeterministic then 'no' end, {}, {}{}",
                    locale, rules, owner("t.collowner"), comment("pg_collation", "t.oid"),
                    from("pg_collation", "collnamespace"))};
}

SnapshotPart casts() {
    return {"casts",
            "pg_cast",
            {},
            {"function", "context", "method"},
            "select 'cast', '', '', format_type(t.castsource, null) || ' as ' || format_type(t.casttarget, null),"
            " case when t.castfunc <> 0 then t.castfunc::regprocedure::text end,"
            " case t.castcontext when 'e' then 'explicit' when 'a' then 'assignment' else 'implicit' end,"
            " case t.castmethod when 'f' then 'function' when 'b' then 'binary' else 'in and out' end"
            " from pg_cast t where t.oid >= 16384 and t.oid <> all ($members)"};
}

SnapshotPart operators() {
    return {
        "operators",
        "pg_operator",
        {},
        {"function", "result", "commutator", "negator", "restrict", "join", "hashes", "merges", "owner", "comment"},
        fmt::format("select 'operator', n.nspname, '', t.oprname || ' (' || case when t.oprleft = 0 then 'none' else"
                    " format_type(t.oprleft, null) end || ', ' || format_type(t.oprright, null) || ')',"
                    " t.oprcode::regprocedure::text, format_type(t.oprresult, null),"
                    " case when t.oprcom <> 0 then t.oprcom::regoperator::text end,"
                    " case when t.oprnegate <> 0 then t.oprnegate::regoperator::text end,"
                    " case when t.oprrest <> 0 then t.oprrest::regproc::text end,"
                    " case when t.oprjoin <> 0 then t.oprjoin::regproc::text end, {}, {}, {}, {}{}",
                    flag("t.oprcanhash"), flag("t.oprcanmerge"), owner("t.oprowner"), comment("pg_operator", "t.oid"),
                    from("pg_operator", "oprnamespace"))};
}

SnapshotPart operator_classes() {
    return {"operator classes",
            "pg_opclass",
            {},
            {"type", "default", "family", "owner", "members[]"},
            fmt::format(
                "select 'operator class', n.nspname, '', t.opcname || ' using ' || a.amname,"
                " format_type(t.opcintype, null), {}, {}, {}, array(select x collate \"C\" from"
                " (select 'operator ' || o.amopstrategy || ' ' || o.amopopr::regoperator::text from pg_amop o"
                " where o.amopfamily = t.opcfamily union all select 'function ' || p.amprocnum || ' ' ||"
                " p.amproc::regprocedure::text from pg_amproc p where p.amprocfamily = t.opcfamily) u(x) order by 1)"
                "{} join pg_am a on a.oid = t.opcmethod join pg_opfamily f on f.oid = t.opcfamily"
                " join pg_namespace m on m.oid = f.opfnamespace",
                flag("t.opcdefault"), qualified("m.nspname", "f.opfname"), owner("t.opcowner"),
                from("pg_opclass", "opcnamespace"))};
}

SnapshotPart text_search_configurations() {
    return {"text search configurations",
            "pg_ts_config",
            {},
            {"parser", "mappings[]", "owner", "comment"},
            fmt::format(
                "select 'text search configuration', n.nspname, '', t.cfgname, {}, array(select y.alias || ' with ' ||"
                " string_agg({}, ', ' order by x.mapseqno) from pg_ts_config_map x"
                " join ts_token_type(t.cfgparser) y on y.tokid = x.maptokentype"
                " join pg_ts_dict d on d.oid = x.mapdict join pg_namespace k on k.oid = d.dictnamespace"
                " where x.mapcfg = t.oid group by x.maptokentype, y.alias order by x.maptokentype), {}, {}"
                "{} join pg_ts_parser p on p.oid = t.cfgparser join pg_namespace m on m.oid = p.prsnamespace",
                qualified("m.nspname", "p.prsname"), qualified("k.nspname", "d.dictname"), owner("t.cfgowner"),
                comment("pg_ts_config", "t.oid"), from("pg_ts_config", "cfgnamespace"))};
}

SnapshotPart text_search_dictionaries() {
    return {
        "text search dictionaries",
        "pg_ts_dict",
        {},
        {"template", "options", "owner", "comment"},
        fmt::format("select 'text search dictionary', n.nspname, '', t.dictname, {}, t.dictinitoption, {}, {}"
                    "{} join pg_ts_template p on p.oid = t.dicttemplate join pg_namespace m on m.oid = p.tmplnamespace",
                    qualified("m.nspname", "p.tmplname"), owner("t.dictowner"), comment("pg_ts_dict", "t.oid"),
                    from("pg_ts_dict", "dictnamespace"))};
}

}  // namespace

std::vector<SnapshotPart> operator_and_text_search_parts(int version) {
    return {collations(version),       casts(), operators(), operator_classes(), text_search_configurations(),
            text_search_dictionaries()};
}

}  // namespace understudy::catalog
