#include "core/catalog/snapshot/read_snapshot.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/catalog/snapshot/object_fingerprints.hpp"
#include "core/catalog/snapshot/snapshot_codec.hpp"
#include "core/catalog/snapshot/snapshot_fingerprint.hpp"
#include "tests/integration/core/catalog/snapshot/base_schema.hpp"
#include "tests/integration/core/catalog/snapshot/planted_changes.hpp"
#include "tests/integration/core/catalog/snapshot/planted_since.hpp"
#include "tests/support/throwaway_cluster.hpp"

namespace understudy::catalog {
namespace {

using testing::PlantedChange;
using understudy::testing::run_command;
using understudy::testing::ThrowawayCluster;

Snapshot snapshot_of(const std::string& database) {
    auto snapshot = read_snapshot(ThrowawayCluster::shared().conninfo(database));
    EXPECT_TRUE(snapshot) << snapshot.error().message;
    return snapshot ? *snapshot : Snapshot();
}

Bytes all_in_words(const std::vector<ObjectChange>& changes) {
    Bytes text;
    for (const ObjectChange& change : changes)
        text += in_words(change) + " [" + Bytes(to_string(change.worst())) + "]\n";
    return text;
}

class ReadSnapshot : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        cluster().psql("create role app; create role reader");
        database = cluster().create_database("snapshot");
        cluster().psql(testing::kBaseSchema, database);
        cluster().psql("create function on_ddl() returns event_trigger language plpgsql as 'begin end'", database);
    }
    static ThrowawayCluster& cluster() { return ThrowawayCluster::shared(); }
    static std::string copy_of(const std::string& original) {
        const std::string copy = cluster().create_database("copy");
        cluster().psql("drop database " + copy + "; ");
        cluster().psql("create database " + copy + " template " + original);
        return copy;
    }
    static int server_major() { return std::stoi(cluster().psql("show server_version_num")) / 10'000; }
    static std::string database_with(const std::string& sql) {
        const std::string name = cluster().create_database("spelling");
        cluster().psql(sql, name);
        return name;
    }
    /// Makes the changes one after the other; each has to be seen for what it is.
    static void expect_seen(const std::string& in, const std::vector<PlantedChange>& changes) {
        Snapshot before = snapshot_of(in);
        for (const PlantedChange& planted : changes) {
            SCOPED_TRACE(planted.ddl);
            std::string ddl = planted.ddl;
            if (const auto at = ddl.find("$database"); at != std::string::npos) ddl.replace(at, 9, in);
            // Statement by statement: some may not run in a transaction.
            for (std::size_t from = 0; from < ddl.size();) {
                const std::size_t end = std::min(ddl.find("; ", from), ddl.size());
                cluster().psql(ddl.substr(from, end - from), in);
                from = end + 2;
            }
            Snapshot after = snapshot_of(in);
            EXPECT_NE(fingerprint(after), fingerprint(before));
            const auto found = schema_diff(before, after);
            const bool seen = std::any_of(found.begin(), found.end(), [&](const ObjectChange& change) {
                return shown(change.identity) == planted.object && change.property == planted.property &&
                       change.worst() == planted.worst;
            });
            EXPECT_TRUE(seen) << "wanted: " << planted.object << " " << planted.property << " ["
                              << to_string(planted.worst) << "], found:\n"
                              << all_in_words(found);
            const bool alarm = std::any_of(found.begin(), found.end(), [&](const ObjectChange& change) {
                return planted.worst == ChangeClass::compatible && change.worst() != ChangeClass::compatible;
            });
            EXPECT_FALSE(alarm) << "harmless, and yet:\n" << all_in_words(found);
            before = std::move(after);
        }
    }
    template <std::size_t N>
    static void expect_seen(const std::string& in, const PlantedChange (&changes)[N]) {
        expect_seen(in, std::vector<PlantedChange>(changes, changes + N));
    }
    static void expect_dump_is_the_same(const std::string& original) {
        if (const int dumps = std::stoi(run_command("pg_dump --version | tr -dc '0-9. '").out);
            dumps < server_major()) {
            GTEST_LOG_(INFO) << "pg_dump " << dumps << " does not read a newer server: not dumped";
            return;
        }
        const std::string restored = cluster().create_database("restored");
        const std::string target = " -h 127.0.0.1 -p " + std::to_string(cluster().port()) + " -U postgres ";
        const auto done =
            run_command("pg_dump" + target + original + " | psql -qXv ON_ERROR_STOP=1" + target + restored);
        ASSERT_EQ(done.exit_code, 0) << done.out;
        const Snapshot before = snapshot_of(original);
        const Snapshot after = snapshot_of(restored);
        EXPECT_EQ(fingerprint(before), fingerprint(after)) << all_in_words(schema_diff(before, after));
        EXPECT_TRUE(before.objects == after.objects);
        EXPECT_EQ(object_fingerprints(before).objects, object_fingerprints(after).objects);
    }
    inline static std::string database;
};

TEST_F(ReadSnapshot, IsTheSameEachTimeAndSurvivesItsFile) {
    const Snapshot first = snapshot_of(database);
    EXPECT_EQ(first, snapshot_of(database));
    EXPECT_TRUE(first.unread.empty());
    EXPECT_GT(first.objects.size(), 90U);
    const auto back = parse_snapshot(to_json(first));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(*back, first);
    EXPECT_TRUE(schema_diff(first, *back).empty());
}

TEST_F(ReadSnapshot, IsTheSameOfARestoredDump) { expect_dump_is_the_same(database); }

TEST_F(ReadSnapshot, SeesEachChangeOfTablesAndIsThenTheSameOfTheirDump) {
    const std::string copy = copy_of(database);
    cluster().psql("alter table log add column gone int; alter table log drop column gone", copy);
    EXPECT_EQ(fingerprint(snapshot_of(copy)), fingerprint(snapshot_of(database))) << "a hole in the columns is nothing";
    expect_seen(copy, testing::kChangesOfTables);
    expect_dump_is_the_same(copy);
}

TEST_F(ReadSnapshot, SeesEachOtherChangeAndIsThenTheSameOfTheirDump) {
    const std::string copy = copy_of(database);
    expect_seen(copy, testing::kOtherChanges);
    const Bytes text = to_json(snapshot_of(copy));
    EXPECT_EQ(text.find("secret"), Bytes::npos) << "options of a user mapping";
    EXPECT_NE(text.find("password=(withheld)"), Bytes::npos) << "of a server";
    EXPECT_EQ(text.find("citext_"), Bytes::npos) << "an extension stands for its members";
    expect_dump_is_the_same(copy);
}

TEST_F(ReadSnapshot, SeesEachChangeThatOnlyNewerServersKnow) {
    const std::string copy = copy_of(database);
    std::vector<PlantedChange> changes;
    for (const auto& [since, change] : testing::kChangesSince) {
        if (since <= server_major()) changes.push_back(change);
    }
    expect_seen(copy, changes);
    expect_dump_is_the_same(copy);
}

TEST_F(ReadSnapshot, IsTheSameHoweverItWasWritten) {
    for (const auto& [since, written, dumped] : testing::kSpellings) {
        if (since > server_major()) continue;
        const Snapshot one = snapshot_of(database_with(written));
        const Snapshot other = snapshot_of(database_with(dumped));
        EXPECT_EQ(fingerprint(one), fingerprint(other)) << written << "\n" << all_in_words(schema_diff(one, other));
    }
}

TEST_F(ReadSnapshot, HasFingerprintsOfObjectsThatFollowWhatTheyUse) {
    const std::string copy = copy_of(database);
    auto moved = [&, before = object_fingerprints(snapshot_of(copy))](const std::string& ddl) mutable {
        cluster().psql(ddl, copy);
        const auto after = object_fingerprints(snapshot_of(copy));
        std::set<Bytes> names;
        for (const auto& [name, value] : after.names) {
            if (const auto at = before.names.find(name); at == before.names.end() || at->second != value)
                names.insert(name);
        }
        std::erase_if(names, [](const Bytes& name) { return name.starts_with("_"); });
        if (after.environment != before.environment) names.insert("environment");
        before = after;
        return names;
    };
    using Names = std::set<Bytes>;
    EXPECT_EQ(moved("comment on table customer is 'somebody'"), Names());
    EXPECT_EQ(moved("create index on log (id)"), Names({"log"}));
    // Its key is referred to by Order, which cascades; views read it.
    EXPECT_EQ(moved("alter table customer add column late int"),
              Names({"customer", "customer_id_seq", "happy", "named"}));
    EXPECT_EQ(
        moved("alter table \"Order\" add column late int"),
        Names({"Order", "Order_id_seq", "Order_no_seq", "customer", "customer_id_seq", "happy", "named", "sums"}));
    EXPECT_EQ(moved("create or replace function audit() returns trigger language plpgsql as 'begin return old; end'"),
              Names({"audit", "customer", "customer_id_seq", "happy", "log", "named"}));
    EXPECT_EQ(moved("alter database " + copy + " set work_mem = '5MB'"), Names({"environment"}));
}

TEST_F(ReadSnapshot, SeesChangesOfTheDatabaseButNotItsMark) {
    const std::string copy = copy_of(database);
    expect_seen(copy, testing::kChangesOfDatabase);
    const Bytes before = fingerprint(snapshot_of(copy));
    cluster().psql("alter database " + copy + " set understudy.target = 'staging:1'", copy);
    cluster().psql("comment on database " + copy + " is 'd\nunderstudy.target=staging:1'", copy);
    EXPECT_EQ(fingerprint(snapshot_of(copy)), before);
}

TEST_F(ReadSnapshot, WantsNoPrivilegesAndSaysWhatItMayNotRead) {
    const std::string copy = copy_of(database);
    cluster().psql("create role nobody login", copy);
    const std::string conninfo = cluster().conninfo(copy) + " user=nobody";
    const auto all = read_snapshot(conninfo);
    ASSERT_TRUE(all) << all.error().message;
    EXPECT_EQ(fingerprint(*all), fingerprint(snapshot_of(copy)));
    cluster().psql("revoke select on pg_catalog.pg_policy from public", copy);
    const auto less = read_snapshot(conninfo);
    ASSERT_TRUE(less) << less.error().message;
    ASSERT_EQ(less->unread.size(), 1U);
    EXPECT_EQ(less->unread[0].what, "policies");
    EXPECT_NE(less->unread[0].why.find("permission denied"), Bytes::npos);
    EXPECT_NE(fingerprint(*less), fingerprint(*all)) << "a snapshot that lacks something is no other's equal";
}

TEST_F(ReadSnapshot, AsksALargeSchemaOnTwoConnectionsWhereItMay) {
    const std::string large = cluster().create_database("large");
    cluster().psql(
        "do $$ begin for i in 1 .. 900 loop execute format('create table t%s (id int primary key, at int default %s "
        "check (at > 0)); create view v%s as select id from t%s', i, i, i, i); end loop; end $$",
        large);
    cluster().psql("create role alone login connection limit 1", large);
    const auto snapshot_by = [&](const std::string& user) {
        const auto snapshot = read_snapshot(cluster().conninfo(large) + user);
        EXPECT_TRUE(snapshot) << snapshot.error().message;
        return snapshot ? *snapshot : Snapshot();
    };
    const Snapshot two = snapshot_by("");
    const Snapshot one = snapshot_by(" user=alone");
    EXPECT_GT(two.objects.size(), 5000U);
    EXPECT_EQ(two, one) << "whoever answers, and in whatever order";
}

TEST_F(ReadSnapshot, SaysWhoIsInTheWay) {
    const std::string copy = copy_of(database);
    const auto waits =
        run_command("psql -qX '" + cluster().conninfo(copy) +
                    "' -c 'begin; lock table happy in access exclusive mode; select pg_sleep(3)' >/dev/null 2>&1 & "
                    "sleep 1");
    const auto snapshot = read_snapshot(cluster().conninfo(copy));
    ASSERT_FALSE(snapshot);
    EXPECT_NE(snapshot.error().message.find("somebody holds a lock"), Bytes::npos) << snapshot.error().message;
}

}  // namespace
}  // namespace understudy::catalog
