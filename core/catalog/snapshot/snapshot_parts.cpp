#include "core/catalog/snapshot/snapshot_parts.hpp"

#include <fmt/format.h>

#include <iterator>

namespace understudy::catalog {
namespace snapshot_sql {

std::string flag(const std::string& condition) { return fmt::format("case when {} then 'yes' end", condition); }

std::string sorted(const std::string& array) {
    return fmt::format("array(select x::text from unnest({}) x order by x::text collate \"C\")", array);
}

std::string access(const std::string& acl, char letter, const std::string& owner) {
    return fmt::format("case when {0} is not null then nullif({1}, {2}) end", acl, sorted(acl),
                       sorted(fmt::format("acldefault('{}', {})", letter, owner)));
}

std::string comment(const std::string& catalogue, const std::string& oid, const std::string& part) {
    // Few objects have one, and the list of these is hashed once: a look into the index for each column took half of the
    // time of the columns.
    return fmt::format(
        "case when {0} in (select o.objoid from pg_description o where o.classoid = '{1}'::regclass) then "
        "(select w.description from pg_description w where w.objoid = {0} and w.classoid = '{1}'::regclass and "
        "w.objsubid = {2}) end",
        oid, catalogue, part);
}

std::string owner(const std::string& oid) { return fmt::format("pg_get_userbyid({})", oid); }

std::string options(const std::string& array) {
    // What keeps_setting_value() takes for a secret.
    return fmt::format(
        "case when {0} is not null then array(select case when split_part(x, '=', 1) ~* "
        "'secret|password|passwd|token|credential|key|conninfo|dsn' then split_part(x, '=', 1) || '=(withheld)' else x "
        "end"
        " from unnest({0}) x order by x collate \"C\") end",
        array);
}

std::string qualified(const std::string& schema, const std::string& name) {
    return fmt::format("quote_ident({}) || '.' || quote_ident({})", schema, name);
}

}  // namespace snapshot_sql

std::vector<SnapshotPart> snapshot_parts(int version) {
    std::vector<SnapshotPart> parts;
    for (auto* of : {relation_parts, table_object_parts, function_and_type_parts, database_parts,
                     operator_and_text_search_parts}) {
        auto more = of(version);
        std::move(more.begin(), more.end(), std::back_inserter(parts));
    }
    return parts;
}

}  // namespace understudy::catalog
