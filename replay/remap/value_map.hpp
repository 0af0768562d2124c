#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/model/ids.hpp"
#include "replay/remap/identity_domains.hpp"

namespace understudy::replay {

/// Which value stands on the target for a recorded one, by domain; and back. Keyed by keyed hashes of canonical values
/// (Digester::cell), so that a capture that holds digests only is enough; the target's own values are kept as text.
///
/// One map for all sessions; thread-safe. An entry belongs to the session that learned it until that commits
/// (TransactionScope sees to it). Memory: kMaxEntries entries of about 150 bytes; past that nothing is learned, and
/// counted.
class ValueMap {
public:
    static constexpr std::size_t kMaxEntries = 20'000'000;

    struct Pair {
        DomainId domain = 0;
        std::uint64_t recorded = 0;  ///< hash of the recorded value
        std::uint64_t target = 0;    ///< hash of the target's
        Bytes text;  ///< the target's, canonical; empty: the value was generated, and nobody knows what stands for it
    };
    struct Found {
        Bytes text;
        std::uint64_t target = 0;
        bool uncommitted = false;  ///< of another session that has not committed it
    };
    /// What learn() put an end to; rolled back by forget().
    struct Undo {
        DomainId domain = 0;
        std::uint64_t recorded = 0;
        std::uint64_t target = 0;
        std::optional<Pair> previous;
    };

    explicit ValueMap(std::size_t max_entries = kMaxEntries) : max_entries_(max_entries) {}

    /// `owner`: the session whose transaction it is; SessionId(): it holds at once. Nothing: the map is full.
    std::optional<Undo> learn(SessionId owner, const Pair& pair);
    /// The owner committed.
    void settle(SessionId owner, DomainId domain, std::uint64_t recorded);
    /// Its transaction, or the part since a savepoint, was rolled back. In the reverse order of learn().
    void forget(SessionId owner, const Undo& undo);

    /// The value for `session`. One that another session has not committed is given too, marked: the recorded client
    /// had it.
    [[nodiscard]] std::optional<Found> find(SessionId session, DomainId domain, std::uint64_t recorded) const;
    /// The hash of the recorded value that this value of the target stands for.
    [[nodiscard]] std::optional<std::uint64_t> recorded_of(DomainId domain, std::uint64_t target) const;

    [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_relaxed); }
    /// Pairs that were not learned because the map was full.
    [[nodiscard]] std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

private:
    struct Key {
        std::uint64_t hash = 0;
        DomainId domain = 0;
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct KeyHash {  // the hash is a keyed one already
        std::size_t operator()(const Key& key) const {
            return static_cast<std::size_t>(key.hash ^ (key.domain * 0x9E3779B97F4A7C15ULL));
        }
    };
    struct Entry {
        Bytes text;
        std::uint64_t target = 0;
        SessionId owner;
    };
    static constexpr std::size_t kShards = 64;
    struct Shard {
        mutable std::mutex mutex;
        std::unordered_map<Key, Entry, KeyHash> entries;
    };
    struct BackShard {
        mutable std::mutex mutex;
        std::unordered_map<Key, std::uint64_t, KeyHash> recorded;
    };
    static std::size_t shard_of(const Key& key) { return (KeyHash{}(key) >> 7U) % kShards; }
    void drop_back(DomainId domain, std::uint64_t target, std::uint64_t recorded);
    void set_back(DomainId domain, std::uint64_t target, std::uint64_t recorded);

    std::size_t max_entries_;
    std::array<Shard, kShards> shards_;
    std::array<BackShard, kShards> back_;
    std::atomic<std::size_t> size_{0};
    std::atomic<std::uint64_t> refused_{0};
};

/// What one session has learned in its open transaction. One thread. Memory: kMaxOpen entries; what is learned beyond
/// them holds for everybody at once.
class TransactionScope {
public:
    static constexpr std::size_t kMaxOpen = 1'000'000;
    static constexpr std::size_t kMaxSavepoints = 10'000;

    TransactionScope(SessionId session, ValueMap& map) : session_(session), map_(map) {}

    /// False: the map is full.
    bool learn(const ValueMap::Pair& pair);
    void savepoint(Bytes name);
    void release(BytesView name);
    void rollback_to(BytesView name);
    void commit();
    void rollback();
    [[nodiscard]] std::size_t open() const { return open_.size(); }

private:
    struct Savepoint {
        Bytes name;
        std::size_t before = 0;  ///< entries learned before it
    };
    [[nodiscard]] std::optional<std::size_t> find(BytesView name) const;
    void forget_from(std::size_t first);

    SessionId session_;
    ValueMap& map_;
    std::vector<ValueMap::Undo> open_;
    std::vector<Savepoint> savepoints_;
};

}  // namespace understudy::replay
