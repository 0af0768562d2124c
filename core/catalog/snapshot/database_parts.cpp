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
using snapshot_sql::sorted;

/// The first OID of objects that a user made (PostgreSQL docs, "System Catalog Declarations and Initial Contents").
const std::string kOfUsers = " >= 16384";

SnapshotPart database(int version) {
    const std::string provider =
        version >= 150000 ? "case d.datlocprovider when 'i' then 'icu' when 'b' then 'builtin' end" : "null";
    const std::string locale = version >= 170000 ? "d.datlocale" : version >= 150000 ? "d.daticulocale" : "null";
    const std::string rules = version >= 160000 ? "d.daticurules" : "null";
    return {
        "the database",
        "",
        {},
        {"owner", "encoding", "collate", "ctype", "locale provider", "locale", "icu rules", "tablespace", "access[]",
         "comment"},
        fmt::format(
            "select 'database', '', '', '', {}, pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, {}, {}, {},"
            " (select nullif(spcname, 'pg_default') from pg_tablespace where oid = d.dattablespace), {},"
            " shobj_description(d.oid, 'pg_database')"
            " from pg_database d where d.datname = current_database()",
            owner("d.datdba"), provider, locale, rules, access("d.datacl", 'd', "d.datdba"))};
}

SnapshotPart schemas() {
    return {"schemas",
            "pg_namespace",
            {},
            {"owner", "access[]", "comment"},
            fmt::format("select 'schema', '', '', n.nspname, {}, {}, {} from pg_namespace n where {}"
                        " and n.oid <> all ($members)",
                        owner("n.nspowner"), access("n.nspacl", 'n', "n.nspowner"), comment("pg_namespace", "n.oid"),
                        kUserSchema)};
}

SnapshotPart extensions() {
    return {"extensions",
            "",
            {},
            {"version", "schema", "owner"},
            fmt::format("select 'extension', '', '', e.extname, e.extversion, n.nspname, {}"
                        " from pg_extension e join pg_namespace n on n.oid = e.extnamespace",
                        owner("e.extowner"))};
}

SnapshotPart settings() {
    // The mark of a replay's target is of the copy, not of the schema.
    return {"settings",
            "",
            {},
            {"value"},
            "select case when s.setdatabase = 0 then 'setting of all databases' else 'setting' end, '',"
            " case when s.setrole = 0 then '' else pg_get_userbyid(s.setrole) end, split_part(x, '=', 1),"
            " substr(x, strpos(x, '=') + 1)"
            " from pg_db_role_setting s, unnest(s.setconfig) x where (s.setdatabase = 0 or s.setdatabase ="
            " (select oid from pg_database where datname = current_database()))"
            " and split_part(x, '=', 1) <> 'understudy.target'"};
}

SnapshotPart default_privileges() {
    return {
        "default privileges",
        "",
        {},
        {"access[]"},
        fmt::format("select 'default privileges', coalesce(n.nspname, ''), pg_get_userbyid(a.defaclrole),"
                    " case a.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions'"
                    " when 'T' then 'types' when 'n' then 'schemas' when 'L' then 'large objects' end, {}"
                    " from pg_default_acl a left join pg_namespace n on n.oid = a.defaclnamespace",
                    sorted("a.defaclacl"))};
}

SnapshotPart event_triggers() {
    return {"event triggers",
            "pg_event_trigger",
            {},
            {"event", "function", "firing", "tags[]", "owner", "comment"},
            fmt::format(
                "select 'event trigger', '', '', e.evtname, e.evtevent, e.evtfoid::regproc::text,"
                " case e.evtenabled when 'D' then 'disabled' when 'R' then 'on replicas' when 'A' then 'always' end,"
                " case when e.evttags is not null then {} end, {}, {} from pg_event_trigger e"
                " where e.oid <> all ($members)",
                sorted("e.evttags"), owner("e.evtowner"), comment("pg_event_trigger", "e.oid"))};
}

SnapshotPart publications(int version) {
    const std::string details =
        version >= 150000
            ? " || coalesce(' (' || (select string_agg(quote_ident(a.attname), ', ' order by a.attnum)"
              " from pg_attribute a where a.attrelid = r.prrelid and a.attnum = any (r.prattrs)) || ')', '')"
              " || coalesce(' where ' || pg_get_expr(r.prqual, r.prrelid), '')"
            : "";
    const std::string schemas =
        version >= 150000 ? "array(select m.nspname::text from pg_publication_namespace s join pg_namespace m on"
                            " m.oid = s.pnnspid where s.pnpubid = p.oid order by m.nspname)"
                          : "null";
    const std::string generated = version >= 180000 ? "case p.pubgencols when 's' then 'stored' end" : "null";
    return {
        "publications",
        "pg_publication",
        {},
        {"owner", "all tables", "publishes[]", "via root", "generated columns", "tables[]", "schemas[]", "comment"},
        fmt::format(
            "select 'publication', '', '', p.pubname, {}, {}, array_remove(array[case when p.pubinsert then 'insert'"
            " end, case when p.pubupdate then 'update' end, case when p.pubdelete then 'delete' end,"
            " case when p.pubtruncate then 'truncate' end], null), {}, {},"
            " {}, {}, {} from pg_publication p",
            owner("p.pubowner"), flag("p.puballtables"), flag("p.pubviaroot"), generated,
            sorted(fmt::format("array(select r.prrelid::regclass::text{} from pg_publication_rel r"
                               " where r.prpubid = p.oid)",
                               details)),
            schemas, comment("pg_publication", "p.oid"))};
}

SnapshotPart languages() {
    return {"languages",
            "pg_language",
            {},
            {"owner", "trusted", "handler", "access[]"},
            fmt::format("select 'language', '', '', l.lanname, {}, {}, l.lanplcallfoid::regproc::text, {}"
                        " from pg_language l where l.oid{} and l.oid <> all ($members)",
                        owner("l.lanowner"), flag("l.lanpltrusted"), access("l.lanacl", 'l', "l.lanowner"), kOfUsers)};
}

SnapshotPart access_methods() {
    return {"access methods",
            "pg_am",
            {},
            {"type", "handler"},
            "select 'access method', '', '', a.amname, case a.amtype when 't' then 'table' else 'index' end,"
            " a.amhandler::regproc::text from pg_am a where a.oid" +
                kOfUsers + " and a.oid <> all ($members)"};
}

SnapshotPart foreign_data_wrappers() {
    return {"foreign-data wrappers",
            "pg_foreign_data_wrapper",
            {},
            {"owner", "handler", "validator", "options[]", "access[]"},
            fmt::format("select 'foreign-data wrapper', '', '', f.fdwname, {},"
                        " case when f.fdwhandler <> 0 then f.fdwhandler::regproc::text end,"
                        " case when f.fdwvalidator <> 0 then f.fdwvalidator::regproc::text end, {}, {}"
                        " from pg_foreign_data_wrapper f where f.oid <> all ($members)",
                        owner("f.fdwowner"), options("f.fdwoptions"), access("f.fdwacl", 'F', "f.fdwowner"))};
}

SnapshotPart foreign_servers() {
    return {"foreign servers",
            "pg_foreign_server",
            {},
            {"owner", "wrapper", "type", "version", "options[]", "access[]", "comment"},
            fmt::format("select 'foreign server', '', '', s.srvname, {}, f.fdwname, s.srvtype, s.srvversion, {}, {}, {}"
                        " from pg_foreign_server s join pg_foreign_data_wrapper f on f.oid = s.srvfdw"
                        " where s.oid <> all ($members)",
                        owner("s.srvowner"), options("s.srvoptions"), access("s.srvacl", 'S', "s.srvowner"),
                        comment("pg_foreign_server", "s.oid"))};
}

/// Apart from the schema: Snapshot::roles.
SnapshotPart roles() {
    return {"roles",
            "",
            {},
            {"superuser", "bypass row security", "member of[]"},
            fmt::format("select 'role', '', '', r.rolname, {}, {}, nullif(array(select g.rolname::text from"
                        " pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid"
                        " group by 1 order by 1), '{{}}') from pg_roles r where r.rolname !~ '^pg_'",
                        flag("r.rolsuper"), flag("r.rolbypassrls"))};
}

/// Their options are secrets, and most roles may not read them.
SnapshotPart user_mappings() {
    return {"user mappings", "", {}, {}, "select 'user mapping', '', srvname, usename from pg_user_mappings"};
}

}  // namespace

std::vector<SnapshotPart> database_parts(int version) {
    return {
        database(version),     schemas(),   extensions(), settings(),       default_privileges(),    event_triggers(),
        publications(version), languages(), roles(),      access_methods(), foreign_data_wrappers(), foreign_servers(),
        user_mappings()};
}

}  // namespace understudy::catalog
