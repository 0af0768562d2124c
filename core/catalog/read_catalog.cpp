#include "core/catalog/read_catalog.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/catalog/catalog_codec.hpp"
#include "core/catalog/read_dependencies.hpp"
#include "core/catalog/read_sequences.hpp"
#include "core/catalog/row_reader.hpp"

namespace understudy::catalog {
namespace {

Result<void> read_types(ControlConnection& connection, Catalog& catalog) {
    UNDERSTUDY_CHECK(
        read_into(connection, catalog.types,
                  fmt::format("select t.oid, n.nspname, t.typname, t.typtype, coalesce(e.oid, 0), t.typbasetype,"
                              " t.typrelid, coalesce(r.rngsubtype, m.rngtypid, 0)"
                              " from pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_type e on "
                              "e.typarray = t.oid"
                              // Servers before 14 have no multiranges, and no such column.
                              " left join pg_range r on r.rngtypid = t.oid"
                              " left join pg_range m on t.typtype = 'm'"
                              " and (to_jsonb(m) ->> 'rngmultitypid')::bigint = t.oid::bigint"
                              " where {0} or t.oid in (select a.atttypid from pg_attribute a join pg_class c on c.oid "
                              "= a.attrelid"
                              " join pg_namespace n on n.oid = c.relnamespace where a.attnum > 0 and {0})",
                              kUserSchema),
                  [](RowReader& row) {
                      Type type;
                      type.oid = row.number<std::uint32_t>();
                      type.schema = row.text();
                      type.name = row.text();
                      type.kind = row.letter();
                      type.element_oid = row.number<std::uint32_t>();
                      type.base_oid = row.number<std::uint32_t>();
                      type.relation_oid = row.number<std::uint32_t>();
                      type.subtype_oid = row.number<std::uint32_t>();
                      return type;
                  }));
    catalog.sort();
    std::vector<std::pair<std::uint32_t, Bytes>> labels;
    UNDERSTUDY_CHECK(read_into(connection, labels,
                               "select enumtypid, enumlabel from pg_enum order by enumtypid, enumsortorder",
                               [](RowReader& row) {
                                   const auto oid = row.number<std::uint32_t>();
                                   return std::pair(oid, row.text());
                               }));
    auto type = catalog.types.begin();
    for (auto& [oid, label] : labels) {  // both are in the order of the OIDs
        while (type != catalog.types.end() && type->oid < oid) ++type;
        if (type != catalog.types.end() && type->oid == oid) type->labels.push_back(std::move(label));
    }
    return {};
}

Result<void> read_relations(ControlConnection& connection, Catalog& catalog) {
    UNDERSTUDY_CHECK(read_into(
        connection, catalog.relations,
        fmt::format("select c.oid, n.nspname, c.relname, c.relkind, pg_get_userbyid(c.relowner) from pg_class c"
                    " join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r','p','v','m','f','c') and "
                    "{}",
                    kUserSchema),
        [](RowReader& row) {
            Relation relation;
            relation.oid = row.number<std::uint32_t>();
            relation.schema = row.text();
            relation.name = row.text();
            relation.kind = row.letter();
            relation.owner = row.text();
            return relation;
        }));
    return read_into(
        connection, catalog.attributes,
        fmt::format("select a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.atthasdef,"
                    " pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated from pg_attribute a"
                    " join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace"
                    " left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum"
                    " where a.attnum > 0 and not a.attisdropped and c.relkind in ('r','p','v','m','f','c') and {}",
                    kUserSchema),
        [](RowReader& row) {
            Attribute attribute;
            attribute.relation = row.number<std::uint32_t>();
            attribute.number = row.number<std::int16_t>();
            attribute.name = row.text();
            attribute.type_oid = row.number<std::uint32_t>();
            attribute.typmod = row.number<std::int32_t>();
            attribute.not_null = row.boolean();
            attribute.has_default = row.boolean();
            attribute.default_text = row.text();
            attribute.identity = row.letter();
            attribute.generated = row.letter();
            return attribute;
        });
}

Result<void> read_keys(ControlConnection& connection, Catalog& catalog) {
    UNDERSTUDY_CHECK(read_into(
        connection, catalog.keys,
        fmt::format("select i.indrelid, c.relname, i.indisprimary,"
                    " array_to_string((i.indkey::int2[])[0:i.indnkeyatts - 1], ' '),"
                    " coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) from pg_index i"
                    " join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace"
                    " where i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null and {}",
                    kUserSchema),
        [](RowReader& row) {
            Key key;
            key.relation = row.number<std::uint32_t>();
            key.name = row.text();
            key.primary = row.boolean();
            key.columns = row.columns();
            key.nulls_not_distinct = row.boolean();
            return key;
        }));
    return read_into(connection, catalog.foreign_keys,
                     fmt::format("select k.conrelid, k.conname, array_to_string(k.conkey, ' '), k.confrelid,"
                                 " array_to_string(k.confkey, ' '), k.confdeltype, k.confupdtype, k.condeferrable,"
                                 " k.condeferred from pg_constraint k"
                                 " join pg_namespace n on n.oid = k.connamespace where k.contype = 'f' and {}",
                                 kUserSchema),
                     [](RowReader& row) {
                         ForeignKey key;
                         key.relation = row.number<std::uint32_t>();
                         key.name = row.text();
                         key.columns = row.columns();
                         key.referenced_relation = row.number<std::uint32_t>();
                         key.referenced_columns = row.columns();
                         key.on_delete = row.letter();
                         key.on_update = row.letter();
                         key.deferrable = row.boolean();
                         key.deferred = row.boolean();
                         return key;
                     });
}

Result<void> read_functions(ControlConnection& connection, Catalog& catalog) {
    return read_into(
        connection, catalog.functions,
        fmt::format("select n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), p.provolatile,"
                    " p.prokind, p.oid, l.lanname from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
                    " join pg_language l on l.oid = p.prolang where {}",
                    kUserSchema),
        [](RowReader& row) {
            Function function;
            function.schema = row.text();
            function.name = row.text();
            function.arguments = row.text();
            function.volatility = row.letter();
            function.kind = row.letter();
            function.oid = row.number<std::uint32_t>();
            function.language = row.text();
            return function;
        });
}

Result<void> read_settings(ControlConnection& connection, Catalog& catalog) {
    return read_into(connection, catalog.settings,
                     "select case when s.setrole = 0 then '' else pg_get_userbyid(s.setrole) end, s.setdatabase = 0,"
                     " split_part(c, '=', 1), substr(c, strpos(c, '=') + 1)"
                     " from pg_db_role_setting s, unnest(s.setconfig) c where s.setdatabase ="
                     " (select oid from pg_database where datname = current_database())"
                     " or s.setdatabase = 0",
                     [](RowReader& row) {
                         Setting setting;
                         setting.role = row.text();
                         setting.every_database = row.boolean();
                         setting.name = row.text();
                         setting.value = row.text();
                         setting.withheld = !keeps_setting_value(setting.name);
                         if (setting.withheld) setting.value.clear();
                         return setting;
                     });
}

}  // namespace

bool keeps_setting_value(BytesView name) {
    if (name.find('.') == BytesView::npos) return true;
    Bytes lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    for (const BytesView word : {"secret", "password", "passwd", "token", "credential", "key", "conninfo", "dsn"}) {
        if (lower.find(word) != Bytes::npos) return false;
    }
    return true;
}

Result<Catalog> read_catalog(const std::string& conninfo, const ControlLimits& limits) {
    UNDERSTUDY_TRY(auto connection, ControlConnection::open(conninfo, limits));
    UNDERSTUDY_CHECK(connection.begin_read_only());
    Catalog catalog;
    UNDERSTUDY_TRY(const auto database, connection.query("select current_database()"));
    if (!database.empty() && !database[0].empty()) catalog.database = database[0][0].value_or("");
    UNDERSTUDY_CHECK(read_types(connection, catalog));
    UNDERSTUDY_CHECK(read_relations(connection, catalog));
    UNDERSTUDY_CHECK(read_keys(connection, catalog));
    UNDERSTUDY_CHECK(read_functions(connection, catalog));
    UNDERSTUDY_CHECK(read_settings(connection, catalog));
    catalog.sort();
    UNDERSTUDY_CHECK(read_dependencies(connection, catalog));
    UNDERSTUDY_CHECK(connection.commit());
    UNDERSTUDY_TRY(catalog.sequences, read_sequences(connection));
    catalog.sort();
    if (encode(catalog).size() > kMaxCatalogBytes) {
        return make_error(Errc::limit,
                          fmt::format("the catalogue of database \"{}\" is longer than 31 MiB", catalog.database));
    }
    return catalog;
}

}  // namespace understudy::catalog
