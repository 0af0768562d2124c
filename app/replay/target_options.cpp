#include "app/replay/target_options.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "app/options.hpp"

namespace understudy::app {
namespace {

/// A connection string or URL that says one thing more.
std::string with_parameter(const std::string& conninfo, const char* keyword, const std::string& value) {
    const bool url = conninfo.starts_with("postgres://") || conninfo.starts_with("postgresql://");
    if (!url) {
        std::string quoted;
        for (const char c : value) quoted += c == '\'' || c == '\\' ? fmt::format("\\{}", c) : std::string(1, c);
        return fmt::format("{} {}='{}'", conninfo, keyword, quoted);
    }
    std::string encoded;
    for (const char c : value) encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    return fmt::format("{}{}{}={}", conninfo, conninfo.find('?') == std::string::npos ? '?' : '&', keyword, encoded);
}

}  // namespace

void add_target_options(CLI::App& command, TargetOptionTexts& texts) {
    command.add_option("-t,--target", texts.target, "Connection string or URL of the target")->required();
    command.add_option("--credentials", texts.credentials,
                       "Passwords of the recorded roles: a file like .pgpass, readable by you only");
    command.add_flag("--impersonate", texts.impersonate,
                     "Log in as the target's user, a superuser, and take the recorded roles on: their privileges are "
                     "approximate then");
    command.add_option("--database-map", texts.database_map, "RECORDED=TARGET; may be given more than once");
    command.add_option("--user-map", texts.user_map, "RECORDED=TARGET; may be given more than once");
}

Result<replay::TargetOptions> target_options(const TargetOptionTexts& texts) {
    replay::TargetOptions target;
    UNDERSTUDY_TRY(auto info, net::parse_conninfo(texts.target));
    target.connect_timeout = info.connect_timeout.value_or(target.connect_timeout);
    UNDERSTUDY_TRY(target.server, net::Server::prepare(std::move(info), texts.credentials));
    for (const std::string& warning : target.server.warnings()) fmt::print(stderr, "understudy: {}\n", warning);
    for (const std::string& text : texts.user_map) {
        UNDERSTUDY_TRY(auto mapping, parse_mapping(text));
        target.user_map.insert(std::move(mapping));
    }
    for (const std::string& text : texts.database_map) {
        UNDERSTUDY_TRY(auto mapping, parse_mapping(text));
        target.database_map.insert(std::move(mapping));
    }
    return target;
}

std::string control_conninfo(const TargetOptionTexts& texts, const replay::TargetOptions& target) {
    const net::ConnectionInfo& info = target.server.info();
    std::string database = info.database;
    std::string conninfo = texts.target;
    if (!info.database_given && !target.database_map.empty()) {
        database = target.database_map.begin()->second;
        conninfo = with_parameter(conninfo, "dbname", database);
    }
    if (texts.credentials.empty() || !info.password.empty()) return conninfo;
    // libpq, which makes control connections, does not know that file.
    const std::string password =
        target.server.password_for(target.server.addresses().front().entry, database, info.user);
    return password.empty() ? conninfo : with_parameter(conninfo, "password", password);
}

net::asio::awaitable<Result<void>> check_target(replay::TargetOptions& target, std::string database, bool impersonate,
                                                replay::TargetCheck& check) {
    net::PgStream stream(co_await net::asio::this_coro::executor);
    const net::ConnectionInfo& info = target.server.info();
    pgwire::StartupMessage startup;
    startup.parameters = {{"user", info.user}, {"database", std::move(database)}, {"application_name", "understudy"}};
    auto login = co_await stream.open(target.server, startup, target.connect_timeout);
    if (!login) {
        co_return make_error(login.error().code, fmt::format("target {}: {}", info.to_string(), login.error().message));
    }
    auto checked = co_await check.check(stream);
    if (!checked || !impersonate) co_return checked;
    auto plan = co_await replay::ImpersonationPlan::read(stream);
    if (!plan) co_return plan.error();
    if (const std::vector<Bytes> own = plan->settings_of_login(); !own.empty()) {
        fmt::print(stderr,
                   "understudy: {} has settings of its own ({}), which the sessions keep where the recorded role says "
                   "nothing else\n",
                   plan->login(), fmt::join(own, ", "));
    }
    target.impersonation = std::move(*plan);
    co_return Result<void>();
}

std::string describe_roles(const replay::TargetOptions& target) {
    if (!target.impersonation) return {};
    return fmt::format(", roles impersonated by {} (privileges approximate)", target.impersonation->login());
}

}  // namespace understudy::app
