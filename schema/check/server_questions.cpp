#include "schema/check/server_questions.hpp"

#include <fmt/format.h>

#include "core/sql/literal_text.hpp"

namespace understudy::schema {

std::string default_path_query(BytesView user) {
    const auto of_role = [](const std::string& role) {
        return "(select substr(c, 13) from pg_catalog.pg_db_role_setting s, unnest(s.setconfig) c"
               " where starts_with(c, 'search_path=')"
               " and s.setdatabase in (0, (select oid from pg_catalog.pg_database where datname = "
               "current_database()))"
               " and s.setrole in (0, coalesce((select oid from pg_catalog.pg_roles where rolname = " +
               role + "), 0)) order by s.setrole = 0, s.setdatabase = 0 limit 1)";
    };
    return "select coalesce(" + of_role(sql::quote_literal(user)) + ", case when " + of_role("current_user") +
           " is null then reset_val else boot_val end) from pg_catalog.pg_settings where name = "
           "'search_path'";
}

std::string type_oid_query(const TypeIdentity& type) {
    return fmt::format(
        "select t.oid from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace "
        "where n.nspname = {} and t.typname = {}",
        sql::quote_literal(type.schema), sql::quote_literal(type.name));
}

}  // namespace understudy::schema
