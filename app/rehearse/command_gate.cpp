#include "app/rehearse/command_gate.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "core/catalog/row_reader.hpp"

namespace understudy::app {
namespace {

// Advisory locks belong to their database, which is ours. The gate has two, one behind the other, as a lock of a canal
// has: a session that is let through the outer one waits at the inner one until the outer one is shut again. With one
// alone, it could be at its next statement before we have shut it, and that statement would pass unseen.
constexpr std::uint32_t kLockHigh = 0x756e6465;
constexpr std::uint32_t kOuterLow = 0x72737475;
constexpr std::uint32_t kInnerLow = 0x72737476;

std::string key(std::uint32_t low) { return fmt::format("{}", std::uint64_t{kLockHigh} << 32U | low); }
std::string take(std::uint32_t low) { return fmt::format("select pg_catalog.pg_advisory_lock({});", key(low)); }
std::string give(std::uint32_t low) { return fmt::format("select pg_catalog.pg_advisory_unlock({});", key(low)); }

}  // namespace

Result<CommandGate> CommandGate::open(const std::string& conninfo) {
    UNDERSTUDY_TRY(auto connection, catalog::ControlConnection::open(conninfo));
    CommandGate gate(std::move(connection));
    for (const char* setting : {"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"}) {
        UNDERSTUDY_CHECK(gate.connection_.query(fmt::format("set {} = 0", setting)));
    }
    if (auto put_up = gate.put_up(); !put_up) {
        if (gate.connection_.last_failure() == catalog::QueryFailure::connection) return put_up.error();
        gate.why_not_held_ = put_up.error().message;
        static_cast<void>(gate.connection_.query("drop schema if exists understudy_gate cascade"));
    }
    return gate;
}

Result<void> CommandGate::put_up() {
    UNDERSTUDY_CHECK(connection_.query("create schema understudy_gate"));
    UNDERSTUDY_CHECK(connection_.query(
        fmt::format("create function understudy_gate.wait() returns event_trigger language plpgsql as $$ begin "
                    "perform pg_catalog.pg_advisory_lock_shared({0}); "
                    "perform pg_catalog.pg_advisory_unlock_shared({0}); "
                    "perform pg_catalog.pg_advisory_lock_shared({1}); "
                    "perform pg_catalog.pg_advisory_unlock_shared({1}); end $$",
                    key(kOuterLow), key(kInnerLow))));
    UNDERSTUDY_CHECK(connection_.query(
        "create event trigger understudy_gate on ddl_command_start execute function understudy_gate.wait()"));
    UNDERSTUDY_CHECK(connection_.query(take(kOuterLow)));
    locked_ = true;
    return {};
}

Result<std::vector<WatchedSession>> CommandGate::sessions() {
    UNDERSTUDY_TRY(
        const auto rows,
        connection_.query(fmt::format(
            "select a.pid::text, coalesce(a.query, ''), coalesce(a.query_start::text, ''), coalesce(a.state, '') = "
            "'active', exists (select from pg_catalog.pg_locks l where l.pid = a.pid and not l.granted and l.locktype "
            "= 'advisory' and l.classid = {} and l.objid = {} and l.objsubid = 1), "
            "coalesce(extract(epoch from pg_catalog.clock_timestamp() - a.query_start) * 1000, 0)::float8::text "
            "from pg_catalog.pg_stat_activity a where a.datname = pg_catalog.current_database() and a.pid <> "
            "pg_catalog.pg_backend_pid() and coalesce(a.backend_type, 'client backend') = 'client backend'",
            kLockHigh, kOuterLow)));
    std::vector<WatchedSession> sessions;
    for (const catalog::Row& row : rows) {
        catalog::RowReader reader(row);
        WatchedSession& one = sessions.emplace_back();
        one.pid = reader.text();
        one.query = reader.text();
        one.began = reader.text();
        one.running = reader.boolean();
        one.held = reader.boolean();
        one.running_ms = std::strtod(reader.text().c_str(), nullptr);
        if (!reader.ok()) return make_error(Errc::protocol, "pg_stat_activity is not of the expected form");
    }
    return sessions;
}

// Whoever waits gets a lock as soon as it is given back, and gives it back at once.
Result<void> CommandGate::let_pass() {
    if (!locked_) return {};
    for (const std::string& step : {take(kInnerLow), give(kOuterLow), take(kOuterLow), give(kInnerLow)}) {
        UNDERSTUDY_CHECK(connection_.query(step));
    }
    return {};
}

Result<void> CommandGate::let_all_pass() {
    if (!locked_) return {};
    UNDERSTUDY_CHECK(connection_.query(give(kOuterLow)));
    locked_ = false;
    return {};
}

Result<void> CommandGate::terminate(const std::string& pid) {
    UNDERSTUDY_CHECK(connection_.query(fmt::format("select pg_catalog.pg_terminate_backend({})", pid)));
    return {};
}

Result<void> CommandGate::remove() {
    if (!holds()) return {};
    UNDERSTUDY_CHECK(let_all_pass());
    UNDERSTUDY_CHECK(connection_.query("drop event trigger if exists understudy_gate"));
    UNDERSTUDY_CHECK(connection_.query("drop schema if exists understudy_gate cascade"));
    return {};
}

}  // namespace understudy::app
