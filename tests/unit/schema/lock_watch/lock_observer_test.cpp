#include "schema/lock_watch/lock_observer.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace understudy::schema::lock_watch {
namespace {

constexpr Timestamp kStart = Timestamp::from_ns(1'709'210'096'000'000'000);
Timestamp at(std::int64_t ms) { return kStart + Duration::milliseconds(ms); }

Activity session(int pid, Bytes application, Bytes query, std::int64_t since_ms, std::vector<int> blockers = {}) {
    Activity activity;
    activity.pid = pid;
    activity.application = std::move(application);
    activity.user = "ann";
    activity.state = "active";
    activity.query = std::move(query);
    activity.query_start = at(since_ms);
    activity.transaction_start = at(since_ms);
    activity.waits_for_lock = !blockers.empty();
    activity.blockers = std::move(blockers);
    return activity;
}

RelationLock lock(int pid, sql::TableLock mode, bool granted, Timestamp wait_start = {}) {
    return {pid, 20'000, "public.orders", mode, granted, wait_start};
}

constexpr const char* kAlter = "alter table orders add column x int";

LockObserver observer() { return LockObserver({{}, "migration"}); }

TEST(LockObserver, AQueueBehindAWaitingMigration) {
    LockObserver watching = observer();
    Activity reader = session(1, "report", "select 1", -5000);
    reader.state = "idle in transaction";
    for (std::int64_t ms = 0; ms <= 1000; ms += 20) {
        LockSample sample{at(ms), {reader, session(2, "migration", kAlter, 100)}, {}};
        if (ms < 100) sample.sessions.pop_back();
        if (ms >= 100 && ms < 900) {
            sample.sessions[1].waits_for_lock = true;
            sample.sessions[1].blockers = {1};
            sample.locks.push_back(lock(2, sql::TableLock::access_exclusive, false, at(101)));
        }
        if (ms >= 200 && ms < 900) {
            sample.sessions.push_back(session(3, "shop", "select a from orders where id = 7", 190, {2}));
            sample.locks.push_back(lock(3, sql::TableLock::access_share, false));
        }
        if (ms >= 300 && ms < 900) {  // waits for the third, not for the migration itself
            sample.sessions.push_back(session(4, "shop", "update orders set a = 1", 295, {3}));
        }
        if (ms >= 900) {
            sample.locks.push_back(lock(2, sql::TableLock::access_exclusive, true));
        }
        watching.take(sample);
    }
    const MigrationObservation seen = watching.finish({}, {});
    EXPECT_TRUE(seen.migration_seen);
    EXPECT_EQ(seen.longest_gap, Duration::milliseconds(20));
    ASSERT_EQ(seen.waited.size(), 1U);
    EXPECT_EQ(seen.waited[0].first, at(101));
    EXPECT_EQ(seen.waited[0].last, at(890));
    EXPECT_EQ(seen.waited[0].relation, "public.orders");
    ASSERT_EQ(seen.waited[0].blockers.size(), 1U);
    EXPECT_EQ(seen.waited[0].blockers[0].state, "idle in transaction");
    EXPECT_EQ(seen.waited[0].blockers[0].transaction_age, Duration::milliseconds(5100));
    ASSERT_EQ(seen.stalls.size(), 2U);
    EXPECT_EQ(seen.stalls[0].pid, 3);
    EXPECT_EQ(seen.stalls[0].longest, Duration::milliseconds(700));  // from 190, when the query came, to 890
    EXPECT_EQ(seen.stalls[0].query, "select a from orders where id = $1");
    EXPECT_TRUE(seen.stalls[0].while_waiting);
    EXPECT_EQ(seen.stalls[1].longest, Duration::milliseconds(595));
    ASSERT_EQ(seen.held.size(), 1U);
    EXPECT_EQ(seen.held[0].first, at(900));
    EXPECT_EQ(seen.held[0].last, at(1000));
    EXPECT_EQ(seen.held[0].statement, kAlter);
    EXPECT_TRUE(std::is_sorted(seen.timeline.begin(), seen.timeline.end(),
                               [](const TimelineEntry& a, const TimelineEntry& b) { return a.time < b.time; }));
}

TEST(LockObserver, WhoWaitsForSomebodyElseIsNoStallOfTheMigration) {
    LockObserver watching = observer();
    for (std::int64_t ms = 0; ms < 100; ms += 20) {
        watching.take({at(ms),
                       {session(1, "a", "update t set x = 1", 0), session(2, "migration", kAlter, 0),
                        session(3, "b", "update t set x = 2", 0, {1})},
                       {}});
    }
    EXPECT_TRUE(watching.finish({}, {}).stalls.empty());
}

TEST(LockObserver, EachQueryOfASessionIsAWaitOfItsOwn) {
    LockObserver watching = observer();
    const auto take = [&](std::int64_t ms, std::int64_t since, bool waits) {
        watching.take({at(ms),
                       {session(2, "migration", kAlter, 0),
                        session(3, "shop", "select 1", since, waits ? std::vector<int>{2} : std::vector<int>{})},
                       {}});
    };
    take(0, 0, false);
    take(20, 10, true);
    take(40, 10, true);
    take(60, 55, true);  // the next one, without a sample between
    take(80, 55, true);
    take(100, 55, false);
    const MigrationObservation seen = watching.finish({}, {});
    ASSERT_EQ(seen.stalls.size(), 1U);
    EXPECT_EQ(seen.stalls[0].waits, 2U);
    EXPECT_EQ(seen.stalls[0].longest, Duration::milliseconds(40));
    EXPECT_EQ(seen.stalls[0].total, Duration::milliseconds(75));
}

TEST(LockObserver, ACircleIsOneOnlyWhenItIsStillThereASampleLater) {
    LockObserver watching = observer();
    const auto circle = [&](std::int64_t ms, bool closed) {
        watching.take({at(ms),
                       {session(2, "migration", kAlter, 0, {3}),
                        session(3, "shop", "update a", 0, closed ? std::vector<int>{2} : std::vector<int>{})},
                       {}});
    };
    circle(0, true);
    circle(20, false);
    circle(40, true);
    circle(60, true);
    circle(80, true);
    const MigrationObservation seen = watching.finish({}, {});
    ASSERT_EQ(seen.deadlocks_seen.size(), 1U);
    EXPECT_EQ(seen.deadlocks_seen[0].time, at(60));
    EXPECT_TRUE(seen.deadlocks_seen[0].with_migration);
}

TEST(LockObserver, TotalsAreDifferencesAndRewritesAreOtherFiles) {
    LockObserver watching = observer();
    watching.take({at(0), {}, {}});
    ServerTotals before{at(0), 1000, 1,
                        10,    5000, {{1, "public.a", 7, 100}, {2, "public.b", 8, 200}, {3, "public.c", 9, -1}}};
    ServerTotals after{at(9), 4000, 3,
                       30,    9000, {{1, "public.a", 7, 150}, {2, "public.b", 18, 300}, {4, "public.d", 20, 1}}};
    const MigrationObservation seen = watching.finish(before, after);
    EXPECT_EQ(seen.wal_bytes, 3000);
    EXPECT_EQ(seen.deadlocks, 2);
    EXPECT_EQ(seen.temp_bytes, 20);
    EXPECT_EQ(seen.disk_bytes, 4000);
    ASSERT_EQ(seen.rewrites.size(), 1U);
    EXPECT_EQ(seen.rewrites[0].relation, "public.b");
    EXPECT_FALSE(seen.migration_seen);
    EXPECT_NE(to_text(seen).find("no session of the migration was seen"), std::string::npos);
    EXPECT_NE(to_json(seen).find("\"wal_bytes\": 3000"), std::string::npos);
}

TEST(LockObserver, WhatIsBeyondTheLimitsIsCounted) {
    ObserverLimits limits;
    limits.stalls = 1;
    limits.locks = 1;
    limits.timeline = 1;
    LockObserver watching({{2}, {}}, limits);
    LockSample sample{at(0), {session(2, "x", kAlter, 0)}, {}};
    for (int pid = 3; pid < 6; ++pid) sample.sessions.push_back(session(pid, "shop", "select 1", 0, {2}));
    sample.locks = {lock(2, sql::TableLock::share, true), lock(2, sql::TableLock::access_exclusive, true)};
    watching.take(sample);
    const MigrationObservation seen = watching.finish({}, {});
    EXPECT_EQ(seen.stalls.size(), 1U);
    EXPECT_EQ(seen.held.size(), 1U);
    EXPECT_EQ(seen.timeline.size(), 1U);
    EXPECT_GE(seen.beyond_limit, 4U);
}

}  // namespace
}  // namespace understudy::schema::lock_watch
