#include "core/catalog/server_identity.hpp"

#include <charconv>

#include "core/catalog/target_marker.hpp"

namespace understudy::catalog {

Result<ServerIdentity> read_identity(const std::string& conninfo, const ControlLimits& limits) {
    UNDERSTUDY_TRY(auto connection, ControlConnection::open(conninfo, limits));
    UNDERSTUDY_CHECK(connection.begin_read_only());
    UNDERSTUDY_TRY(
        const auto rows,
        connection.query("select current_setting('server_version'), current_setting('server_version_num'), " +
                         std::string(kSystemIdentifierSql) +
                         ", pg_is_in_recovery(), current_database(), current_setting('server_encoding')"));
    if (rows.size() != 1 || rows[0].size() != 6) {
        return make_error(Errc::protocol, "the server's answer about itself is not of the expected form");
    }
    const auto text = [&](std::size_t column) { return rows[0][column].value_or(""); };
    ServerIdentity identity;
    identity.version = text(0);
    const std::string number = text(1);
    std::from_chars(number.data(), number.data() + number.size(), identity.version_num);
    identity.system_identifier = parse_system_identifier(text(2)).value_or(0);
    identity.in_recovery = text(3) == "t";
    identity.database = text(4);
    identity.encoding = text(5);
    // Asked last and apart: some managed servers refuse it, and the rest is still worth having.
    const auto wal =
        connection.query(identity.in_recovery ? "select pg_last_wal_replay_lsn()" : "select pg_current_wal_lsn()");
    if (wal && wal->size() == 1 && !(*wal)[0].empty()) identity.wal_position = (*wal)[0][0].value_or("");
    return identity;
}

}  // namespace understudy::catalog
