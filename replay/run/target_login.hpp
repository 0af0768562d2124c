#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/model/event.hpp"
#include "core/net/pg_stream.hpp"
#include "replay/run/impersonation_plan.hpp"

namespace understudy::replay {

/// What every session of a replay needs to reach the target.
struct TargetOptions {
    net::Server server;
    std::map<std::string, std::string> user_map;
    std::map<std::string, std::string> database_map;
    std::optional<ImpersonationPlan> impersonation;  ///< with `--impersonate`
    Duration connect_timeout = Duration::seconds(10);
    /// How long a session waits for a free connection of the server's before it is given up.
    Duration connection_wait = Duration::seconds(30);
};

/// As whom and where a recorded session connects.
struct TargetLogin {
    pgwire::StartupMessage startup;
    std::optional<ImpersonatedRole> role;  ///< to be taken on after the login

    /// As whom its statements run.
    [[nodiscard]] Bytes user() const { return role ? role->name : Bytes(startup.get("user")); }
    [[nodiscard]] Bytes database() const { return Bytes(startup.get("database")); }
};

/// Errors: Errc::auth when a role to be impersonated does not exist.
Result<TargetLogin> login_for(const SessionIdentity& recorded, const TargetOptions& target);

/// Connects, logs in, and takes the role on, which the server has to confirm. Errors: those of PgStream::open();
/// Errc::auth when the role could not be taken on.
net::asio::awaitable<Result<net::LoginFacts>> connect(net::PgStream& stream, const TargetLogin& login,
                                                      const TargetOptions& target, Bytes* refusal_sqlstate = nullptr);

}  // namespace understudy::replay
