#include "app/copies/database_facts.hpp"

#include <fmt/format.h>

#include "core/catalog/row_reader.hpp"
#include "core/sql/literal_text.hpp"

namespace understudy::app {
namespace {

using catalog::ControlConnection;
using catalog::RowReader;

/// Columns that came with a version are taken from the row as JSON, which has them or not.
constexpr BytesView kDatabase =
    "select d.datname, pg_catalog.pg_get_userbyid(d.datdba), "
    "(select rolsuper from pg_catalog.pg_roles where rolname = current_user) or "
    "pg_catalog.pg_has_role(d.datdba, 'member'), "
    "pg_catalog.pg_encoding_to_char(d.encoding), j ->> 'datcollate', j ->> 'datctype', "
    "coalesce(j ->> 'datlocprovider', 'c'), coalesce(j ->> 'datlocale', j ->> 'daticulocale', ''), "
    "coalesce(j ->> 'daticurules', ''), t.spcname, d.datconnlimit, "
    "coalesce(pg_catalog.shobj_description(d.oid, 'pg_database'), ''), d.datacl is null, "
    "case when pg_catalog.has_database_privilege(d.oid, 'connect') then pg_catalog.pg_database_size(d.oid) else 0 end "
    "from pg_catalog.pg_database d join pg_catalog.pg_tablespace t on t.oid = d.dattablespace, "
    "lateral (select pg_catalog.to_jsonb(d.*) - 'datacl') as x(j) where d.datname = ";

constexpr BytesView kGrants =
    "select pg_catalog.pg_get_userbyid(a.grantor), "
    "case a.grantee when 0 then '' else pg_catalog.pg_get_userbyid(a.grantee) end, a.privilege_type, a.is_grantable "
    "from pg_catalog.pg_database d, pg_catalog.aclexplode(d.datacl) with ordinality as "
    "a(grantor, grantee, privilege_type, is_grantable, ord) where d.datname = {} order by a.ord";

constexpr BytesView kSettings =
    "select coalesce(r.rolname, ''), pg_catalog.split_part(c.text, '=', 1), "
    "pg_catalog.substr(c.text, pg_catalog.strpos(c.text, '=') + 1) "
    "from pg_catalog.pg_db_role_setting s join pg_catalog.pg_database d on d.oid = s.setdatabase "
    "left join pg_catalog.pg_roles r on r.oid = s.setrole, "
    "pg_catalog.unnest(s.setconfig) with ordinality as c(text, ord) "
    "where d.datname = {} and (s.setrole = 0 or r.oid is not null) order by s.setrole, c.ord";

DatabaseFacts facts_of(RowReader& row) {
    DatabaseFacts facts;
    facts.name = row.text();
    facts.owner = row.text();
    facts.may_be_owner = row.boolean();
    facts.encoding = row.text();
    facts.collate = row.text();
    facts.ctype = row.text();
    facts.locale_provider = row.letter();
    facts.locale = row.text();
    facts.icu_rules = row.text();
    facts.tablespace = row.text();
    facts.connection_limit = row.number<std::int32_t>();
    facts.comment = row.text();
    facts.default_acl = row.boolean();
    facts.size = row.number<std::int64_t>();
    return facts;
}

}  // namespace

Result<DatabaseFacts> read_database_facts(ControlConnection& connection, const Bytes& name) {
    const Bytes literal = sql::quote_literal(name);
    std::vector<DatabaseFacts> found;
    UNDERSTUDY_CHECK(catalog::read_into(connection, found, Bytes(kDatabase) + literal, facts_of));
    if (found.empty()) return make_error(Errc::usage, fmt::format("the server has no database \"{}\"", name));
    DatabaseFacts facts = std::move(found.front());
    UNDERSTUDY_CHECK(
        catalog::read_into(connection, facts.grants, fmt::format(fmt::runtime(kGrants), literal), [](RowReader& row) {
            DatabaseGrant grant;
            grant.grantor = row.text();
            grant.grantee = row.text();
            grant.privilege = row.text();
            grant.grantable = row.boolean();
            return grant;
        }));
    UNDERSTUDY_CHECK(catalog::read_into(connection, facts.settings, fmt::format(fmt::runtime(kSettings), literal),
                                        [](RowReader& row) {
                                            DatabaseSetting setting;
                                            setting.role = row.text();
                                            setting.name = row.text();
                                            setting.value = row.text();
                                            return setting;
                                        }));
    return facts;
}

}  // namespace understudy::app
