#include "schema/check/temp_tables.hpp"

#include <gtest/gtest.h>

namespace understudy::schema {
namespace {

Bytes creation(BytesView sql) {
    const auto found = temp_creation(sql);
    return found ? found->name + ": " + found->sql : "none";
}

TEST(TempCreation, OfAPlainTable) {
    EXPECT_EQ(creation("create temp table S (id int);"), "s: create temp table S (id int)");
    EXPECT_EQ(creation("CREATE LOCAL TEMPORARY TABLE IF NOT EXISTS \"S\" (like t) on commit drop"),
              "S: CREATE LOCAL TEMPORARY TABLE IF NOT EXISTS \"S\" (like t) on commit drop");
    EXPECT_EQ(creation("create table pg_temp.s (id int)"), "s: create table pg_temp.s (id int)");
    EXPECT_EQ(creation("create or replace temp view v as select 1"), "v: create or replace temp view v as select 1");
}

TEST(TempCreation, OfAQueryTakesNoRows) {
    EXPECT_EQ(creation("create temp table s as select f(id) from t"),
              "s: create temp table s as select f(id) from t with no data");
    EXPECT_EQ(creation("create temp table s as table t with data"), "s: create temp table s as table t with no data");
    EXPECT_EQ(creation("create temp table s as select 1 with no data;"), "s: create temp table s as select 1 with no data");
    EXPECT_EQ(creation("select a, (select b into_ from u) into temp s from t"),
              "s: create temp table \"s\" as select a, (select b into_ from u) from t with no data");
}

TEST(TempCreation, IsNothingElse) {
    for (const BytesView sql :
         {"create table s (id int)", "create temp table public.s (id int)", "create temp table s as select $1::int",
          "create temp table s as execute q", "create temp table s (id int); drop table t", "select 1 into s from t",
          "insert into t select 1", "create index on temp (id)", "", "create temp"}) {
        EXPECT_EQ(creation(sql), "none") << sql;
    }
}

TEST(TempTables, AreNeededWhereTheyAreNamed) {
    TempTables tables;
    tables.on_statement("create temp table a (id int)");
    tables.on_statement("create temp table b (like a)");
    EXPECT_EQ(tables.needed_by("select * from b"),
              (std::vector<Bytes>{"create temp table a (id int)", "create temp table b (like a)"}));
    EXPECT_EQ(tables.needed_by("select * from A"), (std::vector<Bytes>{"create temp table a (id int)"}));
    EXPECT_TRUE(tables.needed_by("select 'b'").empty());
    EXPECT_TRUE(tables.needed_by("create temp table a (id int)").empty());
}

TEST(TempTables, GoWithDropAndDiscard) {
    TempTables tables;
    tables.on_statement("create temp table a (id int)");
    tables.on_statement("drop table if exists a");
    EXPECT_TRUE(tables.needed_by("select * from a").empty());
    tables.on_statement("create temp table a (id int)");
    tables.on_statement("discard all");
    EXPECT_TRUE(tables.needed_by("select * from a").empty());
    tables.on_statement("create temp table a (id int)");
    tables.on_statement("discard plans");
    EXPECT_FALSE(tables.needed_by("select * from a").empty());
}

TEST(TempTables, KnowWhatCannotChangeThem) {
    EXPECT_TRUE(TempTables::may_change("SELECT 1 INTO TEMP x"));
    EXPECT_TRUE(TempTables::may_change("drop table x"));
    EXPECT_FALSE(TempTables::may_change("select 1"));
    EXPECT_FALSE(TempTables::may_change("update temp set a = 1"));
}

}  // namespace
}  // namespace understudy::schema
