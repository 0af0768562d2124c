#include "schema/migration/session_start.hpp"

#include <fmt/format.h>

#include "core/sql/literal_text.hpp"

namespace understudy::schema {

pgwire::StartupMessage runner_startup(const net::ConnectionInfo& info, const RunnerSettings& settings) {
    pgwire::StartupMessage startup;
    startup.parameters = {
        {"user", info.user}, {"database", info.database}, {"application_name", settings.application_name}};
    return startup;
}

std::vector<std::string> setting_statements(const SessionSettings& settings) {
    std::vector<std::string> sql;
    const auto milliseconds = [](Duration d) { return d.count_ns() / 1'000'000; };
    if (settings.lock_timeout)
        sql.push_back(fmt::format("set lock_timeout = {}", milliseconds(*settings.lock_timeout)));
    if (settings.statement_timeout) {
        sql.push_back(fmt::format("set statement_timeout = {}", milliseconds(*settings.statement_timeout)));
    }
    if (!settings.role.empty()) {
        sql.push_back(
            fmt::format("select pg_catalog.set_config('role', {}, false)", sql::quote_literal(settings.role)));
    }
    if (!settings.search_path.empty()) {
        sql.push_back(fmt::format("select pg_catalog.set_config('search_path', {}, false)",
                                  sql::quote_literal(settings.search_path)));
    }
    return sql;
}

const char* to_string(Interruption kind) {
    switch (kind) {
        case Interruption::cancel: return "cancelled";
        case Interruption::lock_timeout: return "lock timeout";
        case Interruption::drop: return "connection dropped";
        case Interruption::terminate: return "backend terminated";
        case Interruption::crash: return "server crashed";
    }
    return "";
}

}  // namespace understudy::schema
