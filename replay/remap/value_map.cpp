#include "replay/remap/value_map.hpp"

#include <utility>

namespace understudy::replay {

std::optional<ValueMap::Undo> ValueMap::learn(SessionId owner, const Pair& pair) {
    const Key key{pair.recorded, pair.domain};
    Undo undo{pair.domain, pair.recorded, pair.target, std::nullopt};
    {
        Shard& shard = shards_[shard_of(key)];
        const std::lock_guard lock(shard.mutex);
        const auto found = shard.entries.find(key);
        if (found != shard.entries.end()) {
            Entry& entry = found->second;
            undo.previous = Pair{pair.domain, pair.recorded, entry.target, std::move(entry.text)};
            entry = Entry{pair.text, pair.target, owner};
        } else {
            if (size() >= max_entries_) {
                refused_.fetch_add(1, std::memory_order_relaxed);
                return std::nullopt;
            }
            shard.entries.emplace(key, Entry{pair.text, pair.target, owner});
            size_.fetch_add(1, std::memory_order_relaxed);
        }
    }
    if (undo.previous) drop_back(pair.domain, undo.previous->target, pair.recorded);
    if (!pair.text.empty()) set_back(pair.domain, pair.target, pair.recorded);
    return undo;
}

void ValueMap::settle(SessionId owner, DomainId domain, std::uint64_t recorded) {
    const Key key{recorded, domain};
    Shard& shard = shards_[shard_of(key)];
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.entries.find(key);
    if (found != shard.entries.end() && found->second.owner == owner) found->second.owner = SessionId();
}

void ValueMap::forget(SessionId owner, const Undo& undo) {
    const Key key{undo.recorded, undo.domain};
    {
        Shard& shard = shards_[shard_of(key)];
        const std::lock_guard lock(shard.mutex);
        const auto found = shard.entries.find(key);
        // Another session may have learned a value for it since.
        if (found == shard.entries.end() || found->second.owner != owner || found->second.target != undo.target) return;
        if (undo.previous) {
            found->second = Entry{undo.previous->text, undo.previous->target, SessionId()};
        } else {
            shard.entries.erase(found);
            size_.fetch_sub(1, std::memory_order_relaxed);
        }
    }
    drop_back(undo.domain, undo.target, undo.recorded);
    if (undo.previous) set_back(undo.domain, undo.previous->target, undo.recorded);
}

std::optional<ValueMap::Found> ValueMap::find(SessionId session, DomainId domain, std::uint64_t recorded) const {
    const Key key{recorded, domain};
    const Shard& shard = shards_[shard_of(key)];
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.entries.find(key);
    if (found == shard.entries.end()) return std::nullopt;
    const Entry& entry = found->second;
    return Found{entry.text, entry.target, entry.owner != SessionId() && entry.owner != session};
}

std::optional<std::uint64_t> ValueMap::recorded_of(DomainId domain, std::uint64_t target) const {
    const Key key{target, domain};
    const BackShard& shard = back_[shard_of(key)];
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.recorded.find(key);
    if (found == shard.recorded.end()) return std::nullopt;
    return found->second;
}

void ValueMap::set_back(DomainId domain, std::uint64_t target, std::uint64_t recorded) {
    const Key key{target, domain};
    BackShard& shard = back_[shard_of(key)];
    const std::lock_guard lock(shard.mutex);
    shard.recorded[key] = recorded;
}

void ValueMap::drop_back(DomainId domain, std::uint64_t target, std::uint64_t recorded) {
    const Key key{target, domain};
    BackShard& shard = back_[shard_of(key)];
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.recorded.find(key);
    if (found != shard.recorded.end() && found->second == recorded) shard.recorded.erase(found);
}

bool TransactionScope::learn(const ValueMap::Pair& pair) {
    const bool tracked = open_.size() < kMaxOpen;
    auto undo = map_.learn(tracked ? session_ : SessionId(), pair);
    if (!undo) return false;
    if (tracked) open_.push_back(std::move(*undo));
    return true;
}

void TransactionScope::savepoint(Bytes name) {
    if (savepoints_.size() < kMaxSavepoints) savepoints_.push_back({std::move(name), open_.size()});
}

/// The latest of that name hides the others (PostgreSQL docs, SAVEPOINT).
std::optional<std::size_t> TransactionScope::find(BytesView name) const {
    for (std::size_t i = savepoints_.size(); i-- > 0;) {
        if (savepoints_[i].name == name) return i;
    }
    return std::nullopt;
}

void TransactionScope::release(BytesView name) {
    if (const auto at = find(name)) savepoints_.resize(*at);
}

void TransactionScope::rollback_to(BytesView name) {
    const auto at = find(name);
    if (!at) return;
    forget_from(savepoints_[*at].before);
    savepoints_.resize(*at + 1);
}

void TransactionScope::commit() {
    for (const ValueMap::Undo& entry : open_) map_.settle(session_, entry.domain, entry.recorded);
    open_.clear();
    savepoints_.clear();
}

void TransactionScope::rollback() {
    forget_from(0);
    savepoints_.clear();
}

void TransactionScope::forget_from(std::size_t first) {
    while (open_.size() > first) {
        map_.forget(session_, open_.back());
        open_.pop_back();
    }
}

}  // namespace understudy::replay
