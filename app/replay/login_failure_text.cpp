#include "app/replay/login_failure_text.hpp"

#include <fmt/format.h>

#include "app/options.hpp"

namespace understudy::app {

// The SQLSTATEs are those of the server's start-up code: PostgreSQL docs, appendix "PostgreSQL Error Codes".
std::string login_advice(const replay::LoginFailure& failure) {
    const Bytes& state = failure.sqlstate;
    const std::string other_roles = fmt::format(
        "let it play as another role with --user-map {}=OTHER, or log in as one superuser with "
        "--impersonate",
        failure.user);
    if (state == "28P01") {
        return fmt::format("give its password on the target in --credentials FILE or ~/.pgpass (a line {}), {}",
                           fmt::format("HOST:PORT:{}:{}:PASSWORD", failure.database, failure.user), other_roles);
    }
    if (state == "28000") {
        return fmt::format(
            "make the role on the server of the target (CREATE ROLE … LOGIN) and admit it in its "
            "pg_hba.conf, {}",
            other_roles);
    }
    if (state == "3D000") {
        return fmt::format("name the database of the target with dbname in --target, or --database-map {}=OTHER",
                           failure.database);
    }
    if (state == "42501") {
        return fmt::format("GRANT CONNECT ON DATABASE {} TO {}, {}", failure.database, failure.user, other_roles);
    }
    if (state == "53300") {
        return "raise max_connections of the target, or the connection limit of the role or database";
    }
    if (state == "55000") return "the database allows no connections: ALTER DATABASE … ALLOW_CONNECTIONS true";
    return fmt::format(
        "see that the server of the target can be reached and lets the role in: a password is looked for in "
        "--credentials and ~/.pgpass; or {}",
        other_roles);
}

std::string login_failure_text(const replay::LoginFailures& failures) {
    std::string text;
    std::uint64_t told = 0;
    for (const auto& [failure, sessions] : failures.reasons()) {
        told += sessions;
        text += fmt::format("understudy: {}{} session{} of role {} at database {}: {}{} — {}\n", kLoginFailed,
                            human_count(sessions), sessions == 1 ? "" : "s", failure.user, failure.database,
                            failure.message, failure.sqlstate.empty() ? "" : " (" + failure.sqlstate + ")",
                            login_advice(failure));
    }
    if (const std::uint64_t all = failures.sessions(); all > told) {
        text +=
            fmt::format("understudy: {}{} more sessions, for other reasons\n", kLoginFailed, human_count(all - told));
    }
    return text;
}

}  // namespace understudy::app
