#include "core/catalog/server_sessions.hpp"

#include <charconv>

namespace understudy::catalog {
namespace {

/// Of other users' sessions a role without pg_read_all_stats sees neither backend_type nor address and port. Over a Unix
/// socket the port is -1.
constexpr const char* kSql =
    "select host(client_addr), client_port, usename, datname, application_name, pid "
    "from pg_stat_activity where pid <> pg_backend_pid() and (backend_type = 'client backend' "
    "or (backend_type is null and usename is not null and datname is not null))";

template <class Number>
Number number_of(const std::optional<Bytes>& text) {
    Number value{};
    if (text) std::from_chars(text->data(), text->data() + text->size(), value);
    return value;
}

}  // namespace

Result<ServerSessions> read_sessions(const std::string& conninfo, const ControlLimits& limits) {
    UNDERSTUDY_TRY(auto connection, ControlConnection::open(conninfo, limits));
    UNDERSTUDY_CHECK(connection.begin_read_only());
    UNDERSTUDY_TRY(const auto rows, connection.query(kSql));
    ServerSessions found;
    for (const Row& row : rows) {
        if (row.size() != 6) return make_error(Errc::protocol, "pg_stat_activity is not of the expected form");
        if (!row[1]) {
            ++found.hidden;
            continue;
        }
        ServerSession session;
        session.client_port = number_of<std::uint16_t>(row[1]);
        if (!row[0] || session.client_port == 0) continue;  // a Unix socket: packets do not show it
        session.client_address = *row[0];
        session.user = row[2].value_or("");
        session.database = row[3].value_or("");
        session.application = row[4].value_or("");
        session.process_id = number_of<std::uint32_t>(row[5]);
        found.sessions.push_back(std::move(session));
    }
    return found;
}

}  // namespace understudy::catalog
