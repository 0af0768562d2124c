#include "app/history/history_schema.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace understudy::app {
namespace {

using catalog::ControlConnection;

/// Any number, always the same: "unders" in ASCII.
constexpr const char* kLock = "select pg_catalog.pg_advisory_xact_lock(128962117825139)";

/// Each step once and for all: a change is a new step. Ids sort as bytes, whatever the database's collation.
constexpr std::array<const char*, 1> kSteps = {R"(
create table understudy.run (
    id text collate "C" primary key,
    at_ns bigint not null,
    at timestamptz generated always as (pg_catalog.to_timestamp(at_ns / 1e9)) stored,
    job text not null,
    command text not null,
    title text not null,
    tool_version text not null,
    verdict text not null,
    release text not null default '',
    severities json not null,
    noise_classes json not null,
    compared bigint not null,
    diverged bigint not null,
    noise bigint not null,
    unconfirmed bigint not null,
    downstream bigint not null,
    expected bigint not null,
    coverage_percent double precision not null,
    findings bigint not null,
    findings_left bigint not null,
    latencies bigint not null,
    asked_complete boolean not null,
    asked text not null,
    text text not null,
    report text not null,
    certificate text
);
create index on understudy.run (job, id desc);
create table understudy.finding (
    run text collate "C" not null references understudy.run on delete cascade,
    position integer not null,
    fingerprint text collate "C" not null,
    kind text not null,
    place text not null,
    sqlstate text not null,
    id text not null,
    severity text not null,
    statement text not null,
    explanation text not null,
    count bigint not null,
    primary key (run, position)
);
create index on understudy.finding (fingerprint, run);
create table understudy.latency (
    run text collate "C" not null references understudy.run on delete cascade,
    fingerprint text collate "C" not null,
    statement text not null,
    calls bigint not null,
    baseline_median_ms double precision not null,
    baseline_p95_ms double precision not null,
    baseline_p99_ms double precision not null,
    candidate_median_ms double precision not null,
    candidate_p95_ms double precision not null,
    candidate_p99_ms double precision not null,
    primary key (run, fingerprint)
);
create index on understudy.latency (fingerprint, run);
)"};

Result<std::string> one_value(ControlConnection& connection, const std::string& sql) {
    UNDERSTUDY_TRY(const auto rows, connection.query(sql));
    if (rows.size() != 1 || rows[0].size() != 1)
        return make_error(Errc::protocol, "the history's database answers otherwise");
    return rows[0][0].value_or("");
}

}  // namespace

int current_history_version() { return static_cast<int>(kSteps.size()); }

Result<int> history_version(ControlConnection& connection) {
    // Not to_regclass(): it opens no table, so a backend that waited for the lock would believe what it knew before.
    UNDERSTUDY_TRY(const auto there,
                   one_value(connection,
                             "select exists (select from pg_catalog.pg_class as c join pg_catalog.pg_namespace as n on n.oid = "
                             "c.relnamespace where n.nspname = 'understudy' and c.relname = 'migration')"));
    if (there != "t") return 0;
    UNDERSTUDY_TRY(const auto text,
                   one_value(connection, "select coalesce(pg_catalog.max(version), 0) from understudy.migration"));
    int version = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), version);
    if (read.ec != std::errc())
        return make_error(Errc::protocol, "understudy.migration has a version that is no number");
    return version;
}

Result<void> migrate_history(ControlConnection& connection) {
    UNDERSTUDY_CHECK(connection.query(kLock));
    UNDERSTUDY_TRY(const int version, history_version(connection));
    if (version > current_history_version()) {
        return make_error(Errc::unsupported,
                          fmt::format("the history is of version {}, and this program knows {}: use a newer "
                                      "Understudy",
                                      version, current_history_version()));
    }
    if (version == current_history_version()) return {};
    UNDERSTUDY_TRY(const auto encoding, one_value(connection, "select pg_catalog.current_setting('server_encoding')"));
    if (encoding != "UTF8") {
        return make_error(Errc::unsupported,
                          fmt::format("a history needs a database in UTF8, and this one is in {}", encoding));
    }
    UNDERSTUDY_CHECK(connection.query("create schema if not exists understudy"));
    UNDERSTUDY_CHECK(connection.query(
        "create table if not exists understudy.migration (version integer primary key, tool_version text not "
        "null, applied timestamptz not null default pg_catalog.now())"));
    for (std::size_t step = static_cast<std::size_t>(version); step < kSteps.size(); ++step) {
        UNDERSTUDY_CHECK(connection.query(kSteps[step]));
        UNDERSTUDY_CHECK(
            connection.query(fmt::format("insert into understudy.migration (version, tool_version) values ({}, '{}')",
                                         step + 1, UNDERSTUDY_VERSION)));
    }
    return {};
}

}  // namespace understudy::app
