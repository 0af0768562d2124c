#include "replay/plan/read_only.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace understudy::replay {
namespace {

using catalog::Volatility;

/// Volatile in pg_proc.dat, and yet without a trace in the database, on other sessions or outside. Sorted.
constexpr std::array<BytesView, 33> kHarmless{
    "clock_timestamp",
    "currval",
    "gen_random_uuid",
    "lastval",
    "pg_blocking_pids",
    "pg_column_compression",
    "pg_conf_load_time",
    "pg_current_wal_flush_lsn",
    "pg_current_wal_insert_lsn",
    "pg_current_wal_lsn",
    "pg_database_size",
    "pg_get_wal_replay_pause_state",
    "pg_indexes_size",
    "pg_is_in_recovery",
    "pg_is_wal_replay_paused",
    "pg_isolation_test_session_is_blocked",
    "pg_last_wal_receive_lsn",
    "pg_last_wal_replay_lsn",
    "pg_last_xact_replay_timestamp",
    "pg_notification_queue_usage",
    "pg_relation_size",
    "pg_safe_snapshot_blocking_pids",
    "pg_sleep",
    "pg_sleep_for",
    "pg_sleep_until",
    "pg_table_size",
    "pg_tablespace_size",
    "pg_total_relation_size",
    "random",
    "random_normal",
    "set_config",
    "setseed",
    "timeofday",
};

/// What the grammar has as words and not as functions (PostgreSQL docs, "Date/Time Functions", "System Information
/// Functions"): all stable. Sorted.
constexpr std::array<BytesView, 11> kWords{"current_catalog", "current_date",      "current_role", "current_schema",
                                           "current_time",    "current_timestamp", "current_user", "localtime",
                                           "localtimestamp",  "session_user",      "user"};

template <std::size_t N>
bool among(const std::array<BytesView, N>& names, BytesView name) {
    return std::binary_search(names.begin(), names.end(), name);
}

std::string judge_function(BytesView name, const catalog::FunctionVolatility& functions) {
    constexpr BytesView kOwn = "pg_catalog.";
    const BytesView bare = name.starts_with(kOwn) ? name.substr(kOwn.size()) : name;
    switch (functions.of(name)) {
        case Volatility::settled: return {};
        case Volatility::built_in_volatile:
            return among(kHarmless, bare) ? "" : fmt::format("not read-only: {} is volatile", name);
        case Volatility::user_volatile: return fmt::format("not read-only: {} is volatile", name);
        case Volatility::unknown: break;
    }
    return among(kWords, name) ? "" : fmt::format("not read-only: the target has no function {}", name);
}

}  // namespace

std::string why_not_read_only(const sql::StatementTraits& traits, bool session_only,
                              const catalog::FunctionVolatility& functions) {
    if (!traits.parsed) return "not read-only: not understood (syntax newer than PostgreSQL 15, or an error)";
    if (traits.kind == sql::StatementKind::unknown) return {};  // empty, or only a comment
    if (traits.kind == sql::StatementKind::transaction) return {};
    if (!traits.read_only && !session_only) return "not read-only: it writes, locks rows or runs code";
    for (const Bytes& function : traits.functions) {
        if (std::string why = judge_function(function, functions); !why.empty()) return why;
    }
    return {};
}

}  // namespace understudy::replay
