#include "schema/lock_watch/read_sample.hpp"

#include <fmt/format.h>

#include <charconv>

namespace understudy::schema::lock_watch {
namespace {

using catalog::ControlConnection;
using catalog::Row;

template <class Number>
Number number_of(const std::optional<Bytes>& text, Number otherwise = 0) {
    if (!text) return otherwise;
    Number value{};
    const auto result = std::from_chars(text->data(), text->data() + text->size(), value);
    return result.ec == std::errc() ? value : otherwise;
}

Bytes text_of(const std::optional<Bytes>& text) { return text.value_or(Bytes()); }

Timestamp time_of(const std::optional<Bytes>& microseconds) {
    return Timestamp::from_ns(number_of<std::int64_t>(microseconds) * 1000);
}

/// "1,22,333".
std::vector<int> pids_of(const std::optional<Bytes>& text) {
    std::vector<int> pids;
    const char* at = text ? text->data() : nullptr;
    const char* const end = text ? at + text->size() : nullptr;
    while (at != end) {
        int pid = 0;
        const auto result = std::from_chars(at, end, pid);
        if (result.ec != std::errc()) break;
        pids.push_back(pid);
        at = result.ptr == end ? end : result.ptr + 1;
    }
    return pids;
}

std::string micros(const char* time) { return fmt::format("(extract(epoch from {}) * 1000000)::bigint", time); }

/// Sessions, then locks, as rows of one shape: one round trip.
std::string sample_query(ControlConnection& connection, const MigrationSelector& selector, bool has_wait_start) {
    std::string pids;
    for (const int pid : selector.pids) pids += fmt::format("{}{}", pids.empty() ? "" : ",", pid);
    return fmt::format(
        "with sessions as materialized (select * from pg_stat_activity where datname = current_database() and "
        "backend_type = "
        "'client backend' and pid <> pg_backend_pid() and application_name <> {watch}) "
        "select 's', pid::text, application_name, usename, state, query, {query_start}, {xact_start}, "
        "(coalesce(wait_event_type = "
        "'Lock', false) and state = 'active')::int::text, case when wait_event_type = 'Lock' and state = 'active' then "
        "array_to_string(pg_blocking_pids(pid), ',') end, {now} from sessions union all select 'l', l.pid::text, case "
        "when c.oid "
        "is not null then n.nspname || '.' || c.relname end, l.mode, l.granted::int::text, l.relation::text, "
        "{wait_start}, null, "
        "null, null, null from pg_locks l left join pg_class c on c.oid = l.relation left join pg_namespace n on n.oid "
        "= "
        "c.relnamespace where l.locktype = 'relation' and l.relation >= 16384 and l.database = (select oid from "
        "pg_database where "
        "datname = current_database()) and (c.oid is null or (c.relkind in ('r','p','m','v','S','f') and n.nspname <> "
        "'pg_toast')) and (not l.granted or l.pid = any (array[{pids}]::int[]) or l.pid in (select pid from sessions "
        "where "
        "application_name = {name}))",
        fmt::arg("watch", connection.quoted_literal(kWatchName)), fmt::arg("query_start", micros("query_start")),
        fmt::arg("xact_start", micros("xact_start")), fmt::arg("now", micros("clock_timestamp()")),
        fmt::arg("wait_start", has_wait_start ? micros("l.waitstart") : "null::bigint"), fmt::arg("pids", pids),
        fmt::arg("name",
                 selector.application_name.empty() ? "null" : connection.quoted_literal(selector.application_name)));
}

}  // namespace

Result<void> prepare_session(ControlConnection& connection) {
    UNDERSTUDY_CHECK(connection.query(fmt::format("set application_name = {}", connection.quoted_literal(kWatchName))));
    UNDERSTUDY_CHECK(connection.query("set statement_timeout = '5s'"));
    UNDERSTUDY_CHECK(connection.query("set lock_timeout = '100ms'"));
    UNDERSTUDY_CHECK(connection.query("set default_transaction_read_only = on"));
    // Compiling the query would take longer than running it.
    UNDERSTUDY_CHECK(connection.query("set jit = off"));
    return {};
}

Result<LockSample> read_sample(ControlConnection& connection, const MigrationSelector& selector, bool has_wait_start) {
    UNDERSTUDY_TRY(const auto rows, connection.query(sample_query(connection, selector, has_wait_start)));
    LockSample sample;
    for (const Row& row : rows) {
        if (text_of(row[0]) == "s") {
            Activity& session = sample.sessions.emplace_back();
            session.pid = number_of<int>(row[1]);
            session.application = text_of(row[2]);
            session.user = text_of(row[3]);
            session.state = text_of(row[4]);
            session.query = text_of(row[5]);
            session.query_start = time_of(row[6]);
            session.transaction_start = time_of(row[7]);
            session.waits_for_lock = text_of(row[8]) == "1";
            session.blockers = pids_of(row[9]);
            sample.time = std::max(sample.time, time_of(row[10]));
            continue;
        }
        RelationLock& lock = sample.locks.emplace_back();
        lock.pid = number_of<int>(row[1]);
        lock.relation = text_of(row[2]);
        lock.mode = sql::table_lock_of_mode(text_of(row[3])).value_or(sql::TableLock::none);
        lock.granted = text_of(row[4]) == "1";
        lock.oid = number_of<std::uint32_t>(row[5]);
        lock.wait_start = time_of(row[6]);
    }
    return sample;
}

Result<ServerTotals> read_totals(ControlConnection& connection) {
    UNDERSTUDY_TRY(const auto rows,
                   connection.query(fmt::format("select {}, case when not pg_is_in_recovery() then "
                                                "pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint end, "
                                                "deadlocks, temp_bytes, pg_database_size(datid), "
                                                "current_setting('server_version_num') from pg_stat_database where "
                                                "datname = current_database()",
                                                micros("clock_timestamp()"))));
    if (rows.empty()) return make_error(Errc::io, "pg_stat_database does not list the current database");
    ServerTotals totals;
    totals.time = time_of(rows[0][0]);
    totals.wal_bytes = number_of<std::int64_t>(rows[0][1], -1);
    totals.deadlocks = number_of<std::int64_t>(rows[0][2]);
    totals.temp_bytes = number_of<std::int64_t>(rows[0][3]);
    totals.database_bytes = number_of<std::int64_t>(rows[0][4]);
    totals.has_wait_start = number_of<int>(rows[0][5]) >= 140'000;
    const auto tables = [&](const char* size) {
        return connection.query(
            fmt::format("select c.oid, n.nspname || '.' || c.relname, c.relfilenode, {} from pg_class c join "
                        "pg_namespace n on n.oid = "
                        "c.relnamespace where c.relkind in ('r','m') and n.nspname not like 'pg\\_%' and n.nspname <> "
                        "'information_schema' "
                        "order by c.relpages desc, c.oid limit {}",
                        size, kMaxTables + 1));
    };
    auto files = tables("pg_total_relation_size(c.oid)");
    if (!files && connection.last_failure() == catalog::QueryFailure::statement) files = tables("-1");
    if (!files) return files.error();
    for (const Row& row : *files) {
        if (totals.tables.size() == kMaxTables) {
            totals.tables_cut = true;
            break;
        }
        totals.tables.push_back({number_of<std::uint32_t>(row[0]), text_of(row[1]), number_of<std::uint32_t>(row[2]),
                                 number_of<std::int64_t>(row[3], -1)});
    }
    return totals;
}

}  // namespace understudy::schema::lock_watch
