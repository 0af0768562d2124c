#include "replay/run/target_login.hpp"

#include <fmt/format.h>

namespace understudy::replay {
namespace {

namespace asio = net::asio;

constexpr const char* kWhoAmI =
    "select pg_catalog.current_setting('session_authorization'), pg_catalog.current_setting('is_superuser')";

std::string mapped(const std::map<std::string, std::string>& map, const std::string& name,
                   const std::string& otherwise) {
    const auto found = map.find(name);
    return found == map.end() ? otherwise : found->second;
}

/// The role's settings before the recorded client's, which win.
void prepend_options(pgwire::StartupMessage& startup, Bytes options) {
    if (options.empty()) return;
    for (auto& [name, value] : startup.parameters) {
        if (name != "options") continue;
        value = options + value;
        return;
    }
    startup.parameters.emplace_back("options", std::move(options));
}

void set_reported(std::vector<std::pair<Bytes, Bytes>>& settings, BytesView name, const Bytes& value) {
    for (auto& setting : settings) {
        if (setting.first == name) setting.second = value;
    }
}

asio::awaitable<Result<void>> take_on(net::PgStream& stream, const ImpersonatedRole& role, net::LoginFacts& facts) {
    const auto taken = co_await stream.ask(role.assertion());
    if (!taken) {
        co_return make_error(Errc::auth, fmt::format("cannot take on role {}: {}", role.name, taken.error().message));
    }
    const auto rows = co_await stream.query(kWhoAmI);
    if (!rows) co_return rows.error();
    const bool told = rows->size() == 1 && rows->front().size() == 2 && rows->front()[0] && rows->front()[1];
    const bool superuser = told && *rows->front()[1] != "off";
    if (!told || *rows->front()[0] != role.name || (superuser && !role.superuser && !role.may_be_superuser)) {
        co_return make_error(Errc::auth,
                             fmt::format("the target does not confirm that the session is role {} now", role.name));
    }
    set_reported(facts.settings, "session_authorization", role.name);
    set_reported(facts.settings, "is_superuser", superuser ? "on" : "off");
    co_return Result<void>();
}

}  // namespace

Result<TargetLogin> login_for(const SessionIdentity& recorded, const TargetOptions& target) {
    TargetLogin login;
    const net::ConnectionInfo& info = target.server.info();
    std::string user = mapped(target.user_map, recorded.user, recorded.user.empty() ? info.user : recorded.user);
    const std::string database = recorded.database.empty() || info.database_given ? info.database : recorded.database;
    const std::string mapped_database = mapped(target.database_map, recorded.database, database);
    if (target.impersonation && user != target.impersonation->login()) {
        UNDERSTUDY_TRY(login.role, target.impersonation->role(user, mapped_database));
        user = target.impersonation->login();
    }
    login.startup.parameters.emplace_back("user", std::move(user));
    login.startup.parameters.emplace_back("database", mapped_database);
    for (const auto& [name, value] : recorded.startup) {
        if (name == "user" || name == "database" || name == "replication") continue;
        login.startup.parameters.emplace_back(name, value);
    }
    if (login.role) prepend_options(login.startup, login.role->startup_options());
    return login;
}

asio::awaitable<Result<net::LoginFacts>> connect(net::PgStream& stream, const TargetLogin& login,
                                                 const TargetOptions& target, Bytes* refusal_sqlstate) {
    auto facts = co_await stream.open(target.server, login.startup, target.connect_timeout, refusal_sqlstate);
    if (!facts || !login.role) co_return facts;
    const auto taken = co_await take_on(stream, *login.role, *facts);
    if (!taken) co_return taken.error();
    co_return facts;
}

}  // namespace understudy::replay
