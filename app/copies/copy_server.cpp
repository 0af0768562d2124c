#include "app/copies/copy_server.hpp"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "app/copies/carry_over.hpp"
#include "core/catalog/conninfo_parts.hpp"
#include "core/catalog/row_reader.hpp"
#include "core/sql/literal_text.hpp"

namespace understudy::app {
namespace {

using catalog::ControlConnection;

constexpr std::chrono::milliseconds kAskEvery{50};

/// Cancels a backend's statement once `stop` says so, for as long as it lives.
class CancelOnStop {
public:
    CancelOnStop(std::string conninfo, std::string backend, const std::function<bool()>& stop)
        : conninfo_(std::move(conninfo)), backend_(std::move(backend)), stop_(stop), thread_([this] { watch(); }) {}
    ~CancelOnStop() {
        {
            const std::lock_guard lock(mutex_);
            done_ = true;
        }
        changed_.notify_one();
        thread_.join();
    }
    CancelOnStop(const CancelOnStop&) = delete;
    CancelOnStop& operator=(const CancelOnStop&) = delete;

private:
    void watch() {
        std::unique_lock lock(mutex_);
        while (!changed_.wait_for(lock, kAskEvery, [this] { return done_; })) {
            if (!stop_()) continue;
            if (auto connection = ControlConnection::open(conninfo_)) {
                // Without effect when it failed: asked again soon.
                static_cast<void>(connection->query(fmt::format("select pg_catalog.pg_cancel_backend({})", backend_)));
            }
        }
    }

    std::string conninfo_;
    std::string backend_;
    const std::function<bool()>& stop_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool done_ = false;
    std::thread thread_;
};

std::int64_t lock_key(std::uint64_t chance) { return static_cast<std::int64_t>(chance); }

constexpr BytesView kMarks =
    "select d.datname, coalesce(pg_catalog.shobj_description(d.oid, 'pg_database'), ''), d.datallowconn, "
    "d.datconnlimit "
    "from pg_catalog.pg_database d where ";

Result<std::vector<DatabaseMarks>> read_marks(CopyServer& server, const std::string& condition) {
    UNDERSTUDY_TRY(const auto rows, server.query(Bytes(kMarks) + condition + " order by d.datname"));
    std::vector<DatabaseMarks> result;
    for (const catalog::Row& row : rows) {
        catalog::RowReader reader(row);
        DatabaseMarks& marks = result.emplace_back();
        marks.name = reader.text();
        marks.comment = reader.text();
        marks.allows_connections = reader.boolean();
        marks.connection_limit = reader.number<std::int32_t>();
        if (!reader.ok()) return make_error(Errc::protocol, "the server's catalogues are not of the expected form");
    }
    return result;
}

Result<void> roll_back_prepared(CopyServer& server, const std::string& name) {
    UNDERSTUDY_TRY(const auto prepared, server.query("select gid from pg_catalog.pg_prepared_xacts where database = " +
                                                     sql::quote_literal(name)));
    if (prepared.empty()) return {};
    UNDERSTUDY_TRY(const auto parts, catalog::conninfo_with_database(server.conninfo(), name));
    UNDERSTUDY_TRY(auto inside, ControlConnection::open(parts.whole()));
    for (const catalog::Row& row : prepared) {
        UNDERSTUDY_CHECK(inside.query("rollback prepared " + sql::quote_literal(row.at(0).value_or(""))));
    }
    return {};
}

Result<void> drop_slots(CopyServer& server, const std::string& name) {
    const std::string condition = " from pg_catalog.pg_replication_slots where database = " + sql::quote_literal(name);
    UNDERSTUDY_TRY(const auto slots, server.query("select slot_name" + condition));
    if (slots.empty()) return {};
    UNDERSTUDY_CHECK(
        server.query("select pg_catalog.pg_terminate_backend(active_pid)" + condition + " and active_pid is not null"));
    UNDERSTUDY_CHECK(server.query("select pg_catalog.pg_drop_replication_slot(slot_name)" + condition));
    return {};
}

}  // namespace

Result<CopyServer> CopyServer::open(const std::string& conninfo, const std::string& not_this_database) {
    CopyServer server;
    std::string problems;
    for (const char* database : {"postgres", "template1"}) {
        if (database == not_this_database) continue;
        UNDERSTUDY_TRY(const auto parts, catalog::conninfo_with_database(conninfo, database));
        server.conninfo_ = parts.whole();
        const auto connected = server.connect();
        if (connected) return server;
        problems += fmt::format("{}{}: {}", problems.empty() ? "" : "; ", database, connected.error().message);
    }
    return make_error(Errc::io,
                      "neither the database postgres nor template1 of the target's server can be connected to, "
                      "one of which is needed to make databases: " +
                          problems);
}

Result<void> CopyServer::connect() {
    connection_.reset();
    UNDERSTUDY_TRY(auto connection, ControlConnection::open(conninfo_));
    connection_.emplace(std::move(connection));
    // What a role's settings say is not meant for statements that copy databases.
    UNDERSTUDY_CHECK(connection_->query("set statement_timeout = 0"));
    UNDERSTUDY_CHECK(connection_->query("set lock_timeout = 0"));
    UNDERSTUDY_CHECK(connection_->query("set default_transaction_read_only = off"));
    UNDERSTUDY_TRY(
        const auto rows,
        connection_->query("select pg_catalog.current_setting('server_version_num'), pg_catalog.pg_backend_pid()"));
    if (rows.size() != 1) return make_error(Errc::protocol, "the server does not say its version");
    catalog::RowReader reader(rows[0]);
    version_num_ = reader.number<int>();
    backend_ = reader.text();
    if (!reader.ok()) return make_error(Errc::protocol, "the server does not say its version");
    if (version_num_ >= 140000) UNDERSTUDY_CHECK(connection_->query("set idle_session_timeout = 0"));
    for (const std::uint64_t chance : locks_) {
        UNDERSTUDY_CHECK(connection_->query(fmt::format("select pg_catalog.pg_advisory_lock({})", lock_key(chance))));
    }
    return {};
}

Result<std::vector<catalog::Row>> CopyServer::query(const std::string& sql) {
    auto result = connection_->query(sql);
    if (result || connection_->last_failure() != catalog::QueryFailure::connection) return result;
    UNDERSTUDY_CHECK(connect());
    return connection_->query(sql);
}

Result<void> CopyServer::lock(std::uint64_t chance) {
    locks_.insert(chance);
    UNDERSTUDY_CHECK(query(fmt::format("select pg_catalog.pg_advisory_lock({})", lock_key(chance))));
    return {};
}

void CopyServer::unlock(std::uint64_t chance) {
    locks_.erase(chance);
    // A lost connection has given it back already.
    static_cast<void>(query(fmt::format("select pg_catalog.pg_advisory_unlock({})", lock_key(chance))));
}

Result<void> CopyServer::run_long(const std::string& sql, const std::function<bool()>& stop) {
    if (stop()) return make_error(Errc::refused, "stopped");
    Result<std::vector<catalog::Row>> result = std::vector<catalog::Row>();
    {
        const CancelOnStop cancel(conninfo_, backend_, stop);
        result = query(sql);
    }
    if (result) return {};
    return stop() ? make_error(Errc::refused, "stopped") : result.error();
}

Result<std::set<std::uint64_t>> living_makers(CopyServer& server) {
    UNDERSTUDY_TRY(const auto rows, server.query("select classid::bigint, objid::bigint from pg_catalog.pg_locks "
                                                 "where locktype = 'advisory' and objsubid = 1 and granted"));
    std::set<std::uint64_t> result;
    for (const catalog::Row& row : rows) {
        catalog::RowReader reader(row);
        const auto high = reader.number<std::uint64_t>();
        const auto low = reader.number<std::uint64_t>();
        if (reader.ok()) result.insert(high << 32U | low);
    }
    return result;
}

Result<std::vector<DatabaseMarks>> copies_on(CopyServer& server) {
    UNDERSTUDY_TRY(auto marks, read_marks(server, "d.datname ~ '^understudy_'"));
    std::erase_if(marks, [](const DatabaseMarks& each) { return origin_of(each) == Origin::foreign; });
    return marks;
}

Result<void> drop_copy(CopyServer& server, const std::string& name) {
    UNDERSTUDY_TRY(const auto marks, read_marks(server, "d.datname = " + sql::quote_literal(name)));
    if (marks.empty()) return {};
    const Origin origin = origin_of(marks[0]);
    if (origin != Origin::tagged && origin != Origin::unfinished) {
        return make_error(Errc::refused,
                          fmt::format("database \"{}\" was not made by understudy: it is left alone", name));
    }
    UNDERSTUDY_CHECK(roll_back_prepared(server, name));
    UNDERSTUDY_CHECK(drop_slots(server, name));
    if (server.version_num() >= 130000) {
        UNDERSTUDY_CHECK(server.query(fmt::format("drop database if exists {} with (force)", quote_name(name))));
        return {};
    }
    UNDERSTUDY_CHECK(
        server.query("select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where datname = " +
                     sql::quote_literal(name)));
    UNDERSTUDY_CHECK(server.query(fmt::format("drop database if exists {}", quote_name(name))));
    return {};
}

}  // namespace understudy::app
