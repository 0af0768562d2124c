#include "app/history/postgres_history.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

#include "app/history/history_schema.hpp"
#include "tests/support/made_runs.hpp"
#include "tests/support/throwaway_cluster.hpp"

namespace understudy::app {
namespace {

using testing::made_run;
using testing::ThrowawayCluster;

ThrowawayCluster& server() { return ThrowawayCluster::shared(); }

std::unique_ptr<PostgresHistory> opened(const std::string& database) {
    auto history = PostgresHistory::open(server().conninfo(database), {});
    EXPECT_TRUE(history.has_value()) << history.error().message;
    return history ? std::move(*history) : nullptr;
}

TEST(PostgresHistory, TheSchemaIsMadeOnceByProgramsThatComeAtOnce) {
    const std::string database = server().create_database();
    std::vector<std::thread> programs;
    for (int i = 0; i < 6; ++i) programs.emplace_back([&] { EXPECT_NE(opened(database), nullptr); });
    for (std::thread& program : programs) program.join();
    EXPECT_EQ(server().psql("select version from understudy.migration order by 1", database),
              fmt::format("{}\n", current_history_version()));
}

TEST(PostgresHistory, WhereThereIsNoneALookMakesNone) {
    const std::string database = server().create_database();
    const auto history = PostgresHistory::open(server().conninfo(database), {true, false});
    ASSERT_FALSE(history.has_value());
    EXPECT_EQ(history.error().code, Errc::io);
    EXPECT_EQ(server().psql("select to_regnamespace('understudy') is null", database), "t\n");
}

TEST(PostgresHistory, ANewerSchemaIsLeftAlone) {
    const std::string database = server().create_database();
    ASSERT_NE(opened(database), nullptr);
    server().psql("insert into understudy.migration values (99, '9.0')", database);
    const auto history = PostgresHistory::open(server().conninfo(database), {});
    ASSERT_FALSE(history.has_value());
    EXPECT_EQ(history.error().code, Errc::unsupported);
}

TEST(PostgresHistory, AReplayTargetIsRefusedUnlessItIsMeant) {
    const std::string database = server().create_database();
    server().psql(
        fmt::format("do $$ begin execute format('alter database {} set understudy.target = %L', 'staging:' || "
                    "(select system_identifier from pg_control_system())); end $$",
                    database),
        database);
    const auto refused = PostgresHistory::open(server().conninfo(database), {});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Errc::refused);
    EXPECT_EQ(server().psql("select to_regnamespace('understudy') is null", database), "t\n");
    EXPECT_TRUE(PostgresHistory::open(server().conninfo(database), {false, true}).has_value());
}

TEST(PostgresHistory, ADatabaseOfAnotherEncodingIsRefused) {
    server().psql("create database latin encoding 'LATIN1' locale 'C' template template0");
    const auto history = PostgresHistory::open(server().conninfo("latin"), {});
    ASSERT_FALSE(history.has_value());
    EXPECT_EQ(history.error().code, Errc::unsupported);
}

TEST(PostgresHistory, ALostConnectionFailsOneQuestion) {
    const std::string database = server().create_database();
    const auto history = opened(database);
    ASSERT_TRUE(history->add(made_run(1)).has_value());
    server().psql(fmt::format("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{}' and pid <> "
                              "pg_backend_pid()",
                              database),
                  database);
    EXPECT_FALSE(history->list({}).has_value());
    const auto page = history->list({});
    ASSERT_TRUE(page.has_value()) << page.error().message;
    EXPECT_EQ(page->runs.size(), 1U);
}

TEST(PostgresHistory, IdsSortAsBytesWhateverTheCollation) {
    const std::string database = server().create_database();
    const auto history = opened(database);
    ASSERT_TRUE(history->add(made_run(1)).has_value());
    EXPECT_EQ(server().psql(
                  "select count(*) from information_schema.columns where table_schema = 'understudy' and column_name "
                  "in ('id', 'run', 'fingerprint') and table_name in ('run', 'latency') and collation_name = 'C'",
                  database),
              "3\n");
}

TEST(PostgresHistory, ARoleThatOnlyReadsCanAsk) {
    const std::string database = server().create_database();
    ASSERT_TRUE(opened(database)->add(made_run(1)).has_value());
    server().psql(
        "create role reader login; grant usage on schema understudy to reader; grant select on all tables in schema "
        "understudy to reader",
        database);
    const auto history = PostgresHistory::open(server().conninfo(database) + " user=reader", {true, false});
    ASSERT_TRUE(history.has_value()) << history.error().message;
    EXPECT_EQ((*history)->list({})->runs.size(), 1U);
    EXPECT_FALSE((*history)->remove(made_run(1).observed.summary.id).has_value());
}

}  // namespace
}  // namespace understudy::app
