#include "schema/lock_watch/lock_watch.hpp"

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/throwaway_cluster.hpp"

namespace understudy::schema::lock_watch {
namespace {

using testing::ThrowawayCluster;
using SteadyTime = std::chrono::steady_clock::time_point;

double seconds_since(SteadyTime start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void rest(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

/// A client of its own, that measures how long it waits.
struct Client {
    Client(const std::string& conninfo, const std::string& name)
        : raw(PQconnectdb((conninfo + " application_name='" + name + "'").c_str()), &PQfinish) {}
    /// The SQLSTATE, or nothing.
    std::string run(const std::string& sql) {
        const auto start = std::chrono::steady_clock::now();
        const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(raw.get(), sql.c_str()), &PQclear);
        seconds = seconds_since(start);
        longest = std::max(longest, seconds);
        const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
        return state == nullptr ? "" : state;
    }
    std::unique_ptr<PGconn, decltype(&PQfinish)> raw;
    double seconds = 0;
    double longest = 0;
};

class LockWatchTest : public ::testing::Test {
protected:
    void SetUp() override {
        ThrowawayCluster& cluster = ThrowawayCluster::shared();
        const std::string database = cluster.create_database("watch");
        cluster.psql(
            "create table orders (id int primary key, total int, note text); create table item (id int primary key, "
            "n int); insert into orders select g, g, repeat('x', 100) from generate_series(1, 200000) g; insert into "
            "item select g, g from generate_series(1, 1000) g; analyze",
            database);
        conninfo = cluster.conninfo(database);
    }
    std::unique_ptr<LockWatch> watch() const {
        auto started = LockWatch::start(conninfo, {{}, "migration"});
        EXPECT_TRUE(started) << started.error().message;
        return started ? std::move(*started) : nullptr;
    }
    static MigrationObservation ended(LockWatch& watch) {
        auto seen = watch.stop();
        EXPECT_TRUE(seen && seen->failure.empty());
        return seen ? std::move(*seen) : MigrationObservation();
    }
    std::string conninfo;
};

const HeldLock* held_on(const MigrationObservation& seen, const Bytes& relation, sql::TableLock mode) {
    const auto found = std::find_if(seen.held.begin(), seen.held.end(), [&](const HeldLock& lock) {
        return lock.relation == relation && lock.mode == mode;
    });
    return found == seen.held.end() ? nullptr : &*found;
}

TEST_F(LockWatchTest, AddColumnBehindAnOpenReaderStallsTheOthersAsLongAsTheyMeasured) {
    Client reader(conninfo, "report");
    Client migration(conninfo, "migration");
    Client shop(conninfo, "shop");
    reader.run("begin");
    reader.run("select count(*) from orders");
    const auto watching = watch();
    ASSERT_NE(watching, nullptr);
    std::thread altering([&] { migration.run("alter table orders add column x int"); });
    rest(0.2);
    std::thread asking([&] { shop.run("select total from orders where id = 7"); });
    rest(2);
    reader.run("commit");
    altering.join();
    asking.join();
    const MigrationObservation seen = ended(*watching);
    EXPECT_TRUE(seen.migration_seen);
    ASSERT_EQ(seen.stalls.size(), 1U) << to_text(seen);
    const Stall& stall = seen.stalls[0];
    EXPECT_EQ(stall.application, "shop");
    EXPECT_EQ(stall.pid, PQbackendPID(shop.raw.get()));
    EXPECT_EQ(stall.query, "select total from orders where id = $1");
    EXPECT_EQ(stall.relation, "public.orders");
    EXPECT_TRUE(stall.while_waiting);
    EXPECT_GT(shop.seconds, 1.9);
    EXPECT_NEAR(stall.longest.to_seconds(), shop.seconds, shop.seconds * 0.1);
    EXPECT_EQ(seen.longest_stall, stall.longest);
    ASSERT_EQ(seen.waited.size(), 1U) << to_text(seen);
    const WaitedLock& wait = seen.waited[0];
    EXPECT_EQ(wait.relation, "public.orders");
    EXPECT_EQ(wait.mode, sql::TableLock::access_exclusive);
    EXPECT_NEAR((wait.last - wait.first).to_seconds(), migration.seconds, migration.seconds * 0.1);
    ASSERT_EQ(wait.blockers.size(), 1U);
    EXPECT_EQ(wait.blockers[0].application, "report");
    EXPECT_EQ(wait.blockers[0].state, "idle in transaction");
    EXPECT_EQ(wait.blockers[0].query, "select count(*) from orders");
    EXPECT_TRUE(seen.rewrites.empty());
    EXPECT_NE(to_text(seen).find("idle in transaction"), std::string::npos);
}

TEST_F(LockWatchTest, WithALockTimeoutTheMigrationFailsAndTheStallsStayShort) {
    Client reader(conninfo, "report");
    Client migration(conninfo, "migration");
    Client shop(conninfo, "shop");
    reader.run("begin");
    reader.run("select count(*) from orders");
    migration.run("set lock_timeout = '300ms'");
    const auto watching = watch();
    ASSERT_NE(watching, nullptr);
    std::string state;
    std::thread altering([&] { state = migration.run("alter table orders add column x int"); });
    rest(0.1);
    for (int i = 0; i < 100; ++i) {
        shop.run("select total from orders where id = 7");
        rest(0.01);
    }
    altering.join();
    reader.run("commit");
    const MigrationObservation seen = ended(*watching);
    EXPECT_EQ(state, "55P03");
    ASSERT_EQ(seen.stalls.size(), 1U);
    EXPECT_LT(shop.longest, 0.6);
    EXPECT_NEAR(seen.longest_stall.to_seconds(), shop.longest, 0.05);
}

TEST_F(LockWatchTest, CreateIndexStopsWritersAndConcurrentlyDoesNot) {
    double measured = 0;
    const auto build = [&](const std::string& sql, const std::string& before) {
        Client migration(conninfo, "migration");
        Client shop(conninfo, "shop");
        migration.run(before);
        const auto watching = watch();
        std::atomic<bool> done = false;
        std::thread altering([&] {
            migration.run(sql);
            if (before == "begin") rest(1);
            migration.run("commit");
            done = true;
        });
        rest(0.1);
        while (!done) {
            shop.run("update orders set total = total + 1 where id = 9");
            rest(0.01);
        }
        altering.join();
        MigrationObservation seen = ended(*watching);
        measured = shop.longest;
        return seen;
    };
    const MigrationObservation plain = build("create index i on orders (note, total)", "begin");
    ASSERT_EQ(plain.stalls.size(), 1U) << to_text(plain);
    EXPECT_GT(plain.longest_stall.to_seconds(), 0.9);
    EXPECT_NEAR(plain.longest_stall.to_seconds(), measured, measured * 0.1);
    EXPECT_FALSE(plain.stalls[0].while_waiting);
    const HeldLock* lock = held_on(plain, "public.orders", sql::TableLock::share);
    ASSERT_NE(lock, nullptr) << to_text(plain);
    EXPECT_EQ(lock->statement, "create index i on orders (note, total)");
    EXPECT_GT(plain.disk_bytes, 1'000'000);
    EXPECT_GT(plain.wal_bytes, 1'000'000);
    const MigrationObservation concurrent = build("create index concurrently j on orders (note, total)", "select 1");
    EXPECT_TRUE(concurrent.stalls.empty()) << to_text(concurrent);
    EXPECT_NE(held_on(concurrent, "public.orders", sql::TableLock::share_update_exclusive), nullptr);
}

TEST_F(LockWatchTest, AnInversionOfTheOrderOfLocksIsSeenAsACircle) {
    Client migration(conninfo, "migration");
    Client shop(conninfo, "shop");
    shop.run("set deadlock_timeout = '500ms'");
    migration.run("set deadlock_timeout = '10s'");
    migration.run("begin");
    shop.run("begin");
    const auto watching = watch();
    ASSERT_NE(watching, nullptr);
    migration.run("alter table orders add column y int");
    shop.run("update item set n = 1 where id = 1");
    std::string state;
    std::thread altering([&] { migration.run("alter table item add column y int"); });
    rest(0.2);
    state = shop.run("update orders set total = 1 where id = 1");
    shop.run("rollback");
    altering.join();
    migration.run("commit");
    rest(1.1);
    shop.run("select 1");  // a session tells the server's counters at most once a second
    const MigrationObservation seen = ended(*watching);
    EXPECT_EQ(state, "40P01");
    ASSERT_EQ(seen.deadlocks_seen.size(), 1U) << to_text(seen);
    EXPECT_TRUE(seen.deadlocks_seen[0].with_migration);
    EXPECT_EQ(seen.deadlocks_seen[0].members.size(), 2U);
    EXPECT_EQ(seen.deadlocks, 1);
}

TEST_F(LockWatchTest, RewritesAreTablesWithAnotherFile) {
    Client migration(conninfo, "migration");
    const auto watching = watch();
    ASSERT_NE(watching, nullptr);
    migration.run("alter table orders alter total type bigint");
    const MigrationObservation seen = ended(*watching);
    ASSERT_EQ(seen.rewrites.size(), 1U) << to_text(seen);
    EXPECT_EQ(seen.rewrites[0].relation, "public.orders");
    EXPECT_GT(seen.rewrites[0].bytes_after, 10'000'000);
    EXPECT_GT(seen.samples, 3U);
    EXPECT_NE(held_on(seen, "public.orders", sql::TableLock::access_exclusive), nullptr);
}

TEST_F(LockWatchTest, ALostConnectionIsSaidAndNothingHangs) {
    const auto watching = watch();
    ASSERT_NE(watching, nullptr);
    Client admin(conninfo, "admin");
    admin.run(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'understudy lock watch' and "
        "datname = "
        "current_database()");
    rest(0.3);
    const auto seen = watching->stop();
    ASSERT_TRUE(seen);
    EXPECT_NE(seen->failure, "");
    EXPECT_NE(to_text(*seen).find("ended early"), std::string::npos);
}

}  // namespace
}  // namespace understudy::schema::lock_watch
