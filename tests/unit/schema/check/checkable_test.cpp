#include "schema/check/checkable.hpp"

#include <gtest/gtest.h>

namespace understudy::schema {
namespace {

void expect_asked(BytesView sql, BytesView asked) {
    const Checkable judged = judge_statement(sql);
    EXPECT_EQ(judged.checkability, Checkability::check) << sql;
    EXPECT_EQ(judged.sql, asked) << sql;
}

void expect_reason(BytesView sql, Checkability checkability, std::string_view reason) {
    const Checkable judged = judge_statement(sql);
    EXPECT_EQ(judged.checkability, checkability) << sql;
    EXPECT_EQ(judged.reason, reason) << sql;
}

TEST(JudgeStatement, AsksAboutWhatPostgresAnalysesWhenItParses) {
    for (const BytesView sql :
         {"select 1", "-- note\nSELECT 1", "insert into t values (1)", "with x as (select 1) delete from t",
          "(select 1)", "table t", "values (1)", "merge into t using s on true when matched then delete",
          "explain select a from t", "declare c cursor for select a from t", "call p(1)", "show timezone",
          "create temp table x as select a from t", "CREATE MATERIALIZED VIEW m AS SELECT 1",
          "select 1 newer syntax ???"}) {
        expect_asked(sql, sql);
    }
}

TEST(JudgeStatement, TurnsACopyIntoAQueryOfItsColumns) {
    expect_asked("COPY orders (id, \"Note\") FROM STDIN WITH (format csv)",
                 "insert into orders (id, \"Note\") overriding system value select null, null");
    expect_asked("copy shop . orders to stdout", "select * from shop . orders");
    expect_asked("copy binary \"a(b\"(c) from stdin", "insert into \"a(b\" (c) overriding system value select null");
    expect_asked("copy (select f(')') from t) to stdout", "select f(')') from t");
}

TEST(JudgeStatement, AsksAboutTheTablesOfStatementsThatNameNothingElse) {
    expect_asked("lock table a, shop.\"B\" in share mode", "select from \"a\", \"shop\".\"B\"");
    expect_asked("truncate a", "select from \"a\"");
    expect_asked("refresh materialized view m", "select from \"m\"");
}

TEST(JudgeStatement, AsksAboutTheStatementInsideAPrepare) {
    expect_asked("prepare p as select $1::int", "select $1::int");
    expect_asked("prepare p (int) as select $1", "select ($1::int)");
    expect_reason("prepare transaction 'x'", Checkability::nothing, "transaction");
}

TEST(JudgeStatement, HasNothingToAskAboutTransactionsAndSettings) {
    for (const BytesView sql : {"begin", "START TRANSACTION", "commit", "rollback to s", "savepoint s", "end"}) {
        expect_reason(sql, Checkability::nothing, "transaction");
    }
    expect_reason("set search_path = a", Checkability::nothing, "setting");
    expect_reason("fetch 10 from c", Checkability::nothing, "session");
    expect_reason("deallocate all", Checkability::nothing, "session");
}

TEST(JudgeStatement, CountsWhatOnlyExecutionWouldShow) {
    expect_reason("create table x (a int generated always as (1) stored)", Checkability::cannot, "ddl");
    expect_reason("alter table t add c int", Checkability::cannot, "ddl");
    expect_reason("do $$ begin perform 1; end $$", Checkability::cannot, "do_block");
    expect_reason("vacuum", Checkability::cannot, "maintenance");
}

TEST(JudgeStatement, SurvivesCutAndHostileText) {
    expect_reason("copy", Checkability::cannot, "copy");
    expect_reason("copy (select 1", Checkability::cannot, "copy");
    expect_reason("copy t (a", Checkability::cannot, "copy");
    expect_reason("copy 'x' from stdin", Checkability::cannot, "copy");
    expect_reason("lock", Checkability::cannot, "maintenance");
    expect_reason("prepare", Checkability::cannot, "prepare");
    expect_asked("", "");
}

TEST(Checkable, TypesOfPrepareBecomeCasts) {
    const Checkable judged = judge_statement("prepare p (int, numeric(10, 2)) as select $2 from t where id = $1 and n = $3");
    EXPECT_EQ(judged.checkability, Checkability::check);
    EXPECT_EQ(judged.sql, "select ($2:: numeric(10, 2)) from t where id = ($1::int) and n = $3");
    EXPECT_EQ(judge_statement("prepare p (int as select 1").checkability, Checkability::cannot);
}

}  // namespace
}  // namespace understudy::schema
