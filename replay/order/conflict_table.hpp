#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "replay/order/answer_times.hpp"
#include "replay/order/recent_readers.hpp"
#include "replay/order/row_access.hpp"
#include "replay/order/watermark.hpp"

namespace understudy::replay {

/// Who read, locked and committed which rows so far, for all relations.
///
/// Rows are known by unique keys. Two accesses of one relation are of the same row if they agree in a key that both
/// know, or may be if they know no key in common; so what does not know a key is kept beside that key's rows ("loose").
/// Memory: at most kMaxRows rows; of those not touched for longest, what is known goes into the loose ones, which only
/// makes more accesses wait for them.
class ConflictTable {
public:
    /// The last commit of a row, with when it was asked and answered.
    struct Commit {
        Unit unit;
        Timestamp asked;
        Timestamp answered;
    };

    static constexpr std::size_t kMaxRows = 1U << 20U;

    /// `keys`: how many unique keys the relation has.
    void add_relation(RelationIndex relation, std::size_t keys);

    /// Calls on(unit) for all whose commit changed what `access` sees.
    template <class On>
    void commits_seen_by(const RowAccess& access, On&& on) const {
        visit(
            access,
            [&](const Row& row) {
                if (row.last_commit.unit.done != Progress()) on(row.last_commit.unit);
            },
            [&](const Loose& loose) {
                for (const Unit& unit : loose.commits) on(unit);
            });
    }
    /// All who read what a commit of `access` changes, as on(RecentReaders::Reader). `pure`: they take no row locks.
    template <class On>
    void readers_before(const RowAccess& access, bool pure, On&& on) const {
        visit(
            access,
            [&](const Row& row) {
                for (const auto& reader : pure ? row.readers : row.lockers) on(reader);
            },
            [&](const Loose& loose) {
                for (const auto& reader : pure ? loose.readers : loose.lockers) on(reader);
            });
    }
    /// All who took a lock that the lock of `access` conflicts with: on(unit, released, certain), where `released` tells
    /// that it is the end of the transaction that had it, `certain` that it is of the same row.
    template <class On>
    void locks_before(const RowAccess& access, On&& on) const {
        if (access.fresh && access.keys.empty()) return;
        visit(
            access,
            [&](const Row& row) {
                for (const Lock& lock : row.locks) {
                    if (!conflicts(access.lock, lock.mode)) continue;
                    on(lock.unit, false, true);
                    if (lock.released.done != Progress()) on(lock.released, true, true);
                }
            },
            [&](const Loose& loose) {
                for (std::size_t mode = 1; mode < kModes; ++mode) {
                    if (!conflicts(access.lock, static_cast<sql::RowLock>(mode))) continue;
                    for (const Unit& unit : loose.locks[mode]) on(unit, false, false);
                    for (const Unit& unit : loose.releases[mode]) on(unit, true, false);
                }
            });
    }

    void add_reader(const RowAccess& access, const Unit& unit, bool pure);
    /// `keep(earlier)`: whether who had a lock before is still to be waited for; else who waits for `unit` needs not.
    template <class Keep>
    void add_lock(const RowAccess& access, const Unit& unit, Keep&& keep) {
        const sql::RowLock mode = access.lock;
        for_own(
            access,
            [&](Row& row) {
                std::erase_if(row.locks, [&](const Lock& lock) {
                    if (lock.unit.session == unit.session) return lock.mode == mode;
                    return covers(mode, lock.mode) && conflicts(mode, lock.mode) && !keep(lock.unit);
                });
                row.locks.push_back({mode, unit, {}});
            },
            [&](Loose& loose) { loose.locks[static_cast<std::size_t>(mode)].add(unit); });
    }
    /// The transaction that took the lock of `access` ended with `unit`.
    void release_lock(const RowAccess& access, const Unit& unit);
    /// `settled(reader, last)`: whether the row's last commit was made to wait for that reader, and all that are still to
    /// come wait for that commit. `later(last)`: whether the last commit is known to have come after this one.
    template <class Settled, class Later>
    void add_commit(const RowAccess& access, const Commit& commit, Settled&& settled, Later&& later) {
        const Unit& unit = commit.unit;
        if (access.fresh) keep_commit_loose(access, unit);
        for_own(
            access,
            [&](Row& row) {
                const bool first = row.last_commit.unit.done == Progress();
                const auto gone = [&](const Unit& reader) { return !first && settled(reader, row.last_commit); };
                row.readers.remove_if(gone);
                row.lockers.remove_if(gone);
                if (first || !later(row.last_commit)) row.last_commit = commit;
            },
            [&](Loose& loose) { loose.commits.add(unit); });
    }
    /// Forgets sessions that ended long ago: whatever they did is over.
    void forget(const std::function<bool(SessionIndex)>& over);

    [[nodiscard]] std::size_t rows() const { return rows_; }
    [[nodiscard]] std::uint64_t rows_folded() const { return folded_; }

private:
    static constexpr std::size_t kModes = 5;
    struct Lock {
        sql::RowLock mode = sql::RowLock::none;
        Unit unit;
        Unit released;
    };
    struct Row {
        Commit last_commit;
        RecentReaders readers;
        RecentReaders lockers;  // as readers
        std::vector<Lock> locks;
        std::uint32_t touched = 0;  // the generation
    };
    struct Loose {
        Watermark commits;
        RecentReaders readers;
        RecentReaders lockers;
        std::array<Watermark, kModes> locks;
        std::array<Watermark, kModes> releases;
    };
    struct Relation {
        std::vector<std::unordered_map<std::uint64_t, Row>> rows;  // by key
        std::vector<Loose> loose;                                  // of accesses that do not know that key
        Loose all;                                                 // of all accesses
    };

    template <class OnRow, class OnLoose>
    void visit(const RowAccess& access, OnRow&& on_row, OnLoose&& on_loose) const {
        const Relation& relation = relations_[access.relation];
        if (access.keys.empty()) return on_loose(relation.all);
        for (const RowKey& key : access.keys) {
            const auto& rows = relation.rows[key.key];
            if (const auto found = rows.find(key.hash); found != rows.end()) on_row(found->second);
        }
        on_loose(relation.loose[access.keys.front().key]);
    }
    /// The places where an access is kept.
    template <class OnRow, class OnLoose>
    void for_own(const RowAccess& access, OnRow&& on_row, OnLoose&& on_loose) {
        Relation& relation = relations_[access.relation];
        std::uint64_t known = 0;
        for (const RowKey& key : access.keys) {
            known |= std::uint64_t{1} << key.key;
            on_row(row_of(relation, key));
        }
        on_loose(relation.all);
        if (access.fresh) return;  // by the keys that it does not know nobody else can know it either
        for (std::size_t key = 0; key < relation.loose.size(); ++key) {
            if ((known >> key & 1U) == 0) on_loose(relation.loose[key]);
        }
    }
    Row& row_of(Relation& relation, const RowKey& key);
    void keep_commit_loose(const RowAccess& access, const Unit& unit);
    void fold_old_rows();
    static void fold(const Row& row, Loose& loose);

    std::vector<Relation> relations_;
    std::size_t rows_ = 0;
    std::uint32_t generation_ = 0;
    std::uint64_t folded_ = 0;
};

}  // namespace understudy::replay
