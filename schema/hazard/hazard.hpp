#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schema/hazard/lock_effects.hpp"
#include "schema/hazard/script.hpp"
#include "schema/hazard/table_facts.hpp"
#include "schema/hazard/traffic.hpp"

namespace understudy::schema::hazard {

enum class HazardKind : std::uint8_t {
    rewrite,             ///< a table is rewritten while traffic waits
    scan,                ///< every row is read while traffic waits
    index_build,         ///< an index is built while writers, or all, wait
    brief_lock,          ///< the lock is short, but what queues behind it waits as long as it waits itself
    no_lock_timeout,     ///< nothing bounds that wait
    not_null_fails,      ///< ADD COLUMN NOT NULL without a default: 23502 where there are rows
    not_in_transaction,  ///< 25001
    applied_in_parts,    ///< a statement that cannot be in a transaction stands among others
    enum_value_too_new,  ///< 55P04
    backfill,            ///< UPDATE or DELETE of every row
    locks_held,          ///< several tables locked until one commit
    invalid_index,       ///< CREATE INDEX CONCURRENTLY and what a failure of it leaves
    in_use,              ///< what is dropped or renamed is named by recorded statements
    cascade,             ///< DROP … CASCADE
    label_renamed,       ///< an enum's label goes away
    not_looked_into,     ///< DO, CALL
    unknown_statement,   ///< the parser (PostgreSQL 15's grammar) does not know it
};
std::string_view to_string(HazardKind kind);

enum class HazardSeverity : std::uint8_t {
    breaks,  ///< the migration or recorded queries fail
    stalls,  ///< traffic waits as long as the work takes
    waits,   ///< traffic waits as long as the migration itself has to
    notice,  ///< worth knowing
};
std::string_view to_string(HazardSeverity severity);

/// A table that is smaller is rewritten or scanned before anybody notices.
inline constexpr std::uint64_t kSmallTable = std::uint64_t{10} << 20U;

struct Hazard {
    HazardKind kind = HazardKind::unknown_statement;
    HazardSeverity severity = HazardSeverity::notice;
    std::size_t statement = 0;  ///< index into the script
    std::string file;
    std::uint32_t line = 0;
    sql::RelationName relation;  ///< empty if it is about none
    sql::TableLock lock = sql::TableLock::none;
    TableWork work = TableWork::none;
    bool certain = true;           ///< false: facts are missing, the heavier case is assumed
    std::uint64_t bytes = 0;       ///< the table's size; 0: not known
    double rows = -1;              ///< -1: not known
    double calls_waiting = 0;      ///< recorded calls a second that the lock stops
    Duration longest_transaction;  ///< recorded on the table: what the lock may have to wait for
    Bytes sqlstate;                ///< what the failure would be
    std::string message;           ///< one line
    std::string advice;            ///< the safer way; may be empty
};

struct HazardReport {
    std::vector<Hazard> hazards;  ///< in the script's order, the worst of a statement first
    std::size_t statements = 0;
    std::size_t unknown = 0;          ///< statements that the parser does not know
    std::size_t not_looked_into = 0;  ///< DO and CALL
    std::size_t beyond_limit = 0;     ///< hazards beyond kMaxHazards
    int server_major = 0;             ///< 0: no server was asked
    Duration traffic_span;            ///< zero: no capture
    std::uint64_t traffic_calls = 0;
    std::uint64_t traffic_unjudged = 0;  ///< calls on no known table: unparsed, unknown, unreadable, beyond limits

    /// Something breaks, stalls or waits.
    [[nodiscard]] bool findings() const;
};

inline constexpr std::size_t kMaxHazards = 10'000;

/// Judges a migration's text. Pure; thread-safe. Statements of different files are never in one transaction.
HazardReport judge_hazards(const std::vector<ScriptStatement>& script, TransactionMode mode, const SchemaFacts& facts,
                           const Traffic& traffic);

std::string to_text(const HazardReport& report);
/// docs/hazards.md describes it.
inline constexpr int kHazardFormatVersion = 1;
std::string to_json(const HazardReport& report);

}  // namespace understudy::schema::hazard
