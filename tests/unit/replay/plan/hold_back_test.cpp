#include "replay/plan/hold_back.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/frames.hpp"

namespace understudy::replay {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::view_frame;
namespace fe = testing::fe;

class HoldBackTest : public ::testing::Test {
protected:
    std::string judge(const Bytes& frame) { return hold_back_.judge(view_frame(frame)); }

    std::set<std::string> allowed_;
    HoldBack hold_back_{allowed_};
};

TEST_F(HoldBackTest, OrdinaryStatementsPass) {
    for (const Bytes& frame :
         {fe::query("select * from program"), fe::query("copy t from stdin"),
          fe::parse("a", "insert into t values ($1)"), fe::bind("", "a"), fe::describe_statement("a"), fe::execute(),
          fe::close_statement("a"), fe::query("select 'pg_terminate'"), fe::sync(), fe::flush(),
          fe::copy_data("alter system"), fe::query("")}) {
        EXPECT_THAT(judge(frame), IsEmpty()) << frame;
    }
}

TEST_F(HoldBackTest, WhatActsOutsideTheDatabaseIsHeldWithItsNameAndTheWayRound) {
    const std::vector<std::pair<Bytes, std::string>> cases{
        {"copy t to program 'cat'", "COPY PROGRAM"},
        {"COPY t FROM PROGRAM 'cat'", "COPY PROGRAM"},
        {"copy t to '/tmp/x'", "COPY FILE"},
        {"alter system set work_mem = '1GB'", "ALTER SYSTEM"},
        {"select pg_terminate_backend(1)", "pg_terminate_backend"},
        {"select 1; create subscription s connection 'x' publication p", "CREATE SUBSCRIPTION"},
        {"create extension dblink", "CREATE EXTENSION"},
        {"drop database shop", "DROP DATABASE"},
    };
    for (const auto& [sql, effect] : cases) {
        EXPECT_THAT(judge(fe::query(sql)), HasSubstr("--allow '" + effect + "'")) << sql;
        EXPECT_THAT(judge(fe::parse("s", sql)), HasSubstr(effect)) << sql;
    }
}

TEST_F(HoldBackTest, WhatIsAllowedByNamePasses) {
    allowed_.insert("COPY PROGRAM");
    EXPECT_THAT(judge(fe::query("copy t to program 'cat'")), IsEmpty());
    EXPECT_THAT(judge(fe::query("copy t to program 'cat'; alter system reset all")), HasSubstr("ALTER SYSTEM"));
}

TEST_F(HoldBackTest, WhatUsesAHeldStatementIsHeldUntilItsNameIsParsedAnew) {
    EXPECT_NE(judge(fe::parse("s", "alter system reset all")), "");
    EXPECT_NE(judge(fe::bind("", "s")), "");
    EXPECT_NE(judge(fe::describe_statement("s")), "");
    EXPECT_EQ(judge(fe::bind("", "other")), "");
    EXPECT_EQ(judge(fe::describe_portal("s")), "");
    EXPECT_EQ(judge(fe::parse("s", "select 1")), "");
    EXPECT_EQ(judge(fe::bind("", "s")), "");
}

TEST_F(HoldBackTest, StatementsThatWereNotSentForAnotherReasonAreNotThereEither) {
    hold_back_.note_not_sent(fe::parse("a", "select 1") + fe::bind("", "a") + fe::parse("", "select 2") + fe::sync());
    EXPECT_NE(judge(fe::bind("", "a")), "");
    EXPECT_NE(judge(fe::bind("", "")), "");
    EXPECT_EQ(judge(fe::parse("", "select 1")), "");
    EXPECT_EQ(judge(fe::bind("", "")), "");
}

TEST_F(HoldBackTest, OfFunctionCallsTheLargeObjectsPass) {
    EXPECT_EQ(judge(fe::function_call(957)), "") << "lo_creat";
    EXPECT_THAT(judge(fe::function_call(764)), HasSubstr("764")) << "lo_import reads a file of the server's";
    EXPECT_THAT(judge(fe::function_call(2096)), HasSubstr("2096")) << "pg_terminate_backend";
}

TEST_F(HoldBackTest, MessagesThatDoNotParsePassToTheServerWhichRefusesThem) {
    const Bytes cut{"P\0\0\0\x05x", 6};
    EXPECT_EQ(judge(cut), "");
    const Bytes bind{"B\0\0\0\x04", 5};
    EXPECT_EQ(judge(bind), "");
    const Bytes call{"F\0\0\0\x04", 5};
    EXPECT_NE(judge(call), "");
}

}  // namespace
}  // namespace understudy::replay
