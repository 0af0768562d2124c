#include "core/catalog/control_connection.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <pqxx/pqxx>

namespace understudy::catalog {
namespace {

/// The server's or libpq's message as one line.
std::string one_line(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    std::string line;
    for (const char c : text) {
        if (c == '\n') {
            line += "; ";
        } else {
            line += c == '\t' ? ' ' : c;
        }
    }
    return line;
}

std::string as_keyword(const std::string& name, const std::string& value) {
    std::string quoted;
    for (const char c : value) {
        if (c == '\'' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return fmt::format("{}='{}' ", name, quoted);
}

/// The connection string with our defaults where it says nothing.
Result<std::string> with_defaults(const std::string& conninfo, const ControlLimits& limits) {
    char* error = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(conninfo.c_str(), &error), &PQconninfoFree);
    if (error != nullptr) PQfreemem(error);
    if (options == nullptr) {
        return make_error(Errc::usage,
                          "the connection string cannot be parsed: give \"host=… dbname=… user=…\" or "
                          "postgresql://user@host/database");
    }
    std::string result;
    bool timeout_given = std::getenv("PGCONNECT_TIMEOUT") != nullptr;
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val == nullptr) continue;
        result += as_keyword(option->keyword, option->val);
        timeout_given = timeout_given || std::string_view(option->keyword) == "connect_timeout";
    }
    if (!timeout_given) result += as_keyword("connect_timeout", std::to_string(limits.connect_timeout_s));
    return result + as_keyword("fallback_application_name", "understudy");
}

}  // namespace

struct ControlConnection::Impl {
    explicit Impl(const std::string& conninfo) : connection(conninfo), quiet(connection), session(connection) {}

    pqxx::connection connection;
    pqxx::quiet_errorhandler quiet;  // notices are not ours to print
    pqxx::nontransaction session;    // BEGIN and COMMIT are said by us
    ControlLimits limits;
    QueryFailure last_failure = QueryFailure::none;
};

ControlConnection::ControlConnection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ControlConnection::ControlConnection(ControlConnection&&) noexcept = default;
ControlConnection::~ControlConnection() = default;

Result<ControlConnection> ControlConnection::open(const std::string& conninfo, const ControlLimits& limits) {
    UNDERSTUDY_TRY(const std::string full, with_defaults(conninfo, limits));
    try {
        auto impl = std::make_unique<Impl>(full);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"  // libpqxx 7 never reconnects and has no such function
        impl->connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
        impl->limits = limits;
        return ControlConnection(std::move(impl));
    } catch (const std::exception& error) {
        const std::string reason = one_line(error.what());
        return make_error(Errc::io, "cannot connect: " + (reason.empty() ? "no reason given" : reason));
    }
}

Result<void> ControlConnection::begin(const char* mode) {
    const auto milliseconds = [](Duration d) { return std::max<std::int64_t>(1, d.count_ns() / 1'000'000); };
    UNDERSTUDY_CHECK(query(fmt::format("begin {}", mode)));
    UNDERSTUDY_CHECK(query(fmt::format("set local lock_timeout = {}", milliseconds(impl_->limits.lock_timeout))));
    UNDERSTUDY_CHECK(
        query(fmt::format("set local statement_timeout = {}", milliseconds(impl_->limits.statement_timeout))));
    return {};
}

Result<void> ControlConnection::begin_read_only() { return begin("isolation level repeatable read read only"); }

Result<void> ControlConnection::begin_read_write() { return begin("isolation level read committed read write"); }

Result<void> ControlConnection::commit() {
    UNDERSTUDY_CHECK(query("commit"));
    return {};
}

Result<std::vector<Row>> ControlConnection::query(const std::string& sql) {
    try {
        const pqxx::result result = impl_->session.exec(sql);
        std::vector<Row> rows;
        rows.reserve(result.size());
        for (const auto& from : result) {
            Row& row = rows.emplace_back();
            row.reserve(from.size());
            for (const auto& field : from) {
                if (field.is_null()) {
                    row.emplace_back();
                } else {
                    row.emplace_back(Bytes(field.c_str(), field.size()));
                }
            }
        }
        return rows;
    } catch (const pqxx::sql_error& error) {
        // By type: libpqxx 6 loses the SQLSTATE of most classes.
        const bool privilege = dynamic_cast<const pqxx::insufficient_privilege*>(&error) != nullptr;
        impl_->last_failure = privilege ? QueryFailure::privilege : QueryFailure::statement;
        return make_error(Errc::io, one_line(error.what()));
    } catch (const std::exception& error) {
        impl_->last_failure = QueryFailure::connection;
        return make_error(Errc::io, "lost the control connection: " + one_line(error.what()));
    }
}

QueryFailure ControlConnection::last_failure() const { return impl_->last_failure; }

std::string ControlConnection::quoted_name(const std::string& name) const { return impl_->connection.quote_name(name); }

std::string ControlConnection::quoted_literal(const std::string& text) const { return impl_->connection.quote(text); }

}  // namespace understudy::catalog
