#pragma once

#include <map>
#include <set>
#include <unordered_map>

#include "schema/lock_watch/observation.hpp"

namespace understudy::schema::lock_watch {

struct ObserverLimits {
    std::size_t locks = 10'000;
    std::size_t stalls = 10'000;  ///< sessions
    std::size_t blockers = 100;   ///< of one wait
    std::size_t deadlocks = 1'000;
    std::size_t timeline = 10'000;
};

/// Adds samples up to what the migration did. Pure. Give it samples in their order, then finish() once.
class LockObserver {
public:
    explicit LockObserver(MigrationSelector selector, ObserverLimits limits = {})
        : selector_(std::move(selector)), limits_(limits) {}

    void take(const LockSample& sample);
    void failed_sample() { ++found_.failed_samples; }
    MigrationObservation finish(const ServerTotals& before, const ServerTotals& after);

private:
    using Sessions = std::unordered_map<int, const Activity*>;
    /// A wait that is not over.
    struct OpenWait {
        Timestamp since;
        Timestamp last;
        std::size_t index = 0;  ///< into found_.stalls or found_.waited
        Bytes query;
        bool while_waiting = false;
        Bytes relation;
    };

    void note(Timestamp time, std::string what);
    [[nodiscard]] bool is_migration(const Activity& session) const;
    void follow_statement(const LockSample& sample);
    void follow_held(const LockSample& sample);
    void follow_own_waits(const LockSample& sample);
    void follow_stalls(const LockSample& sample);
    void follow_circles(const LockSample& sample);
    void see_circle(const std::set<int>& circle, Timestamp time);
    void end_stall(int pid, const OpenWait& wait, Timestamp end);
    [[nodiscard]] bool behind_migration(const Activity& session) const;
    [[nodiscard]] Blocker blocker_of(const Activity& session, Timestamp now) const;
    [[nodiscard]] const RelationLock* waiting_lock(const LockSample& sample, int pid) const;
    const Bytes& normalised(const Bytes& query);

    MigrationSelector selector_;
    ObserverLimits limits_;
    MigrationObservation found_;
    Timestamp previous_;
    std::set<int> pids_;  ///< all of the migration that were ever seen
    Sessions sessions_;   ///< of the sample that is being taken
    bool waiting_ = false;
    std::map<int, Bytes> statements_;  ///< of the migration's sessions, as they were last; normalised
    std::map<int, Timestamp> statement_starts_;
    std::map<std::pair<int, std::pair<std::uint32_t, sql::TableLock>>, std::size_t> held_;  ///< index into found_.held
    std::map<int, OpenWait> own_waits_;
    std::map<int, OpenWait> stalls_;
    std::map<int, std::size_t> stall_entries_;  ///< by process
    std::map<std::set<int>, int> circles_;      ///< that are there now, and in how many samples by now
    std::unordered_map<Bytes, Bytes> normalised_;
};

}  // namespace understudy::schema::lock_watch
