#include "schema/check/server_session.hpp"

#include <fmt/format.h>

#include "core/sql/literal_text.hpp"

namespace understudy::schema {

Task<void> ServerSession::open(const net::ConnectionInfo& info) {
    const auto server = net::Server::prepare(info);
    if (!server) co_return server.error();
    pgwire::StartupMessage startup;
    startup.parameters = {{"user", info.user}, {"database", info.database}, {"application_name", "understudy"}};
    auto login =
        co_await stream_.open(*server, std::move(startup), info.connect_timeout.value_or(options_.connect_timeout));
    if (!login) co_return login.error();
    for (const auto& [name, value] : login->settings) {
        if (name == "server_version") server_version_ = value;
    }
    const auto set = co_await stream_.query(fmt::format(
        "select set_config('default_transaction_read_only', 'on', false), "
        "set_config('statement_timeout', '{}ms', false), set_config('lock_timeout', '{}ms', false)",
        options_.statement_timeout.count_ns() / 1'000'000, options_.lock_timeout.count_ns() / 1'000'000));
    if (!set) co_return set.error();
    co_return Result<void>();
}

Task<std::vector<net::TextRow>> ServerSession::query(std::string sql) { co_return co_await stream_.query(std::move(sql)); }

Task<void> ServerSession::set_role(Bytes role) {
    if (role == current_role_) co_return Result<void>();
    std::string text = "reset role";  // apart: g++ 12 destroys a conditional's temporaries twice in a co_await
    if (!role.empty()) text = fmt::format("select pg_catalog.set_config('role', {}, false)", sql::quote_literal(role));
    const auto rows = co_await stream_.query(std::move(text));
    if (!rows) co_return rows.error();
    current_role_ = std::move(role);
    co_return Result<void>();
}

Task<void> ServerSession::set_path(Bytes path) {
    if (path == current_path_) co_return Result<void>();
    const auto rows = co_await stream_.query(
        fmt::format("select pg_catalog.set_config('search_path', {}, false)", sql::quote_literal(path)));
    if (!rows) co_return rows.error();
    current_path_ = std::move(path);
    co_return Result<void>();
}

}  // namespace understudy::schema
