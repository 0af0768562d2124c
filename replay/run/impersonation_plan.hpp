#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/net/pg_stream.hpp"
#include "replay/session/impersonation.hpp"

namespace understudy::replay {

/// What the target says of the roles that sessions will take on, read once before a replay with `--impersonate`.
class ImpersonationPlan {
public:
    /// Over a connection of the role that will log in for all. Errors: Errc::refused when it is no superuser: only one
    /// may take on other roles.
    static net::asio::awaitable<Result<ImpersonationPlan>> read(net::PgStream& stream);

    /// A role in a database, with its settings there. Errors: Errc::auth when the target has no such role.
    [[nodiscard]] Result<ImpersonatedRole> role(const Bytes& name, const Bytes& database) const;
    [[nodiscard]] const Bytes& login() const { return login_; }
    /// Settings of the role that logs in, which its sessions have where the recorded role has none of its own.
    [[nodiscard]] std::vector<Bytes> settings_of_login() const;

private:
    struct Facts {
        bool superuser = false;
        bool may_be_superuser = false;
        /// By database; the empty one stands for all.
        std::map<Bytes, std::vector<std::pair<Bytes, Bytes>>> settings;
    };
    Bytes login_;
    std::map<Bytes, Facts> roles_;
};

}  // namespace understudy::replay
