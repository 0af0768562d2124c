#include "core/sql/function_body.hpp"

#include <gtest/gtest.h>

#include "tests/unit/core/sql/access_text.hpp"

namespace understudy::sql {
namespace {

/// "read a; update b | f, g", or "unknown".
Bytes touched(BytesView language, BytesView definition) {
    const auto body = function_body_access(language, definition);
    if (!body) return "unknown";
    Bytes text;
    for (const RelationAccess& one : body->relations) text += (text.empty() ? "" : "; ") + text_of("", one);
    Bytes calls;
    for (const FunctionUse& use : body->functions) {
        calls += (calls.empty() ? "" : ", ") + (use.schema.empty() ? "" : use.schema + ".") + use.name;
    }
    return calls.empty() ? text : text + " | " + calls;
}

Bytes plpgsql(const Bytes& body, const Bytes& returns = "int") {
    return touched("plpgsql", "CREATE OR REPLACE FUNCTION s.f(a integer, b text)\n RETURNS " + returns +
                                  "\n LANGUAGE plpgsql\nAS $function$ " + body + " $function$\n");
}

Bytes sql_function(const Bytes& rest) {
    return touched("sql", "CREATE OR REPLACE FUNCTION s.f(a integer)\n RETURNS integer\n LANGUAGE sql\n" + rest);
}

TEST(FunctionBody, Sql) {
    EXPECT_EQ(sql_function("AS $function$ select max(x) from t where id = a $function$"), "read t | max");
    EXPECT_EQ(sql_function("AS $function$ update t set x = 1; insert into s.log values (g(1)) $function$"),
              "update t; insert s.log | g");
    EXPECT_EQ(sql_function("BEGIN ATOMIC\n SELECT t.x FROM t FOR UPDATE;\n DELETE FROM u;\nEND"),
              "lock update t; delete u");
    EXPECT_EQ(sql_function("RETURN (SELECT count(*) FROM t)"), "read t | count");
    EXPECT_EQ(sql_function("BEGIN ATOMIC END"), "");
    EXPECT_EQ(sql_function("AS 'select 1'"), "");
    EXPECT_EQ(sql_function("AS 'call p()'"), "unknown");
    EXPECT_EQ(sql_function("AS 'drop table t cascade'"), "unknown");
    EXPECT_EQ(sql_function("AS 'selec 1'"), "unknown");
    EXPECT_EQ(sql_function(""), "unknown");
    EXPECT_EQ(touched("c", "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'lib', 'f'"), "unknown");
    EXPECT_EQ(touched("sql", "select 1"), "unknown");
}

TEST(FunctionBody, Plpgsql) {
    EXPECT_EQ(plpgsql("begin return 1; end"), "");
    EXPECT_EQ(plpgsql("declare x int; r record; begin select id into x from t where id = a; perform g(a); "
                      "for r in select * from u loop update v set y = r.id where v.id = x; end loop; "
                      "return (select max(z) from w); end"),
              "read t; update v; read u; read w | g, max");
    EXPECT_EQ(plpgsql("declare x int := (select 1 from d); begin "
                      "if exists (select 1 from q) then insert into e values (1); else delete from h; end if; "
                      "x := x + (select count(*) from i); return x; "
                      "exception when others then insert into j values (a); return 0; end"),
              "read q; delete h; insert e; read i; insert j; read d | count");
    EXPECT_EQ(plpgsql("begin return query select * from t; end", "setof t"), "read t");
    EXPECT_EQ(plpgsql("declare x int[]; begin x[1] := (select 1 from t); while x[1] < 3 loop x[1] = f(x[1]); end loop; "
                      "raise notice 'x %', (select 1 from u); return 1; end"),
              "read t; read u | f");
    EXPECT_EQ(plpgsql("-- select 1 from no; /* \n begin /* delete from no; */ perform 1 from t; return 1; end"),
              "read t");
    EXPECT_EQ(
        plpgsql("declare r t%rowtype; q record; begin r.x := (select 1 from t); q.\"Y\" := f(b := 1); return r.x; end"),
        "read t | f");
    EXPECT_EQ(plpgsql("begin set local work_mem = 5; lock table t; return 1; end"), "whole t");
}

TEST(FunctionBody, TriggerFunctions) {
    EXPECT_EQ(plpgsql("begin new.changed := now(); if tg_op = 'DELETE' then insert into log select old.id; return old; "
                      "end if; return new; end",
                      "trigger"),
              "insert log | now");
}

TEST(FunctionBody, TellsWhichColumnsOfTheTriggersRowFixTheRowsTouched) {
    const Bytes definition =
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $f$ begin "
        "update totals set n = n + new.amount where totals.owner = new.owner_id and day = current_date; "
        "insert into log (who, what) values (OLD.id, 'x'); return new; end $f$";
    const auto body = function_body_access("plpgsql", definition);
    ASSERT_TRUE(body.has_value());
    ASSERT_EQ(body->relations.size(), 2U);
    const auto row_column = [&](const ColumnValues& one) {
        return body->row_columns.at(one.values.at(0).parameter - BodyAccess::kFirstRowColumn);
    };
    ASSERT_EQ(body->relations[0].equal.size(), 1U);
    EXPECT_EQ(body->relations[0].equal[0].column, "owner");
    EXPECT_EQ(row_column(body->relations[0].equal[0]), (RowColumn{"owner_id", false}));
    ASSERT_EQ(body->relations[1].rows.size(), 1U);
    ASSERT_EQ(body->relations[1].rows[0].size(), 1U) << "'x' is no column";
    EXPECT_EQ(row_column(body->relations[1].rows[0][0]), (RowColumn{"id", true}));
}

TEST(FunctionBody, WhatCannotBeTold) {
    EXPECT_EQ(plpgsql("begin execute 'delete from t'; return 1; end"), "unknown");
    EXPECT_EQ(plpgsql("declare r record; begin for r in execute 'select 1' loop null; end loop; return 1; end"),
              "unknown");
    EXPECT_EQ(plpgsql("begin return query execute 'select 1'; end", "setof int"), "unknown");
    EXPECT_EQ(plpgsql("declare c refcursor; begin open c for execute 'select 1'; return 1; end"), "unknown");
    EXPECT_EQ(plpgsql("declare c cursor for select 1; begin open c; return 1; end"), "unknown");
    EXPECT_EQ(plpgsql("begin call p(); return 1; end"), "unknown");
    EXPECT_EQ(plpgsql("begin commit; return 1; end"), "unknown");
    EXPECT_EQ(plpgsql("begin create table t (a int); return 1; end"), "whole t");
    EXPECT_EQ(plpgsql("begin do 'begin end'; return 1; end"), "unknown");
    EXPECT_EQ(plpgsql("begin selec 1; return 1; end"), "unknown");
    EXPECT_EQ(plpgsql("begin"), "unknown");
    EXPECT_EQ(touched("plpgsql", ""), "unknown");
    EXPECT_EQ(touched("plpgsql", "select 1"), "unknown");
}

TEST(FunctionBody, LongAndDeepOnesAreNotLookedAt) {
    Bytes deep;
    for (int i = 0; i < 5000; ++i) deep += "begin ";
    EXPECT_EQ(plpgsql(deep), "unknown");
    EXPECT_EQ(plpgsql("begin perform '" + Bytes(kMaxFunctionDefinition, 'x') + "'; return 1; end"), "unknown");
    Bytes comments = "begin ";
    for (int i = 0; i < 10'000; ++i) comments += "/*";
    EXPECT_EQ(plpgsql(comments + " end"), "unknown");
}

}  // namespace
}  // namespace understudy::sql
