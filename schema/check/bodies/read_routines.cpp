#include <fmt/format.h>

#include "core/catalog/control_connection.hpp"
#include "core/catalog/row_reader.hpp"
#include "core/sql/function_body.hpp"
#include "schema/check/bodies/routine.hpp"

namespace understudy::schema {
namespace {

using catalog::ControlConnection;
using catalog::read_each;
using catalog::RowReader;

constexpr catalog::ControlLimits kLimits{Duration::seconds(30), Duration::seconds(2)};
constexpr const char* kNotOfExtension =
    "not exists (select from pg_depend e where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e')";

Result<void> read_all(ControlConnection& connection, Routines& routines) {
    constexpr const char* kArguments =
        "(select string_agg({}, E'\\n' order by a.ord) from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with "
        "ordinality a(type, ord))";
    const std::string names = fmt::format(fmt::runtime(kArguments), "coalesce(p.proargnames[a.ord::int], '')");
    const std::string types = fmt::format(fmt::runtime(kArguments), "format_type(a.type, null)");
    return read_each(
        connection,
        fmt::format("select n.nspname, p.proname, p.oid::regprocedure, l.lanname, l.lanvalidator::regproc, case when "
                    "length(p.prosrc) < {} then pg_get_functiondef(p.oid) else '' end, {}, {}, exists (select from "
                    "unnest(p.proconfig) c where starts_with(c, 'search_path=')), (select substr(c, 13) from "
                    "unnest(p.proconfig) c where starts_with(c, 'search_path=')), p.pronargs - p.pronargdefaults, case when "
                    "p.provariadic = 0 then p.pronargs else 1600 end, p.prosecdef, p.prorettype = 'trigger'::regtype "
                    "from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on "
                    "l.oid = p.prolang where l.lanname in ('sql', 'plpgsql') and p.prokind in ('f', 'p') and {} and {} "
                    "order by 1, 2, 3 limit {}",
                    sql::kMaxFunctionDefinition, names, types, kNotOfExtension, catalog::kUserSchema, kMaxRoutines),
        [&](RowReader& row) {
            Routine& routine = routines.all.emplace_back();
            for (Bytes* field : {&routine.schema, &routine.name, &routine.signature, &routine.language, &routine.validator,
                                 &routine.definition}) {
                *field = row.text();
            }
            const std::vector<Bytes> argument_names = row.lines();
            const std::vector<Bytes> argument_types = row.lines();
            for (std::size_t i = 0; i < argument_types.size(); ++i) {
                routine.arguments.push_back({i < argument_names.size() ? argument_names[i] : Bytes(), argument_types[i]});
            }
            const bool has_path = row.boolean();
            const Bytes path = row.text();
            if (has_path) routine.search_path = path;
            routine.least_arguments = row.number<std::size_t>();
            routine.most_arguments = row.number<std::size_t>();
            routine.security_definer = row.boolean();
            routine.of_triggers = row.boolean();
            const std::size_t index = routines.all.size() - 1;
            routines.by_name[{routine.schema, routine.name}].push_back(index);
            routines.by_signature[routine.signature] = index;
        });
}

Result<void> read_what_runs_them(ControlConnection& connection, Routines& routines) {
    UNDERSTUDY_CHECK(read_each(
        connection,
        fmt::format("select n.nspname, c.relname, t.tgname, t.tgfoid::regprocedure, (select string_agg(a.attname, E'\\n') "
                    "from pg_attribute a where a.attrelid = t.tgrelid and a.attnum = any(t.tgattr::int2[])), t.tgtype & 4 "
                    "<> 0, t.tgtype & 16 <> 0, t.tgtype & 8 <> 0 from pg_trigger t join pg_class c on c.oid = t.tgrelid "
                    "join pg_namespace n on n.oid = c.relnamespace where not t.tgisinternal and t.tgenabled in ('O', 'A') "
                    "and {} order by 1, 2, 3",
                    catalog::kUserSchema),
        [&](RowReader& row) {
            Bytes schema = row.text();
            Bytes relation = row.text();
            RoutineTrigger& trigger = routines.triggers[{std::move(schema), std::move(relation)}].emplace_back();
            trigger.name = row.text();
            trigger.signature = row.text();
            for (Bytes& column : row.lines()) trigger.columns.insert(std::move(column));
            for (const char event : {'i', 'u', 'd'}) {
                if (row.boolean()) trigger.events.insert(event);
            }
        }));
    // pg_depend: a view's rule, a default, a check, a policy → the function (docs, "pg_depend").
    UNDERSTUDY_CHECK(read_each(
        connection,
        fmt::format("select distinct n.nspname, c.relname, d.refobjid::regprocedure from pg_depend d join (select "
                    "'pg_rewrite'::regclass, oid, ev_class from pg_rewrite union all select 'pg_attrdef'::regclass, oid, "
                    "adrelid from pg_attrdef union all select 'pg_constraint'::regclass, oid, conrelid from pg_constraint "
                    "union all select 'pg_policy'::regclass, oid, polrelid from pg_policy) o(class, id, relation) on "
                    "d.classid = o.class and d.objid = o.id join pg_class c on c.oid = o.relation join pg_namespace n on "
                    "n.oid = c.relnamespace where d.refclassid = 'pg_proc'::regclass and {}",
                    catalog::kUserSchema),
        [&](RowReader& row) {
            Bytes schema = row.text();
            Bytes relation = row.text();
            routines.called_by_relation[{std::move(schema), std::move(relation)}].insert(row.text());
        }));
    return read_each(
        connection,
        fmt::format("select distinct n.nspname, c.relname, rn.nspname, rc.relname from pg_depend d join pg_rewrite r on "
                    "d.classid = 'pg_rewrite'::regclass and d.objid = r.oid join pg_class c on c.oid = r.ev_class join "
                    "pg_namespace n on n.oid = c.relnamespace join pg_class rc on rc.oid = d.refobjid join pg_namespace rn "
                    "on rn.oid = rc.relnamespace where d.refclassid = 'pg_class'::regclass and c.relkind = 'v' and rc.oid <> "
                    "c.oid and {}",
                    catalog::kUserSchema),
        [&](RowReader& row) {
            Bytes schema = row.text();
            Bytes relation = row.text();
            Bytes other = row.text();
            routines.relations_of_view[{std::move(schema), std::move(relation)}].insert({std::move(other), row.text()});
        });
}

}  // namespace

Result<Routines> read_routines(const std::string& conninfo) {
    UNDERSTUDY_TRY(auto connection, ControlConnection::open(conninfo, kLimits));
    UNDERSTUDY_CHECK(connection.begin_read_only());
    UNDERSTUDY_CHECK(connection.query("set local search_path = pg_catalog"));
    Routines routines;
    UNDERSTUDY_CHECK(read_all(connection, routines));
    if (routines.all.size() == kMaxRoutines) {
        UNDERSTUDY_CHECK(read_each(
            connection,
            fmt::format("select count(*) from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l "
                        "on l.oid = p.prolang where l.lanname in ('sql', 'plpgsql') and p.prokind in ('f', 'p') and {} and {}",
                        kNotOfExtension, catalog::kUserSchema),
            [&](RowReader& row) { routines.beyond_limit = row.number<std::uint64_t>() - kMaxRoutines; }));
    }
    if (!routines.all.empty()) UNDERSTUDY_CHECK(read_what_runs_them(connection, routines));
    UNDERSTUDY_CHECK(connection.commit());
    return routines;
}

}  // namespace understudy::schema
