#pragma once

#include <cstdint>
#include <vector>

#include "core/sql/access.hpp"

namespace understudy::replay {

/// A relation in the tables of the order (RelationMap, and those that only the traffic knows).
using RelationIndex = std::uint32_t;

/// A row by one of its relation's unique keys.
struct RowKey {
    std::uint8_t key = 0;    ///< which of the relation's unique keys
    std::uint64_t hash = 0;  ///< of the key's values
    friend bool operator==(const RowKey&, const RowKey&) = default;
};

/// What a step does to the rows of one relation, the values known: its footprint there. Without keys it may be any row.
struct RowAccess {
    RelationIndex relation = 0;
    std::vector<RowKey> keys;                ///< of one row, by as many of its unique keys as are known
    sql::RowLock lock = sql::RowLock::none;  ///< the lock that it takes
    bool reads = false;                      ///< what is committed there matters
    bool refers = false;                     ///< a foreign key's look at its parent: only whether the row is there
    bool writes = false;                     ///< its commit changes what others read
    bool fresh = false;                      ///< a new row with a generated key: nobody can know it before
    bool tries = false;                      ///< it does not wait for the lock: who has it decides what it does
    bool releases = false;                   ///< it gives up the lock that the session has (pg_advisory_unlock)
    friend bool operator==(const RowAccess&, const RowAccess&) = default;
};

enum class SameRow : std::uint8_t { no, maybe, yes };

/// Whether two accesses of one relation are of the same row: yes if they agree in a key, maybe if they know none in
/// common.
inline SameRow same_row(const RowAccess& a, const RowAccess& b) {
    bool in_common = false;
    for (const RowKey& one : a.keys) {
        for (const RowKey& other : b.keys) {
            if (one == other) return SameRow::yes;
            in_common = in_common || one.key == other.key;
        }
    }
    return in_common || a.fresh || b.fresh ? SameRow::no : SameRow::maybe;
}

/// PostgreSQL docs, "Conflicting Row-Level Locks".
constexpr bool conflicts(sql::RowLock a, sql::RowLock b) {
    using sql::RowLock;
    if (a == RowLock::none || b == RowLock::none) return false;
    const auto weaker = a < b ? a : b;
    const auto stronger = a < b ? b : a;
    switch (weaker) {
        case RowLock::key_share: return stronger == RowLock::update;
        case RowLock::share: return stronger >= RowLock::no_key_update;
        default: return true;
    }
}

/// Whether whatever conflicts with `b` conflicts with `a` as well.
constexpr bool covers(sql::RowLock a, sql::RowLock b) {
    using sql::RowLock;
    for (const RowLock other : {RowLock::key_share, RowLock::share, RowLock::no_key_update, RowLock::update}) {
        if (conflicts(other, b) && !conflicts(other, a)) return false;
    }
    return true;
}

}  // namespace understudy::replay
