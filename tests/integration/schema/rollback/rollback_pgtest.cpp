#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/migration/layout.hpp"
#include "tests/integration/schema/rollback/cluster_host.hpp"

// The way back of single migrations, rehearsed on a real server.
namespace understudy::schema {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Rollback : public ::testing::Test {
protected:
    Rollback() : database_(cluster().create_database("rollback")), host_(cluster(), database_) {
        cluster().psql(
            "create table orders (id int primary key, note text, total numeric);"
            "insert into orders select g, case when g % 4 > 0 then 'n' || g end, g * 1.5 from generate_series(1, 200) "
            "g;"
            "create table plain (a int, b text); insert into plain select g, 'x' from generate_series(1, 30) g",
            database_);
        settings_.trials.kinds = {Interruption::cancel};
    }
    ~Rollback() override { EXPECT_EQ(host_.alive(), 0) << "a scratch copy is left"; }
    /// A crash must not lose what was committed: the shared cluster's does.
    static testing::ThrowawayCluster& cluster() {
        static const auto own = testing::ThrowawayCluster::start({"trust", {"synchronous_commit = on"}});
        return *own;
    }

    /// The rehearsal of one migration.
    MigrationRollback rehearse(const std::string& up, const std::optional<std::string>& down, RunMode mode) {
        std::optional<SourceFile> back;
        if (down) back = SourceFile{"down.sql", *down};
        auto set = single_migration({"up.sql", up}, back);
        EXPECT_TRUE(set) << (set ? "" : set.error().message);
        settings_.mode = mode;
        report_ = rehearse_rollback(*set, {0}, settings_, host_);
        EXPECT_EQ(report_.stopped, "");
        EXPECT_THAT(report_.migrations, SizeIs(1));
        text_ = to_text(report_, true);
        return report_.migrations.empty() ? MigrationRollback() : report_.migrations[0];
    }
    std::vector<std::string> changes(const MigrationRollback& one) {
        std::vector<std::string> all;
        for (const DataChange& change : one.trials.round_trip.changes) all.push_back(change.to_string());
        return all;
    }

    std::string database_;
    ClusterHost host_;
    RollbackSettings settings_;
    RollbackReport report_;
    std::string text_;
};

TEST_F(Rollback, AddAndDropAColumnIsReversible) {
    const auto one = rehearse("alter table orders add column discount int;\ncreate index on orders (discount);",
                              "alter table orders drop column discount;", RunMode::transaction);
    EXPECT_EQ(one.classification.overall, RollbackClass::reversible) << text_;
    EXPECT_TRUE(one.trials.round_trip.up_again->restored());
    ASSERT_THAT(one.trials.partial, SizeIs(2)) << "cancelled inside each statement\n" << text_;
    for (const PartialOutcome& partial : one.trials.partial) EXPECT_EQ(partial.left, Left::nothing);
    EXPECT_THAT(one.trials.skipped, Contains(::testing::Field(&SkippedTrial::what, "up → traffic → down")));
    EXPECT_TRUE(report_.passed());
}

TEST_F(Rollback, DropAndReAddLosesTheColumnAndItsPlace) {
    const auto one =
        rehearse("alter table orders drop column note", "alter table orders add column note text", RunMode::one_batch);
    EXPECT_EQ(one.classification.overall, RollbackClass::lossy) << text_;
    EXPECT_THAT(changes(one), Contains("public.orders.note: the values of 150 rows lost or changed"));
    EXPECT_THAT(changes(one),
                Contains(HasSubstr("public.orders.note: the column has another position (from position 2 to 3)")));
    EXPECT_TRUE(one.trials.round_trip.rearranged);
}

TEST_F(Rollback, PositionAloneIsNotTheSame) {
    cluster().psql("alter table orders add column empty text; alter table orders add column last int", database_);
    const auto one = rehearse("alter table orders drop column empty", "alter table orders add column empty text",
                              RunMode::one_batch);
    EXPECT_EQ(one.classification.overall, RollbackClass::undeclared_irreversible) << text_;
    EXPECT_THAT(one.classification.reasons, Contains(HasSubstr("not as they were")));
}

TEST_F(Rollback, ValuesChangedInPlaceAreLost) {
    const auto one =
        rehearse("update orders set total = total + 1 where id % 2 = 0; update plain set b = 'y' where a <= 10",
                 "update orders set total = total", RunMode::transaction);
    EXPECT_EQ(one.classification.overall, RollbackClass::lossy) << text_;
    EXPECT_THAT(changes(one), Contains("public.orders.total: the values of 100 rows lost or changed"));
    EXPECT_THAT(changes(one), Contains(HasSubstr("public.plain.b: the values of at least 1 row lost")));
}

TEST_F(Rollback, DeletedRowsAreCounted) {
    const auto one = rehearse("delete from orders where id > 190", "select 1", RunMode::one_batch);
    EXPECT_EQ(one.classification.overall, RollbackClass::lossy) << text_;
    EXPECT_THAT(changes(one), ElementsAre("public.orders: 10 rows lost"));
}

TEST_F(Rollback, NoWayBackDeclaredOrNot) {
    EXPECT_EQ(rehearse("drop table plain", std::nullopt, RunMode::one_batch).classification.overall,
              RollbackClass::undeclared_irreversible);
    EXPECT_FALSE(report_.passed());
    EXPECT_EQ(rehearse("drop table plain -- irreversible: moved to the archive", std::nullopt, RunMode::one_batch)
                  .classification.overall,
              RollbackClass::declared_irreversible);
    EXPECT_TRUE(report_.passed());
    EXPECT_EQ(
        rehearse("drop table plain", "do $$begin raise exception 'irreversible migration'; end$$", RunMode::one_batch)
            .classification.overall,
        RollbackClass::declared_irreversible);
}

TEST_F(Rollback, ABrokenOrIncompleteDownIsSaid) {
    auto one = rehearse("alter table orders rename column note to remark",
                        "alter table orders rename column remrk to note", RunMode::one_batch);
    EXPECT_EQ(one.classification.overall, RollbackClass::undeclared_irreversible);
    EXPECT_THAT(one.classification.reasons,
                Contains(HasSubstr("down.sql fails after up went through: line 1: column \"remrk\"")));
    one = rehearse("alter table orders add column x int; create index ix on plain (a)",
                   "alter table orders drop column x", RunMode::one_batch);
    EXPECT_EQ(one.classification.overall, RollbackClass::undeclared_irreversible);
    EXPECT_THAT(one.classification.reasons, Contains(HasSubstr("+ CREATE INDEX ix ON public.plain")));
}

TEST_F(Rollback, TheOutage) {
    // Four statements that commit one by one: cut anywhere, neither up again nor down leads out.
    const auto one = rehearse(
        "alter table orders add column a int;\nalter table orders add column b int;\nalter table orders add column c "
        "int;\n"
        "create table audit (id int);",
        "drop table audit;\nalter table orders drop column c;\nalter table orders drop column b;\nalter table orders "
        "drop column a;",
        RunMode::statements);
    EXPECT_EQ(one.classification.way_back, RollbackClass::reversible) << text_;
    EXPECT_EQ(one.classification.overall, RollbackClass::unrecoverable);
    std::vector<std::string> stuck;
    for (const PartialOutcome& partial : one.trials.partial) {
        if (!partial.recoverable()) stuck.push_back(partial.where());
    }
    EXPECT_THAT(stuck, ElementsAre("after statement 1 (line 1)", "after statement 2 (line 2)",
                                   "after statement 3 (line 3)", "inside statement 2 (line 2), cancelled",
                                   "inside statement 3 (line 3), cancelled", "inside statement 4 (line 4), cancelled"))
        << text_;
    EXPECT_THAT(one.trials.partial[0].remains, Contains(HasSubstr("a integer")));
    EXPECT_EQ(one.trials.partial[0].up_again->sqlstate, "42701");
    EXPECT_EQ(one.trials.partial[0].down->sqlstate, "42P01");
    EXPECT_THAT(one.classification.reasons[0], HasSubstr("run up.sql from line 2 on by hand"));
}

TEST_F(Rollback, IfExistsMakesItRecoverable) {
    const auto one =
        rehearse("alter table orders add column if not exists a int;\ncreate table if not exists audit (id int);",
                 "drop table if exists audit;\nalter table orders drop column if exists a;", RunMode::statements);
    EXPECT_EQ(one.classification.overall, RollbackClass::reversible) << text_;
    EXPECT_EQ(one.trials.partial[0].left, Left::partial);
    EXPECT_TRUE(one.trials.partial[0].up_again->restored());
    EXPECT_TRUE(one.trials.partial[0].down->restored());
}

TEST_F(Rollback, ACancelledConcurrentIndexIsNotRepairedByIfNotExists) {
    const auto one = rehearse("create index concurrently if not exists i on orders (total)",
                              "drop index concurrently if exists i", RunMode::statements);
    ASSERT_THAT(one.trials.partial, SizeIs(1)) << text_;
    EXPECT_EQ(one.trials.partial[0].left, Left::partial);
    EXPECT_THAT(one.trials.partial[0].remains, ElementsAre("+ invalid index i"));
    EXPECT_TRUE(one.trials.partial[0].up_again->ran);
    EXPECT_FALSE(one.trials.partial[0].up_again->schema_equal) << "it \"succeeds\", and the index stays invalid";
    EXPECT_TRUE(one.trials.partial[0].down->restored());
    EXPECT_EQ(one.classification.overall, RollbackClass::reversible);
}

TEST_F(Rollback, TrafficCanMakeTheWayBackImpossible) {
    host_.traffic = {"insert into orders (id, note) values (1000, repeat('long', 10))"};
    cluster().psql("alter table orders alter column note type varchar(8)", database_);
    const auto one = rehearse("alter table orders alter column note type text",
                              "alter table orders alter column note type varchar(8)", RunMode::one_batch);
    EXPECT_EQ(one.trials.traffic->down->sqlstate, "22001");
    EXPECT_EQ(one.classification.overall, RollbackClass::undeclared_irreversible) << text_;
    EXPECT_THAT(one.classification.reasons, Contains(HasSubstr("fails once traffic has written")));
}

TEST_F(Rollback, EveryKindOfFailureInsideAStatement) {
    settings_.trials.kinds = TrialLimits().kinds;
    host_.crashes = true;
    const auto one =
        rehearse("create table audit (id int);\nalter table orders add column a int;",
                 "alter table orders drop column if exists a;\ndrop table if exists audit;", RunMode::statements);
    EXPECT_EQ(one.classification.overall, RollbackClass::reversible) << text_;
    ASSERT_THAT(one.trials.partial, SizeIs(11)) << text_;
    EXPECT_EQ(host_.crashed, 2);
    for (const PartialOutcome& partial : one.trials.partial) {
        const bool dropped = partial.interruption == Interruption::drop;
        const Left left = !partial.interruption    ? Left::partial
                          : partial.statement == 0 ? (dropped ? Left::partial : Left::nothing)
                                                   : (dropped ? Left::all : Left::partial);
        EXPECT_EQ(partial.left, left) << partial.where();
    }
}

TEST_F(Rollback, AMigrationThatFailsByItself) {
    const auto one = rehearse("create table audit (id int);\nalter table nowhere add column a int;",
                              "drop table audit;", RunMode::statements);
    EXPECT_EQ(one.classification.overall, RollbackClass::migration_fails) << text_;
    EXPECT_THAT(one.classification.reasons, Contains(HasSubstr("line 2: relation \"nowhere\" does not exist (42P01)")));
    EXPECT_EQ(one.trials.partial[0].where(), "at statement 2 (line 2), by itself");
    EXPECT_TRUE(one.trials.partial[0].down->restored());
}

TEST_F(Rollback, ClocksAndChanceAreNotTakenForLoss) {
    const auto one = rehearse(
        "alter table orders add column at timestamptz default clock_timestamp();\n"
        "alter table orders add column key uuid default gen_random_uuid();",
        "alter table orders drop column at, drop column key", RunMode::transaction);
    EXPECT_EQ(one.classification.overall, RollbackClass::reversible) << text_;
    EXPECT_THAT(one.notes, SizeIs(2));
}

TEST_F(Rollback, WhatReachesOutsideIsNotRehearsed) {
    const auto set = single_migration({"up.sql", "alter system set work_mem = '8MB'"}, std::nullopt);
    const auto report = rehearse_rollback(*set, {0}, settings_, host_);
    EXPECT_THAT(report.stopped, HasSubstr("ALTER SYSTEM"));
    EXPECT_THAT(report.not_rehearsed, SizeIs(1));
    EXPECT_FALSE(report.complete());
}

TEST_F(Rollback, SeveralVersionsStepByStep) {
    auto set =
        read_layout({{"1_a.up.sql", "create table a (id int primary key, v text); insert into a values (1, 'x')"},
                     {"1_a.down.sql", "drop table a"},
                     {"2_b.up.sql", "alter table a drop column v"},
                     {"2_b.down.sql", "alter table a add column v text"},
                     {"3_c.up.sql", "alter table a add column w text"},
                     {"3_c.down.sql", "alter table a drop column w"}});
    ASSERT_TRUE(set);
    const auto report = rehearse_rollback(*set, {0, 1, 2}, settings_, host_);
    ASSERT_THAT(report.migrations, SizeIs(3)) << report.stopped;
    EXPECT_EQ(report.migrations[0].classification.overall, RollbackClass::reversible);
    EXPECT_EQ(report.migrations[1].classification.overall, RollbackClass::lossy);
    EXPECT_EQ(report.migrations[2].classification.overall, RollbackClass::reversible);
    EXPECT_TRUE(report.complete());
    EXPECT_THAT(to_json(report), HasSubstr("\"class\": \"lossy\""));
}

}  // namespace
}  // namespace understudy::schema
