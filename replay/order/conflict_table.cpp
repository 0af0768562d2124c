#include "replay/order/conflict_table.hpp"

#include "core/base/error.hpp"

namespace understudy::replay {

void ConflictTable::add_relation(RelationIndex relation, std::size_t keys) {
    UNDERSTUDY_ASSERT(keys <= 64);
    if (relation >= relations_.size()) relations_.resize(relation + 1);
    relations_[relation].rows.resize(keys);
    relations_[relation].loose.resize(keys);
}

void ConflictTable::add_reader(const RowAccess& access, const Unit& unit, bool pure) {
    for_own(
        access, [&](Row& row) { (pure ? row.readers : row.lockers).add(unit); },
        [&](Loose& loose) { (pure ? loose.readers : loose.lockers).add(unit); });
}

void ConflictTable::release_lock(const RowAccess& access, const Unit& unit) {
    for_own(
        access,
        [&](Row& row) {
            for (Lock& lock : row.locks) {
                if (lock.unit.session == unit.session && lock.mode == access.lock) lock.released = unit;
            }
        },
        [&](Loose& loose) { loose.releases[static_cast<std::size_t>(access.lock)].add(unit); });
}

/// A row whose generated key is not known: whoever asks for a key may mean it.
void ConflictTable::keep_commit_loose(const RowAccess& access, const Unit& unit) {
    Relation& relation = relations_[access.relation];
    std::uint64_t known = 0;
    for (const RowKey& key : access.keys) known |= std::uint64_t{1} << key.key;
    for (std::size_t key = 0; key < relation.loose.size(); ++key) {
        if ((known >> key & 1U) == 0) relation.loose[key].commits.add(unit);
    }
}

ConflictTable::Row& ConflictTable::row_of(Relation& relation, const RowKey& key) {
    if (rows_ >= kMaxRows) fold_old_rows();
    const auto [at, added] = relation.rows[key.key].try_emplace(key.hash);
    rows_ += added ? 1U : 0U;
    at->second.touched = generation_;
    return at->second;
}

void ConflictTable::fold(const Row& row, Loose& loose) {
    if (row.last_commit.unit.done != Progress()) loose.commits.add(row.last_commit.unit);
    loose.readers.add(row.readers);
    loose.lockers.add(row.lockers);
    for (const Lock& lock : row.locks) {
        loose.locks[static_cast<std::size_t>(lock.mode)].add(lock.unit);
        if (lock.released.done != Progress()) loose.releases[static_cast<std::size_t>(lock.mode)].add(lock.released);
    }
}

/// Rows that were not touched since the last time go; if that is too little, all.
void ConflictTable::fold_old_rows() {
    for (const bool all : {false, true}) {
        if (rows_ < kMaxRows / 2) break;
        for (Relation& relation : relations_) {
            for (std::size_t key = 0; key < relation.rows.size(); ++key) {
                folded_ += std::erase_if(relation.rows[key], [&](const auto& entry) {
                    if (!all && entry.second.touched == generation_) return false;
                    fold(entry.second, relation.loose[key]);
                    --rows_;
                    return true;
                });
            }
        }
    }
    ++generation_;
}

void ConflictTable::forget(const std::function<bool(SessionIndex)>& over) {
    const auto drop = [&over](Loose& loose) {
        loose.commits.remove_if(over);
        const auto of_over = [&over](const Unit& unit) { return over(unit.session); };
        loose.readers.remove_if(of_over);
        loose.lockers.remove_if(of_over);
        for (Watermark& locks : loose.locks) locks.remove_if(over);
        for (Watermark& releases : loose.releases) releases.remove_if(over);
    };
    for (Relation& relation : relations_) {
        drop(relation.all);
        for (Loose& loose : relation.loose) drop(loose);
    }
}

}  // namespace understudy::replay
