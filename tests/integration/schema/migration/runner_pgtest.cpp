#include "schema/migration/runner.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/throwaway_cluster.hpp"

// A migration run as the tools run it, against a real server.
namespace understudy::schema {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class Runner : public ::testing::Test {
protected:
    Runner() : database_(cluster().create_database("runner")) {
        sql("create table t (a int); insert into t select generate_series(1, 100)");
        settings_.permission = RunPermission::own_scratch;
    }
    static testing::ThrowawayCluster& cluster() { return testing::ThrowawayCluster::shared(); }

    std::string sql(const std::string& text) { return cluster().psql(text, database_); }
    bool exists(const std::string& relation) {
        return sql(fmt::format("select to_regclass('{}') is not null", relation)) == "t\n";
    }

    RunResult run(const char* text, RunMode mode, const RunControl& control = {}) {
        const auto script = make_script("m.sql", text);
        EXPECT_TRUE(script);
        auto result =
            run_script(*net::parse_conninfo(cluster().conninfo(database_)), *script, mode, settings_, control);
        EXPECT_TRUE(result) << (result ? "" : result.error().message);
        last_count_ = script->statements.size();
        return result ? std::move(*result) : RunResult();
    }

    std::string database_;
    RunnerSettings settings_;
    std::size_t last_count_ = 0;
};

constexpr const char* kThree = "create table x (a int);\ninsert into x values (1), (2);\nupdate x set a = 3;";
constexpr const char* kErrorInTheMiddle = "create table x (a int);\ninsert into nowhere values (1);\ncreate table y ()";

TEST_F(Runner, EveryModeGivesEveryStatementsResult) {
    for (const RunMode mode :
         {RunMode::one_batch, RunMode::statements, RunMode::transaction, RunMode::transaction_batch}) {
        const RunResult result = run(kThree, mode);
        EXPECT_TRUE(result.succeeded(3)) << to_string(mode) << result.failure_text();
        ASSERT_THAT(result.statements, SizeIs(3));
        EXPECT_EQ(result.statements[0].command_tag, "CREATE TABLE");
        EXPECT_EQ(result.statements[1].command_tag, "INSERT 0 2");
        EXPECT_EQ(result.statements[2].command_tag, "UPDATE 2");
        EXPECT_EQ(result.statements[2].line, 3U);
        EXPECT_LE(result.statements[0].end, result.statements[1].start);
        EXPECT_EQ(result.statements[2].backend_pid, result.backend_pid);
        EXPECT_EQ(sql("select sum(a) from x"), "6\n");
        sql("drop table x");
    }
}

TEST_F(Runner, AnErrorInTheMiddleLeavesWhatTheModeLeaves) {
    for (const RunMode mode :
         {RunMode::one_batch, RunMode::transaction, RunMode::transaction_batch, RunMode::statements}) {
        const RunResult result = run(kErrorInTheMiddle, mode);
        EXPECT_FALSE(result.succeeded(3));
        ASSERT_THAT(result.statements, SizeIs(2)) << to_string(mode);
        EXPECT_EQ(result.statements[1].sqlstate(), "42P01");
        EXPECT_EQ(result.failure_text(), "line 2: relation \"nowhere\" does not exist (42P01)");
        EXPECT_EQ(exists("x"), mode == RunMode::statements) << to_string(mode);
    }
}

TEST_F(Runner, ASyntaxErrorInABatchIsFoundAtItsStatement) {
    const RunResult result = run("create table x ();\ncreate table y ();\nelect 1;", RunMode::one_batch);
    ASSERT_THAT(result.statements, SizeIs(1)) << "nothing ran: the server parses the batch first";
    EXPECT_EQ(result.statements[0].index, 2U);
    EXPECT_EQ(result.statements[0].line, 3U);
    EXPECT_FALSE(exists("x"));
}

TEST_F(Runner, ConcurrentlyIsRefusedInEveryTransaction) {
    const char* text = "create table x (a int); create index concurrently i on x (a)";
    for (const RunMode mode : {RunMode::one_batch, RunMode::transaction, RunMode::transaction_batch}) {
        EXPECT_EQ(run(text, mode).failure()->sqlstate(), "25001") << to_string(mode);
    }
    EXPECT_TRUE(run(text, RunMode::statements).succeeded(2));
    EXPECT_TRUE(run("create index concurrently j on x (a)", RunMode::one_batch).succeeded(1)) << "alone in its Query";
}

TEST_F(Runner, NoticesBelongToTheirStatement) {
    const RunResult result =
        run("select 1; do $$begin raise notice 'one'; raise warning 'two'; end$$; drop table if exists nowhere",
            RunMode::one_batch);
    EXPECT_TRUE(result.succeeded(3));
    EXPECT_THAT(result.statements[0].notices, SizeIs(0));
    ASSERT_THAT(result.statements[1].notices, SizeIs(2));
    EXPECT_EQ(pgwire::field(result.statements[1].notices[0], 'M'), "one");
    EXPECT_THAT(result.statements[2].notices, SizeIs(1));
}

TEST_F(Runner, SettingsComeFirst) {
    sql("create role migrator; create schema s; grant all on schema s to migrator");
    settings_.session = {Duration::milliseconds(200), Duration::seconds(5), "migrator", "s"};
    const RunResult result =
        run("create table made as select current_setting('lock_timeout') l, current_setting('statement_timeout') s,"
            " current_user::text u",
            RunMode::statements);
    EXPECT_TRUE(result.succeeded(1)) << result.failure_text();
    EXPECT_EQ(sql("select l, s, u from s.made"), "200ms|5s|migrator\n");
    sql("drop owned by migrator; drop role migrator");
}

TEST_F(Runner, AnUnmarkedDatabaseIsRefusedUntilItIsMarked) {
    settings_.permission = RunPermission::marked_target;
    settings_.production.production_id_none = true;
    const auto script = make_script("m.sql", "create table x ()");
    const auto info = *net::parse_conninfo(cluster().conninfo(database_));
    const auto refused = run_script(info, *script, RunMode::one_batch, settings_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::refused);
    EXPECT_FALSE(exists("x"));
    const std::string id = sql("select system_identifier from pg_control_system()");
    sql(fmt::format("alter database {} set understudy.target = 'staging:{}'", database_, id.substr(0, id.size() - 1)));
    EXPECT_TRUE(run("create table x ()", RunMode::one_batch).succeeded(1));
}

TEST_F(Runner, StoppedAfterAStatement) {
    RunControl control;
    control.stop_after = 2;
    EXPECT_EQ(run(kThree, RunMode::statements, control).end, SessionEnd::dropped);
    EXPECT_EQ(sql("select sum(a) from x"), "3\n");
    sql("drop table x");
    run(kThree, RunMode::transaction, control);
    EXPECT_FALSE(exists("x"));
    control.stop_after = 3;
    EXPECT_FALSE(run(kThree, RunMode::transaction_batch, control).succeeded(3));
    EXPECT_FALSE(exists("x")) << "it died before its COMMIT";
}

class Interrupted : public Runner, public ::testing::WithParamInterface<Interruption> {};

TEST_P(Interrupted, InsideAStatementThatIsHeld) {
    RunControl control;
    control.interruption = GetParam();
    control.during = 1;
    control.blocker = "lock table t in access exclusive mode";
    const RunResult result =
        run("create table x (a int);\nalter table t add b int;\ncreate table y ()", RunMode::statements, control);
    EXPECT_TRUE(result.interrupted) << result.not_interrupted;
    EXPECT_FALSE(result.succeeded(3));
    EXPECT_TRUE(exists("x"));
    EXPECT_FALSE(exists("y"));
    const bool added =
        sql("select count(*) from pg_attribute where attrelid = 't'::regclass and attname = 'b'") == "1\n";
    // A dropped client is not noticed by a backend that waits: once the lock is free, the statement ends and commits.
    EXPECT_EQ(added, GetParam() == Interruption::drop);
    if (GetParam() == Interruption::cancel) {
        EXPECT_EQ(result.failure()->sqlstate(), "57014");
    }
    if (GetParam() == Interruption::lock_timeout) {
        EXPECT_EQ(result.failure()->sqlstate(), "55P03");
    }
    if (GetParam() == Interruption::terminate) {
        EXPECT_EQ(result.end, SessionEnd::lost);
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Interrupted,
                         ::testing::Values(Interruption::cancel, Interruption::lock_timeout, Interruption::drop,
                                           Interruption::terminate));

TEST_F(Runner, ACancelledConcurrentIndexStaysInvalid) {
    RunControl control;
    control.interruption = Interruption::cancel;
    control.blocker = "lock table t in row exclusive mode";
    EXPECT_TRUE(run("create index concurrently i on t (a)", RunMode::statements, control).interrupted);
    EXPECT_EQ(sql("select indisvalid from pg_index where indexrelid = 'i'::regclass"), "f\n");
}

TEST_F(Runner, AStatementThatEndsFirstIsSaid) {
    RunControl control;
    control.interruption = Interruption::cancel;
    const RunResult result = run("select 1", RunMode::statements, control);
    EXPECT_FALSE(result.interrupted);
    EXPECT_THAT(result.not_interrupted, HasSubstr("ended before"));
    EXPECT_TRUE(result.succeeded(1));
}

TEST_F(Runner, ALongStatementIsInterruptedByItself) {
    RunControl control;
    control.interruption = Interruption::cancel;
    control.wait_for_block = Duration::milliseconds(50);
    EXPECT_TRUE(run("select pg_sleep(30)", RunMode::statements, control).interrupted);
}

TEST_F(Runner, CopyFromStdinDoesNotHang) {
    const RunResult result = run("do $$begin execute 'select 1'; end$$; select 1", RunMode::one_batch);
    EXPECT_TRUE(result.succeeded(2));
    Script script;
    script.text = "copy t from stdin";
    script.statements = {{script.text, 1}};
    const auto copied =
        run_script(*net::parse_conninfo(cluster().conninfo(database_)), script, RunMode::one_batch, settings_);
    ASSERT_TRUE(copied);
    EXPECT_EQ(copied->failure()->sqlstate(), "57014");
}

}  // namespace
}  // namespace understudy::schema
