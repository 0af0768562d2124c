#include "core/catalog/read_dependencies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/catalog/function_touches.hpp"
#include "core/catalog/row_reader.hpp"
#include "core/sql/output_origins.hpp"

namespace understudy::catalog {
namespace {

/// Definitions that are in memory at a time.
constexpr std::size_t kDefinitionsAtOnce = 100;

Result<void> read_inheritance(ControlConnection& connection, Catalog& catalog) {
    UNDERSTUDY_CHECK(read_into(connection, catalog.inheritance,
                               fmt::format("select i.inhrelid, i.inhparent, c.relispartition from pg_inherits i"
                                           " join pg_class c on c.oid = i.inhrelid join pg_namespace n on n.oid ="
                                           " c.relnamespace where c.relkind in ('r','p','f') and {}",
                                           kUserSchema),
                               [](RowReader& row) {
                                   Inheritance one;
                                   one.child = row.number<std::uint32_t>();
                                   one.parent = row.number<std::uint32_t>();
                                   one.partition = row.boolean();
                                   return one;
                               }));
    return read_into(connection, catalog.partition_keys,
                     fmt::format("select p.partrelid, p.partstrat, array_to_string(p.partattrs::int2[], ' ')"
                                 " from pg_partitioned_table p join pg_class c on c.oid = p.partrelid"
                                 " join pg_namespace n on n.oid = c.relnamespace where {}",
                                 kUserSchema),
                     [](RowReader& row) {
                         PartitionKey key;
                         key.relation = row.number<std::uint32_t>();
                         key.strategy = row.letter();
                         key.columns = row.columns();
                         return key;
                     });
}

Result<void> read_rules(ControlConnection& connection, Catalog& catalog) {
    UNDERSTUDY_CHECK(read_into(
        connection, catalog.rule_dependencies,
        fmt::format("select distinct r.ev_class, d.refobjid from pg_rewrite r join pg_class c on c.oid = r.ev_class"
                    " join pg_namespace n on n.oid = c.relnamespace join pg_depend d on d.objid = r.oid"
                    " and d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass"
                    " join pg_class b on b.oid = d.refobjid"
                    " where b.relkind in ('r','p','v','m','f') and d.refobjid <> r.ev_class and {}",
                    kUserSchema),
        [](RowReader& row) {
            RuleDependency one;
            one.relation = row.number<std::uint32_t>();
            one.depends_on = row.number<std::uint32_t>();
            return one;
        }));
    return read_into(connection, catalog.rules,
                     fmt::format("select r.ev_class, r.rulename, r.ev_type, r.is_instead, r.ev_enabled"
                                 " from pg_rewrite r join pg_class c on c.oid = r.ev_class"
                                 " join pg_namespace n on n.oid = c.relnamespace"
                                 " where r.rulename <> '_RETURN' and {}",
                                 kUserSchema),
                     [](RowReader& row) {
                         Rule rule;
                         rule.relation = row.number<std::uint32_t>();
                         rule.name = row.text();
                         rule.event = row.letter();
                         rule.instead = row.boolean();
                         rule.enabled = row.letter();
                         return rule;
                     });
}

Result<void> read_triggers(ControlConnection& connection, Catalog& catalog) {
    return read_into(connection, catalog.triggers,
                     fmt::format("select t.tgrelid, t.tgname, t.tgfoid, t.tgenabled, t.tgtype, t.tgdeferrable"
                                 " from pg_trigger t join pg_class c on c.oid = t.tgrelid"
                                 " join pg_namespace n on n.oid = c.relnamespace where not t.tgisinternal and {}",
                                 kUserSchema),
                     [](RowReader& row) {
                         Trigger trigger;
                         trigger.relation = row.number<std::uint32_t>();
                         trigger.name = row.text();
                         trigger.function = row.number<std::uint32_t>();
                         trigger.enabled = row.letter();
                         trigger.type = row.number<std::uint32_t>();
                         trigger.deferrable = row.boolean();
                         return trigger;
                     });
}

/// Runs a query with a list of OIDs in place of {} for some of them at a time.
template <class Take>
Result<void> for_each_batch(ControlConnection& connection, const std::vector<std::uint32_t>& oids, const char* sql,
                            Take take) {
    for (std::size_t first = 0; first < oids.size(); first += kDefinitionsAtOnce) {
        std::string list;
        for (std::size_t i = first; i < std::min(first + kDefinitionsAtOnce, oids.size()); ++i) {
            list += (list.empty() ? "" : ",") + std::to_string(oids[i]);
        }
        std::vector<bool> taken;
        UNDERSTUDY_CHECK(read_into(connection, taken, fmt::format(fmt::runtime(sql), list),
                                   [&](RowReader& row) { return take(row); }));
    }
    return {};
}

/// The columns that the query of a view only hands on.
Result<void> read_view_columns(ControlConnection& connection, Catalog& catalog) {
    std::vector<std::uint32_t> views;
    for (const Relation& relation : catalog.relations) {
        if (relation.kind == 'v' || relation.kind == 'm') views.push_back(relation.oid);
    }
    const auto take = [&](RowReader& row) {
        const auto view = row.number<std::uint32_t>();
        const auto origins = sql::output_origins(row.text());
        for (std::size_t i = 0; origins && i < origins->size(); ++i) {
            const sql::ColumnOrigin& origin = (*origins)[i];
            const auto number = static_cast<std::int16_t>(i + 1);  // views lose no columns
            const Relation* base = catalog.relation_named(origin.schema, origin.table, {});
            const Attribute* column = base != nullptr ? catalog.attribute_named(base->oid, origin.column) : nullptr;
            if (column == nullptr || catalog.attribute(view, number) == nullptr) continue;
            catalog.view_columns.push_back({view, number, base->oid, column->number});
        }
        return true;
    };
    return for_each_batch(connection, views,
                          "select c.oid, coalesce(pg_get_viewdef(c.oid), '') from pg_class c where c.oid in ({})",
                          take);
}

Result<void> read_bodies(ControlConnection& connection, Catalog& catalog) {
    std::vector<std::uint32_t> functions;
    for (const Function& function : catalog.functions) {
        const bool has_body = function.language == "sql" || function.language == "plpgsql";
        if (has_body && (function.kind == 'f' || function.kind == 'p') && functions.size() < kMaxBodies) {
            functions.push_back(function.oid);
        }
    }
    std::vector<FunctionBody> bodies;
    const auto take = [&](RowReader& row) {
        FunctionBody& body = bodies.emplace_back();
        body.function = row.number<std::uint32_t>();
        const Bytes language = row.text();
        if (row.boolean()) {
            body.search_path = schemas_of_search_path(row.text());
        } else {
            row.text();
        }
        body.access = sql::function_body_access(language, row.text());
        return true;
    };
    const std::string sql = fmt::format(
        "select p.oid, l.lanname, s.setting is not null, coalesce(s.setting, ''),"
        " coalesce(pg_get_functiondef(p.oid), '') from pg_proc p join pg_language l on l.oid = p.prolang"
        " left join lateral (select substr(c, 13) as setting from unnest(p.proconfig) c"
        " where c like 'search\\_path=%' limit 1) s on true"
        " where octet_length(p.prosrc) <= {} and p.oid in ({{}})",
        sql::kMaxFunctionDefinition);
    UNDERSTUDY_CHECK(for_each_batch(connection, functions, sql.c_str(), take));
    fill_touches(catalog, bodies);
    return {};
}

}  // namespace

Result<void> read_dependencies(ControlConnection& connection, Catalog& catalog) {
    UNDERSTUDY_CHECK(read_inheritance(connection, catalog));
    UNDERSTUDY_CHECK(read_rules(connection, catalog));
    UNDERSTUDY_CHECK(read_triggers(connection, catalog));
    // So that definitions name every schema.
    UNDERSTUDY_CHECK(connection.query("set local search_path to pg_catalog"));
    UNDERSTUDY_CHECK(read_view_columns(connection, catalog));
    UNDERSTUDY_CHECK(read_bodies(connection, catalog));
    catalog.dependencies_read = true;
    return {};
}

}  // namespace understudy::catalog
