#include "app/copies/busy_template.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/catalog/row_reader.hpp"
#include "core/sql/literal_text.hpp"

namespace understudy::app {
namespace {

constexpr std::size_t kMaxShown = 5;

std::string describe(const TemplateUser& user) {
    if (!user.prepared.empty()) {
        return fmt::format("prepared transaction '{}' of user \"{}\" since {}", user.prepared, user.user, user.since);
    }
    std::string text = fmt::format("user \"{}\"", user.user);
    if (!user.application.empty()) text += fmt::format(", application \"{}\"", user.application);
    if (!user.address.empty()) text += ", from " + user.address;
    text += ", since " + user.since;
    if (!user.state.empty()) text += ", " + user.state;
    return text;
}

}  // namespace

Result<std::vector<TemplateUser>> template_users(CopyServer& server, const std::string& database) {
    const Bytes literal = sql::quote_literal(database);
    // Autovacuum's workers are ended by CREATE DATABASE itself.
    UNDERSTUDY_TRY(
        const auto rows,
        server.query("select coalesce(usename, ''), coalesce(application_name, ''), "
                     "coalesce(pg_catalog.host(client_addr), ''), "
                     "coalesce(pg_catalog.to_char(backend_start, 'YYYY-MM-DD HH24:MI:SSOF'), '?'), "
                     "coalesce(state, ''), '' from pg_catalog.pg_stat_activity where datname = " +
                     literal +
                     " and pid <> pg_catalog.pg_backend_pid() and backend_type is distinct from 'autovacuum worker' "
                     "union all select owner, '', '', pg_catalog.to_char(prepared, 'YYYY-MM-DD HH24:MI:SSOF'), '', gid "
                     "from pg_catalog.pg_prepared_xacts where database = " +
                     literal + " order by 4"));
    std::vector<TemplateUser> users;
    for (const catalog::Row& row : rows) {
        catalog::RowReader reader(row);
        TemplateUser& user = users.emplace_back();
        for (Bytes* field : {&user.user, &user.application, &user.address, &user.since, &user.state, &user.prepared}) {
            *field = reader.text();
        }
        if (!reader.ok())
            return make_error(Errc::protocol, "the server's list of sessions is not of the expected form");
    }
    return users;
}

Result<void> close_connections(CopyServer& server, const std::string& database) {
    UNDERSTUDY_CHECK(
        server.query("select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity "
                     "where pid <> pg_catalog.pg_backend_pid() and backend_type is distinct from 'autovacuum worker' "
                     "and datname = " +
                     sql::quote_literal(database)));
    return {};
}

std::string explain_template_users(const std::string& database, const std::vector<TemplateUser>& users,
                                   bool may_close) {
    std::string text = fmt::format(
        "database \"{}\" cannot be copied while it is in use, as CREATE DATABASE … TEMPLATE needs it to itself: ",
        database);
    for (std::size_t i = 0; i < std::min(users.size(), kMaxShown); ++i) {
        text += fmt::format("{}{}", i > 0 ? "; " : "", describe(users[i]));
    }
    if (users.size() > kMaxShown) text += fmt::format("; and {} more", users.size() - kMaxShown);
    const bool prepared =
        std::any_of(users.begin(), users.end(), [](const auto& user) { return !user.prepared.empty(); });
    if (prepared) {
        text += "; end prepared transactions by COMMIT PREPARED or ROLLBACK PREPARED";
    } else if (may_close) {
        text += "; they were closed and came again: stop what connects";
    } else {
        text += "; close them, or give --close-connections, or use another way to reset";
    }
    return text;
}

}  // namespace understudy::app
