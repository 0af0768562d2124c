#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/catalog/control_connection.hpp"

namespace understudy::catalog {

/// A client connection that a server has open, as pg_stat_activity shows it (PostgreSQL docs, "pg_stat_activity").
struct ServerSession {
    std::string client_address;  ///< as text, "10.0.0.7" or "2001:db8::1"
    std::uint16_t client_port = 0;
    Bytes user;
    Bytes database;
    Bytes application;
    std::uint32_t process_id = 0;
};

/// The sessions that came over TCP. Sessions of other users show their address only to a superuser and to members of
/// pg_read_all_stats; `hidden` counts those that are not shown. Errors: as ControlConnection's.
struct ServerSessions {
    std::vector<ServerSession> sessions;
    std::uint64_t hidden = 0;
};
Result<ServerSessions> read_sessions(const std::string& conninfo, const ControlLimits& limits = {});

}  // namespace understudy::catalog
