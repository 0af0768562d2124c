#include <fmt/format.h>

#include <algorithm>

#include "core/catalog/control_connection.hpp"
#include "core/catalog/row_reader.hpp"
#include "schema/check/predict/schema_facts.hpp"

namespace understudy::schema {
namespace {

using catalog::ControlConnection;
using catalog::read_each;
using catalog::RowReader;

constexpr catalog::ControlLimits kLimits{Duration::seconds(30), Duration::seconds(2)};

/// The columns of the relation on which role r has the privilege: '*' for all, one a line otherwise.
std::string columns_with(const char* privilege) {
    return fmt::format(
        "case when not has_schema_privilege(r.oid, n.oid, 'usage') then '' when has_table_privilege(r.oid, c.oid, '{0}') then "
        "'*' when has_any_column_privilege(r.oid, c.oid, '{0}') then (select string_agg(a.attname, E'\\n' order by a.attname) "
        "from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and "
        "has_column_privilege(r.oid, c.oid, a.attnum, '{0}')) else '' end",
        privilege);
}

}  // namespace

Result<void> read_privileges(const std::string& conninfo, const std::set<Bytes>& roles, SchemaFacts& facts) {
    if (roles.empty()) return {};
    UNDERSTUDY_TRY(auto connection, ControlConnection::open(conninfo, kLimits));
    UNDERSTUDY_CHECK(connection.begin_read_only());
    UNDERSTUDY_CHECK(connection.query("set local search_path = pg_catalog"));
    std::string list;
    for (const Bytes& role : roles) list += (list.empty() ? "" : ", ") + connection.quoted_literal(role);
    UNDERSTUDY_CHECK(read_each(
        connection,
        fmt::format("select n.nspname, c.relname, r.rolname, {}, {}, {}, case when has_schema_privilege(r.oid, n.oid, 'usage') "
                    "and has_table_privilege(r.oid, c.oid, 'delete') then '*' else '' end from pg_class c join pg_namespace n "
                    "on n.oid = c.relnamespace and {} join pg_roles r on r.rolname in ({}) "
                    "where c.relkind in ('r', 'p', 'v', 'm', 'f')",
                    columns_with("select"), columns_with("insert"), columns_with("update"), catalog::kUserSchema, list),
        [&](RowReader& row) {
            Bytes schema = row.text();
            Bytes name = row.text();
            RelationFacts& relation = facts.relations[{std::move(schema), std::move(name)}];
            RolePrivileges& privileges = relation.privileges[row.text()];
            for (auto* may : {&privileges.select, &privileges.insert, &privileges.update, &privileges.delete_}) {
                for (Bytes& column : row.lines()) may->insert(std::move(column));
            }
        }));
    UNDERSTUDY_CHECK(read_each(
        connection,
        fmt::format("select distinct r.rolname, n.nspname, p.proname from pg_proc p join pg_namespace n on n.oid = "
                    "p.pronamespace and {} join pg_roles r on r.rolname in ({}) where not "
                    "has_function_privilege(r.oid, p.oid, 'execute') or not has_schema_privilege(r.oid, n.oid, 'usage')",
                    catalog::kUserSchema, list),
        [&](RowReader& row) {
            Bytes role = row.text();
            Bytes schema = row.text();
            facts.forbidden_functions.insert({std::move(role), {std::move(schema), row.text()}});
        }));
    UNDERSTUDY_CHECK(connection.commit());
    return {};
}

}  // namespace understudy::schema
