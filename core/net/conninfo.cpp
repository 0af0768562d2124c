#include "core/net/conninfo.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <unistd.h>

#include <memory>

namespace understudy::net {
namespace {

using Options = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

std::string value_of(const PQconninfoOption* options, const char* keyword) {
    for (const PQconninfoOption* option = options; option != nullptr && option->keyword != nullptr; ++option) {
        if (std::string(option->keyword) == keyword) return option->val == nullptr ? "" : option->val;
    }
    return {};
}

std::string system_user() {
    const passwd* entry = getpwuid(geteuid());
    return entry == nullptr ? "postgres" : entry->pw_name;
}

}  // namespace

std::string ConnectionInfo::to_string() const {
    return fmt::format("host={} port={} user={} dbname={}", host, port, user, database);
}

Result<ConnectionInfo> parse_conninfo(const std::string& text) {
    char* message = nullptr;
    const Options given(PQconninfoParse(text.c_str(), &message), PQconninfoFree);
    if (!given) {
        std::string reason = message == nullptr ? "out of memory" : message;
        PQfreemem(message);
        while (!reason.empty() && reason.back() == '\n') reason.pop_back();
        // libpq quotes what it does not understand, which may be the password.
        return make_error(Errc::usage, fmt::format("not a connection string: {}", reason.substr(0, reason.find('"'))));
    }
    const Options defaults(PQconndefaults(), PQconninfoFree);
    const auto pick = [&](const char* keyword, const std::string& otherwise) {
        std::string value = value_of(given.get(), keyword);
        if (value.empty()) value = value_of(defaults.get(), keyword);
        return value.empty() ? otherwise : value;
    };
    const std::string sslmode = pick("sslmode", "prefer");
    if (sslmode == "require" || sslmode == "verify-ca" || sslmode == "verify-full") {
        return make_error(Errc::unsupported,
                          fmt::format("sslmode={} is not supported yet: replay over a connection that needs "
                                      "no TLS, such as a Unix socket or a tunnel",
                                      sslmode));
    }
    ConnectionInfo info;
    info.host = pick("hostaddr", pick("host", "/var/run/postgresql"));
    info.port = pick("port", "5432");
    info.user = pick("user", system_user());
    info.password = pick("password", "");
    info.database_given = !value_of(given.get(), "dbname").empty();
    info.database = pick("dbname", info.user);
    return info;
}

}  // namespace understudy::net
