#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"
#include "core/catalog/snapshot/snapshot.hpp"

namespace understudy::schema::fidelity {

// What decides whether one server can stand for another, as a value. No value of a user's row is in it, nor anything
// that one can be read from: statistics are frequencies and relative positions (docs/staging.md lists all of it).

inline constexpr std::size_t kMaxTables = 20'000;           ///< tables that facts are read of: the largest
inline constexpr std::size_t kMaxStatisticsTables = 2'000;  ///< of these, whose columns' statistics are read
inline constexpr std::size_t kMaxColumns = 100'000;
inline constexpr std::size_t kMaxCommon = 20;        ///< most common values of a column
inline constexpr std::size_t kPositions = 9;         ///< between the ends of a histogram: its deciles
inline constexpr std::size_t kMaxEntries = 200'000;  ///< of roles, sequences, settings, facts: each

/// Something that a server says of itself: "major version": "15". What it cannot tell is in Environment::unread.
struct Fact {
    Bytes name;
    Bytes value;
    friend auto operator<=>(const Fact&, const Fact&) = default;
};

/// A configuration parameter, as a session without settings of its own gets it (pg_settings, reset_val).
struct SettingFact {
    Bytes name;
    Bytes value;   ///< with its unit: "4096 kB"
    Bytes source;  ///< pg_settings.source: "default", "configuration file", "database" …
    /// The asking role or client has a value of its own, which hides what others get.
    [[nodiscard]] bool hidden() const;
    friend auto operator<=>(const SettingFact&, const SettingFact&) = default;
};

struct RoleFact {
    Bytes name;
    std::vector<Bytes> traits;     ///< of "superuser", "no inheritance", "login", "bypasses row security"; sorted
    std::vector<Bytes> member_of;  ///< sorted
    friend auto operator<=>(const RoleFact&, const RoleFact&) = default;
};

/// A table with its indexes; a partitioned one with all its partitions.
struct TableFact {
    Bytes schema;
    Bytes name;
    double rows = -1;         ///< estimate; -1: never analysed, and nothing counted
    std::uint64_t bytes = 0;  ///< of the heap, by pg_class.relpages: as of the last VACUUM or ANALYZE
    std::uint64_t index_bytes = 0;
    double dead_share = 0;  ///< of all rows, those that are dead and not yet vacuumed away
    std::uint64_t partitions = 0;
    friend bool operator==(const TableFact&, const TableFact&) = default;
};

/// What ANALYZE found in a column (pg_stats), without its values.
struct ColumnFact {
    Bytes schema;
    Bytes table;
    Bytes column;
    double null_share = 0;
    double distinct = 0;  ///< how many different values; of pg_stats.n_distinct, negative ones resolved by the rows
    std::vector<double> common;         ///< frequencies of the most common values, falling
    std::vector<Bytes> common_digests;  ///< these values under a key that stays with its owner; or empty
    /// Where the deciles of the histogram lie between its ends, 0 to 1, to a hundredth; numbers and times only.
    std::vector<double> positions;
    /// Of a time: how old the newest value is, as the power of two of hours: 0 below two, 1 below four …; -1: in the
    /// future. Nothing for other types.
    std::optional<int> newest_age;
    double correlation = 0;  ///< of physical and logical order
    friend bool operator==(const ColumnFact&, const ColumnFact&) = default;
};

struct SequenceFact {
    Bytes schema;
    Bytes name;
    int used_permille = 0;  ///< of its range
    bool behind = false;    ///< its column has, by the statistics, a value that it has yet to give: duplicates are due
    friend auto operator<=>(const SequenceFact&, const SequenceFact&) = default;
};

/// Names by which entries of two environments are matched.
struct Environment {
    Timestamp taken;
    bool keyed = false;  ///< common_digests are there, where the server has statistics
    Bytes key_id;        ///< of the key that they were made with
    std::vector<Fact> facts;
    std::vector<SettingFact> settings;
    std::vector<RoleFact> roles;
    std::vector<TableFact> tables;
    std::vector<ColumnFact> columns;
    std::vector<SequenceFact> sequences;
    std::vector<catalog::UnreadPart> unread;  ///< what could not be read, or not all of it, and why
    catalog::Snapshot schema;

    /// Each list by name, without repetitions of a name.
    void sort();
    /// The value of a fact; nullptr: not known.
    [[nodiscard]] const Bytes* fact(BytesView name) const;
    [[nodiscard]] const SettingFact* setting(BytesView name) const;
    friend bool operator==(const Environment&, const Environment&) = default;
};

/// "public.orders" as "orders", others with their schema.
Bytes shown_name(const Bytes& schema, const Bytes& name);

}  // namespace understudy::schema::fidelity
