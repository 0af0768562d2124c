#include "schema/fidelity/read_environment.hpp"

#include <fmt/format.h>

#include "core/catalog/read_catalog.hpp"
#include "core/catalog/row_reader.hpp"
#include "core/catalog/snapshot/canonical_text.hpp"
#include "core/catalog/snapshot/read_snapshot.hpp"
#include "schema/fidelity/setting_classes.hpp"

namespace understudy::schema::fidelity {
namespace {

using catalog::Row;
using catalog::RowReader;

/// So that values have one text on every server, and names need a schema.
constexpr const char* kPins =
    "set local search_path to ''; set local datestyle to 'ISO, MDY'; set local intervalstyle to 'postgres';"
    " set local timezone to 'UTC'; set local extra_float_digits to 1; set local bytea_output to 'hex';"
    " set local lc_monetary to 'C'; set local jit to off; set local max_parallel_workers_per_gather to 0";

/// "16384" of "8kB" is "131072 kB".
Bytes with_unit(const Bytes& value, const Bytes& unit) {
    if (unit.empty()) return value;
    std::int64_t number = 0;
    std::int64_t scale = 1;
    const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
    const auto scaled = std::from_chars(unit.data(), unit.data() + unit.size(), scale);
    const bool whole = parsed.ec == std::errc() && parsed.ptr == value.data() + value.size() && number > 0;
    if (!whole || scaled.ec != std::errc() || number > INT64_MAX / scale) return fmt::format("{} {}", value, unit);
    return fmt::format("{} {}", number * scale, unit.substr(static_cast<std::size_t>(scaled.ptr - unit.data())));
}

}  // namespace

Result<std::optional<std::vector<Row>>> Asking::ask(const std::string& what, const std::string& sql, Message message) {
    UNDERSTUDY_CHECK(connection_.query("savepoint asking"));
    auto rows = connection_.query(sql);
    if (!rows && connection_.last_failure() == catalog::QueryFailure::connection) return rows.error();
    // Gives back what locks it took, and ends a failure.
    UNDERSTUDY_CHECK(connection_.query("rollback to savepoint asking"));
    if (rows) return std::optional(std::move(*rows));
    const bool late = rows.error().message.find("statement timeout") != std::string::npos;
    unread(what, late                       ? "it takes longer than the statement timeout"
                 : message == Message::kept ? Bytes(rows.error().message)
                                            : Bytes("the server refused the question"));
    return std::optional<std::vector<Row>>();
}

Result<void> read_settings(catalog::ControlConnection& connection, Environment& out) {
    std::string names;
    for (const Bytes& name : known_settings()) {
        names += fmt::format("{}{}", names.empty() ? "" : ",", connection.quoted_literal(name));
    }
    UNDERSTUDY_CHECK(catalog::read_into(
        connection, out.settings,
        fmt::format("select name, coalesce(reset_val, ''), coalesce(unit, ''), source from pg_catalog.pg_settings"
                    " where lower(name) in ({}) or name like '%.%' limit {}",
                    names, kMaxEntries),
        [](RowReader& row) {
            SettingFact setting;
            setting.name = row.text();
            const Bytes value = row.text();
            setting.value = with_unit(value, row.text());
            setting.source = row.text();
            if (!catalog::keeps_setting_value(setting.name)) setting.value = "(withheld)";
            return setting;
        }));
    return {};
}

Result<void> read_roles(Asking& asking) {
    UNDERSTUDY_TRY(const auto rows,
                   asking.ask("roles", fmt::format("select r.rolname, array_remove(array[case when r.rolbypassrls then "
                                                   "'bypasses row security' end, case when r.rolcanlogin then 'login' "
                                                   "end, case when not r.rolinherit then 'no inheritance' end, case "
                                                   "when r.rolsuper then 'superuser' end], null)::text,"
                                                   " array(select g.rolname::text from pg_auth_members m join pg_roles "
                                                   "g on g.oid = m.roleid where m.member = r.oid order by g.rolname "
                                                   "collate \"C\")::text from pg_roles r where r.rolname !~ '^pg_'"
                                                   " limit {}",
                                                   kMaxEntries)));
    if (!rows) return {};
    for (const Row& row : *rows) {
        RoleFact role{row.at(0).value_or(""), {}, {}};
        UNDERSTUDY_TRY(role.traits, catalog::parse_text_array(row.at(1).value_or("{}")));
        UNDERSTUDY_TRY(role.member_of, catalog::parse_text_array(row.at(2).value_or("{}")));
        asking.out().roles.push_back(std::move(role));
    }
    return {};
}

Result<Environment> read_environment(const std::string& conninfo, const ReadingOptions& options) {
    Environment result;
    UNDERSTUDY_TRY(result.schema, catalog::read_snapshot(conninfo, options.limits));
    UNDERSTUDY_TRY(auto connection, catalog::ControlConnection::open(conninfo, options.limits));
    result.taken = options.now;
    result.keyed = !options.statistics_key.empty();
    result.key_id = result.keyed ? options.key_id : Bytes();
    // Before the transaction, whose own time-outs would hide the server's.
    UNDERSTUDY_CHECK(read_settings(connection, result));
    UNDERSTUDY_CHECK(connection.begin_read_only());
    UNDERSTUDY_CHECK(connection.query(kPins));
    Asking asking(connection, result);
    UNDERSTUDY_CHECK(read_server(asking, result.schema.server_version));
    UNDERSTUDY_CHECK(read_roles(asking));
    UNDERSTUDY_CHECK(read_tables(asking, result.schema.server_version));
    UNDERSTUDY_CHECK(read_columns(asking, options.statistics_key));
    UNDERSTUDY_CHECK(connection.commit());
    UNDERSTUDY_CHECK(read_sequences_of(asking));
    result.sort();
    return result;
}

}  // namespace understudy::schema::fidelity
