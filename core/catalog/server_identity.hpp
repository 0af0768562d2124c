#pragma once

#include <cstdint>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/catalog/control_connection.hpp"

namespace understudy::catalog {

/// Which server a connection reaches, and how far it has got.
struct ServerIdentity {
    std::string version;                  ///< server_version, "15.6 (Debian 15.6-0+deb12u1)"
    int version_num = 0;                  ///< server_version_num, 150006
    std::uint64_t system_identifier = 0;  ///< 0: this role may not call pg_control_system()
    std::string wal_position;             ///< "0/3000148", of a standby what it has replayed; empty where the server
                                          ///< does not tell
    bool in_recovery = false;             ///< a standby
    std::string database;
    Bytes encoding;  ///< of the database, "UTF8"
};

/// Asks with a read-only control connection; needs no more than CONNECT. Errors: as ControlConnection's.
Result<ServerIdentity> read_identity(const std::string& conninfo, const ControlLimits& limits = {});

}  // namespace understudy::catalog
