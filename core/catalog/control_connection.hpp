#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/base/time.hpp"

namespace understudy::catalog {

/// A row as text; nothing stands for NULL.
using Row = std::vector<std::optional<Bytes>>;

/// How long a control connection may disturb the server it asks (production, for `--identify`).
struct ControlLimits {
    Duration statement_timeout = Duration::seconds(2);
    Duration lock_timeout = Duration::milliseconds(100);
    int connect_timeout_s = 10;  ///< unless the connection string or PGCONNECT_TIMEOUT says otherwise
};

enum class QueryFailure {
    none,
    statement,   ///< the server refused the statement; the connection is good
    privilege,   ///< as it did, for want of a privilege (42501)
    connection,  ///< the connection is lost
};

/// A connection of our own to a server, for a few statements: libpqxx without exceptions, and without its
/// silent reconnection, which would lose transaction and time-outs. Everything happens inside a transaction
/// that carries the limits (so a transaction pooler in between does no harm). One thread at a time.
///
///     UNDERSTUDY_TRY(auto connection, ControlConnection::open(conninfo));
///     UNDERSTUDY_CHECK(connection.begin_read_only());
///     UNDERSTUDY_TRY(const auto rows, connection.query("select …"));
class ControlConnection {
public:
    /// `conninfo` as libpq takes it (docs "Connection Strings": keywords or URI; environment, service and
    /// password files count). application_name is understudy unless given. Errors: Errc::usage for a string
    /// that does not parse (it is not repeated in the message: it may hold a password), Errc::io when the
    /// server cannot be reached or refuses.
    static Result<ControlConnection> open(const std::string& conninfo, const ControlLimits& limits = {});

    ControlConnection(ControlConnection&&) noexcept;
    ~ControlConnection();  ///< rolls back what was not committed

    /// One snapshot for all that follows, and no writes.
    Result<void> begin_read_only();
    Result<void> begin_read_write();
    Result<void> commit();

    /// The rows of one statement, all columns as text. Errors: Errc::io with the server's message.
    Result<std::vector<Row>> query(const std::string& sql);
    /// How the last query that failed did.
    [[nodiscard]] QueryFailure last_failure() const;

    [[nodiscard]] std::string quoted_name(const std::string& name) const;
    [[nodiscard]] std::string quoted_literal(const std::string& text) const;

private:
    struct Impl;
    explicit ControlConnection(std::unique_ptr<Impl> impl);
    Result<void> begin(const char* mode);
    std::unique_ptr<Impl> impl_;
};

}  // namespace understudy::catalog
