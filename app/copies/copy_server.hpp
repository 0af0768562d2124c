#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/copies/copy_tag.hpp"
#include "core/catalog/control_connection.hpp"

namespace understudy::app {

/// The connection that makes and drops databases: to a database of the server that nobody copies (postgres, else
/// template1), and with the advisory locks that say that our copies have a living maker. When the server went away in
/// between (a crash that is being rehearsed), it connects anew and takes its locks again.
class CopyServer {
public:
    /// Errors: Errc::usage for the connection string; Errc::io.
    static Result<CopyServer> open(const std::string& conninfo, const std::string& not_this_database);

    /// The rows of a statement, outside of a transaction. Errors: Errc::io with the server's words.
    Result<std::vector<catalog::Row>> query(const std::string& sql);
    /// The connection itself, for transactions.
    catalog::ControlConnection& connection() { return *connection_; }

    /// Takes, or gives back, the lock of a copy's maker.
    Result<void> lock(std::uint64_t chance);
    void unlock(std::uint64_t chance);

    /// Runs a statement that may take long; ends it when `stop` says so. Errors: Errc::refused then.
    Result<void> run_long(const std::string& sql, const std::function<bool()>& stop);

    [[nodiscard]] const std::string& conninfo() const { return conninfo_; }  ///< to the database connected to
    [[nodiscard]] int version_num() const { return version_num_; }

private:
    CopyServer() = default;
    Result<void> connect();

    std::string conninfo_;
    std::optional<catalog::ControlConnection> connection_;
    std::set<std::uint64_t> locks_;
    int version_num_ = 0;
    std::string backend_;  // its process id
};

/// Which copies have a living maker: the chances in the names whose advisory locks are held.
Result<std::set<std::uint64_t>> living_makers(CopyServer& server);

/// The databases of the server that are, or look like, scratch databases of ours.
Result<std::vector<DatabaseMarks>> copies_on(CopyServer& server);

/// Drops a scratch database, whoever is connected to it: prepared transactions are rolled back and replication slots
/// dropped first, as they would keep it. One that is gone already is no error. Errors: Errc::refused when its marks do
/// not say that it is ours; Errc::io.
Result<void> drop_copy(CopyServer& server, const std::string& name);

}  // namespace understudy::app
