#include "core/sql/statement_traits.hpp"

#include <gtest/gtest.h>

namespace understudy::sql {
namespace {

using Names = std::vector<Bytes>;
using Relations = std::vector<RelationUse>;

TEST(StatementTraits, Kinds) {
    const std::pair<BytesView, StatementKind> cases[] = {
        {"select 1", StatementKind::select},
        {"values (1)", StatementKind::select},
        {"table t", StatementKind::select},
        {"insert into t values (1)", StatementKind::insert},
        {"update t set a = 1", StatementKind::update},
        {"delete from t", StatementKind::delete_},
        {"merge into t using s on a = b when matched then delete", StatementKind::merge},
        {"copy t from stdin", StatementKind::copy_in},
        {"copy t to stdout", StatementKind::copy_out},
        {"begin", StatementKind::transaction},
        {"rollback to savepoint a", StatementKind::transaction},
        {"set a = 1", StatementKind::set},
        {"reset all", StatementKind::set},
        {"create table t (a int)", StatementKind::utility_ddl},
        {"create table t as select 1", StatementKind::utility_ddl},
        {"alter table t add b int", StatementKind::utility_ddl},
        {"drop table t", StatementKind::utility_ddl},
        {"create database d", StatementKind::utility_ddl},
        {"grant select on t to u", StatementKind::utility_ddl},
        {"refresh materialized view v", StatementKind::utility_ddl},
        {"vacuum t", StatementKind::utility_other},
        {"show all", StatementKind::utility_other},
        {"alter system reset all", StatementKind::utility_other},
        {"fetch 10 from c", StatementKind::utility_other},
        {"explain select 1", StatementKind::explain},
        {"call f()", StatementKind::call_do},
        {"do $$ begin end $$", StatementKind::call_do},
        {"bogus", StatementKind::unknown},
        {"", StatementKind::unknown},
    };
    for (const auto& [sql, kind] : cases) EXPECT_EQ(traits(sql).kind, kind) << sql;
}

TEST(StatementTraits, OrderedIsTheTopLevelOrderOnly) {
    for (const BytesView sql :
         {"select a from t order by a", "(select a from t order by a)", "select 1 union select 2 order by 1",
          "with x as (select 1) select * from x order by 1", "declare c cursor for select a from t order by a",
          "copy (select a from t order by a) to stdout", "values (1), (2) order by 1"}) {
        EXPECT_TRUE(traits(sql).ordered) << sql;
    }
    for (const BytesView sql :
         {"select a from t", "select * from (select a from t order by a) s",
          "with x as (select 1 order by 1) select * from x", "select 1 union (select 2 order by 1)",
          "select array_agg(a order by a) from t", "select row_number() over (order by a) from t",
          "select (select a from t order by a limit 1)", "insert into t select a from u order by a",
          "bogus order by 1"}) {
        EXPECT_FALSE(traits(sql).ordered) << sql;
    }
}

TEST(StatementTraits, LimitedIsTheTopLevelLimitOnly) {
    for (const BytesView sql : {"select 1 limit 1", "select 1 fetch first row only", "select 1 offset 2",
                                "select 1 order by 1 fetch first 2 rows with ties", "select 1 limit $1"}) {
        EXPECT_TRUE(traits(sql).limited) << sql;
    }
    for (const BytesView sql : {"select 1", "select * from (select 1 limit 1) s", "update t set a = 1", "begin"}) {
        EXPECT_FALSE(traits(sql).limited) << sql;
    }
}

TEST(StatementTraits, ReadOnly) {
    for (const BytesView sql :
         {"select a from t", "values (1)", "show all", "explain delete from t", "explain (analyze false) delete from t",
          "explain (analyze 0) delete from t", "explain analyze select 1", "copy (select 1) to stdout",
          "copy t to stdout", "declare c cursor for select 1", "with x as (select 1) select * from x",
          "select 1 union select 2"}) {
        EXPECT_TRUE(traits(sql).read_only) << sql;
    }
    for (const BytesView sql :
         {"with x as (delete from t returning *) select * from x",
          "select * from (select 1 from t for update) s",
          "with x as (with y as (insert into t values (1) returning a) select * from y) select * from x",
          "select a from t for update",
          "select a from t for key share",
          "select a into b from t",
          "explain analyze delete from t",
          "explain (analyze, verbose) insert into t values (1)",
          "explain (analyze false, analyze) delete from t",
          "insert into t values (1)",
          "copy t from stdin",
          "begin",
          "set a = 1",
          "execute p",
          "call f()",
          "do $$ begin end $$",
          "create table t (a int)",
          "create table t as select 1",
          "lock table t",
          "notify a",
          "select 1; delete from t",
          "copy (insert into t values (1) returning a) to stdout",
          "explain analyze create table t as select 1",
          "select 1 union (select a from t for share)",
          "bogus",
          ""}) {
        EXPECT_FALSE(traits(sql).read_only) << sql;
    }
}

TEST(StatementTraits, Returning) {
    EXPECT_TRUE(traits("insert into t values (1) returning id").returning);
    EXPECT_TRUE(traits("delete from t returning *").returning);
    EXPECT_FALSE(traits("insert into t values (1)").returning);
    EXPECT_FALSE(traits("with x as (delete from t returning *) select 1").returning);
}

TEST(StatementTraits, FunctionsAsWritten) {
    EXPECT_EQ(traits("select Now(), s.F(g(1)), \"Q\"(), current_timestamp, localtime(3), extract(year from a) "
                     "from h() where exists (select now())")
                  .functions,
              (Names{"current_timestamp", "g", "h", "localtime", "now", "pg_catalog.extract", "q", "s.f"}));
    EXPECT_EQ(traits("call s.p(f())").functions, (Names{"f", "s.p"}));
    EXPECT_TRUE(traits("create trigger g after insert on t execute function f()").functions.empty());
}

TEST(StatementTraits, RelationsWithoutCteNames) {
    EXPECT_EQ(traits("with x as (select * from s.a), y as (select * from x) select * from x, y, b, s.x").relations,
              (Relations{{"", "b", false}, {"s", "a", false}, {"s", "x", false}}));
    // Not recursive: inside its own query the name is a table's; later ones are not seen yet.
    EXPECT_EQ(traits("with x as (select * from x, y), y as (select 1) select * from x, y").relations,
              (Relations{{"", "x", false}, {"", "y", false}}));
    EXPECT_TRUE(traits("with recursive x as (select 1 union select * from x) select * from x").relations.empty());
    EXPECT_EQ(traits("select * from (with x as (select 1) select * from x) s, x").relations,
              (Relations{{"", "x", false}}));
    EXPECT_EQ(traits("with t as (select 1) insert into t select * from t").relations, (Relations{{"", "t", true}}));
}

TEST(StatementTraits, WrittenRelations) {
    EXPECT_EQ(traits("insert into a select * from b").relations, (Relations{{"", "a", true}, {"", "b", false}}));
    EXPECT_EQ(traits("update a set x = 1 from b, a c").relations, (Relations{{"", "a", true}, {"", "b", false}}));
    EXPECT_EQ(traits("delete from s.a using b").relations, (Relations{{"", "b", false}, {"s", "a", true}}));
    EXPECT_EQ(traits("merge into a using b on true when matched then delete").relations,
              (Relations{{"", "a", true}, {"", "b", false}}));
    EXPECT_EQ(traits("with x as (delete from a returning *) select * from x").relations, (Relations{{"", "a", true}}));
    EXPECT_EQ(traits("truncate a, s.b").relations, (Relations{{"", "a", true}, {"s", "b", true}}));
    EXPECT_EQ(traits("copy a from stdin").relations, (Relations{{"", "a", true}}));
    EXPECT_EQ(traits("copy a to stdout").relations, (Relations{{"", "a", false}}));
    EXPECT_EQ(traits("select 1 into a from b").relations, (Relations{{"", "a", true}, {"", "b", false}}));
    EXPECT_EQ(traits("create table a as select * from b").relations, (Relations{{"", "a", true}, {"", "b", false}}));
    EXPECT_EQ(traits("create table a (x int references b)").relations, (Relations{{"", "a", true}, {"", "b", false}}));
    EXPECT_EQ(traits("create foreign table a (x int) server s").relations, (Relations{{"", "a", true}}));
    EXPECT_EQ(traits("create view a as select * from b").relations, (Relations{{"", "a", true}, {"", "b", false}}));
    EXPECT_EQ(traits("alter sequence s.q restart").relations, (Relations{{"s", "q", true}}));
    EXPECT_EQ(traits("drop table s.a, b").relations, (Relations{{"", "b", true}, {"s", "a", true}}));
    EXPECT_EQ(traits("drop function f").relations, Relations{});
    EXPECT_EQ(traits("lock table a").relations, (Relations{{"", "a", false}}));
    EXPECT_EQ(traits("vacuum a").relations, (Relations{{"", "a", false}}));
    EXPECT_EQ(traits("select 1 from a b for update of b").relations, (Relations{{"", "a", false}}));
    EXPECT_EQ(traits("explain analyze insert into a values (1)").relations, (Relations{{"", "a", true}}));
}

TEST(StatementTraits, NamesAreBytes) {
    EXPECT_EQ(traits("select * from \"\xff\xe9\"").relations, (Relations{{"", "\xff\xe9", false}}));
    EXPECT_EQ(traits("select * from stra\xc3\x9f"
                     "e, \"a\"\"b\\\"")
                  .relations,
              (Relations{{"", "a\"b\\", false},
                         {"",
                          "stra\xc3\x9f"
                          "e",
                          false}}));
    EXPECT_TRUE(traits("select '\xff', E'\\x01', '\x01\x1f' from t").parsed);
}

TEST(StatementTraits, NewerSyntaxIsNotParsed) {
    for (const BytesView sql :
         {"select json_array(1 returning jsonb)", "select 0x1F", "select any_value(x) from (select 1)",
          "merge into t using s on a when matched then delete returning *",
          "select * from json_table('[]', '$[*]' columns (a int path '$'))"}) {
        const StatementTraits found = traits(sql);
        EXPECT_FALSE(found.parsed) << sql;
        EXPECT_EQ(found.kind, StatementKind::unknown);
    }
    EXPECT_FALSE(traits(BytesView("select\0 1", 9)).parsed);
}

TEST(StatementTraits, LargeStatementsStayCheap) {
    Bytes sql = "insert into t values (1, 'a')";
    while (sql.size() < 300000) sql += ",(1,'a')";
    const StatementTraits found = traits(sql);
    EXPECT_TRUE(found.parsed);
    EXPECT_EQ(found.relations, (Relations{{"", "t", true}}));
}

}  // namespace
}  // namespace understudy::sql
