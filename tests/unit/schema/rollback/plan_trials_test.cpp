#include "schema/rollback/plan_trials.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace understudy::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::vector<std::size_t> points(const char* text, RunMode mode) {
    return commit_points(*make_script("m.sql", text), mode);
}

Migration migration(const char* text, RunMode mode) {
    Migration made;
    made.up = *make_script("m.sql", text);
    made.up_mode = mode;
    return made;
}

TEST(CommitPoints, FollowTheModeAndTheScript) {
    const char* three = "select 1; select 2; select 3";
    EXPECT_THAT(points(three, RunMode::statements), ElementsAre(1, 2));
    EXPECT_THAT(points(three, RunMode::one_batch), IsEmpty());
    EXPECT_THAT(points(three, RunMode::transaction), IsEmpty());
    EXPECT_THAT(points("begin; select 1; select 2; commit", RunMode::statements), IsEmpty()) << "sqitch";
    EXPECT_THAT(points("begin; select 1; commit; select 2; select 3", RunMode::statements), ElementsAre(3, 4));
    EXPECT_THAT(points("select 1; commit; select 2; select 3", RunMode::one_batch), ElementsAre(2));
    EXPECT_THAT(points("select 1; commit; select 2; select 3", RunMode::transaction), ElementsAre(2, 3));
    EXPECT_THAT(points("begin; select 1; rollback; select 2; select 3", RunMode::statements), ElementsAre(4));
    EXPECT_THAT(points("begin; savepoint a; rollback to a; select 1; end", RunMode::statements), IsEmpty());
}

TEST(Spread, TakesTheFirstAndTheLastAndSomeBetween) {
    EXPECT_THAT(spread(3, 12), ElementsAre(0, 1, 2));
    EXPECT_THAT(spread(100, 4), ElementsAre(0, 33, 66, 99));
    EXPECT_THAT(spread(5, 1), ElementsAre(0));
    EXPECT_THAT(spread(5, 0), IsEmpty());
    EXPECT_THAT(spread(0, 4), IsEmpty());
}

TEST(TrialPlan, BoundariesAndEveryKindInsideEveryStatement) {
    const TrialPlan plan = plan_trials(migration("select 1; select 2", RunMode::statements), {}, true);
    EXPECT_THAT(plan.partial, SizeIs(1 + 2 * 5));
    EXPECT_FALSE(plan.partial[0].interruption);
    EXPECT_THAT(plan.skipped, IsEmpty());
}

TEST(TrialPlan, InOneTransactionCancellingStandsForTheOthersBeforeTheLast) {
    EXPECT_THAT(plan_trials(migration("select 1; select 2; select 3", RunMode::transaction), {}, true).partial,
                SizeIs(2 + 5));
    EXPECT_THAT(plan_trials(migration("select 1; select 2; select 3", RunMode::one_batch), {}, true).partial,
                SizeIs(5));
}

TEST(TrialPlan, WhatIsLeftOutIsSaid) {
    TrialLimits limits;
    limits.partial_trials = 3;
    const TrialPlan plan = plan_trials(migration("select 1; select 2", RunMode::statements), limits, false);
    EXPECT_THAT(plan.partial, SizeIs(3));
    ASSERT_THAT(plan.skipped, SizeIs(2));
    EXPECT_THAT(plan.skipped[0].what, HasSubstr("crashes"));
    EXPECT_EQ(plan.skipped[1].what, "6 places to fail at");
    EXPECT_THAT(plan_trials(migration("", RunMode::statements), {}, false).partial, IsEmpty());
}

TEST(Blocker, LocksTheTablesAndTheCatalogues) {
    const std::string alter = blocker_for({"alter table shop.\"Or'd\" add column a int", 1});
    EXPECT_THAT(alter, HasSubstr("array['\"shop\".\"Or''d\"']"));
    EXPECT_THAT(alter, HasSubstr("access exclusive"));
    EXPECT_THAT(alter, HasSubstr("pg_class"));
    const std::string index = blocker_for({"create index concurrently i on t (a)", 1});
    EXPECT_THAT(index, HasSubstr("row exclusive"));
    EXPECT_THAT(index, Not(HasSubstr("pg_catalog.pg_attribute"))) << "it would be stopped before its middle";
    EXPECT_THAT(blocker_for({"create type t as enum ('a')", 1}), HasSubstr("array[]::text[]"));
}

TEST(OutsideCopy, NamesEffects) {
    EXPECT_THAT(outside_copy(*make_script("m", "create role r; alter system set a = 1; create table role ()")),
                ElementsAre("ALTER SYSTEM", "CREATE ROLE"));
    EXPECT_THAT(outside_copy(*make_script("m", "create table t (); drop table t")), IsEmpty());
}

}  // namespace
}  // namespace understudy::schema
