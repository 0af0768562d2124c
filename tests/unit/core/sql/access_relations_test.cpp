#include <gtest/gtest.h>

#include "tests/unit/core/sql/access_text.hpp"

namespace understudy::sql {
namespace {

void expect_relations(const std::vector<AccessCase>& cases) {
    for (const AccessCase& one : cases) EXPECT_EQ(relations_of(one.sql), one.expected) << one.sql;
}

TEST(AccessRelations, EverythingThatIsNamedIsAnAccess) {
    expect_relations({
        {"select 1", ""},
        {"select * from a, s.b", "read a; read s.b"},
        {"table a", "read a"},
        {"select (select max(x) from b) from a where exists (select 1 from c)", "read a; read c; read b"},
        {"select * from a union select * from b except (select * from c)", "read a; read b; read c"},
        {"select * from a where x in (select y from b) order by (select 1 from c) limit (select 2 from d)",
         "read a; read b; read c; read d"},
        {"select * from a join lateral (select * from b where b.x = a.x) t on true", "read a; read b"},
        {"select * from (select * from (select * from a) t) u", "read a"},
        {"select * from f((select x from a)) g", "read a"},
        {"select * from a tablesample system (10)", "read a"},
        {"select sum(x) filter (where y in (select z from b)) over (order by (select 1 from c)) from a",
         "read a; read b; read c"},
        {"select case when x then (select 1 from b) end, array(select 1 from c), row((select 1 from d)) from a",
         "read a; read b; read c; read d"},
        {"values ((select 1 from a))", "read a"},
        {"select * from a a1 join a a2 using (id)", "read a; read a"},
        {"insert into a select * from b", "insert a; read b"},
        {"insert into a values ((select x from b))", "insert a <> known; read b"},
        {"insert into a default values returning (select 1 from b)", "insert a <> known; read b"},
        {"update a set x = (select y from b) from c where a.id = c.id", "update a sets x; read c; read b"},
        {"update a set (x, y) = (select y, z from b)", "update a sets x,y; read b"},
        {"delete from a using b where a.id = b.id returning (select 1 from c)", "delete a; read b; read c"},
        {"with n as (delete from a returning *), m as (insert into b select * from n) select * from m, c",
         "delete a; insert b; read c"},
        {"select * into n from a", "whole n; read a"},
        {"create table n as select * from a", "whole n; read a"},
        {"create materialized view n as select * from a", "whole n; read a"},
        {"create view n as select * from a", "whole n; read a"},
        {"copy a to stdout", "read a"},
        {"copy (select * from a) to stdout", "read a"},
        {"copy (delete from a returning *) to stdout", "delete a"},
        {"copy s.a (x, y) from stdin", "insert s.a(x,y)"},
        {"prepare p as update a set x = 1", "update a sets x"},
        {"declare c cursor for select * from a", "read a"},
        {"explain select * from a", ""},
        {"explain (analyze off) delete from a", ""},
        {"explain analyze delete from a", "delete a"},
        {"explain (analyze, verbose) insert into a values (1)", "insert a <1=1> known"},
    });
}

TEST(AccessRelations, NamesOfWithQueriesAreNone) {
    expect_relations({
        {"with t as (select * from a) select * from t", "read a"},
        {"with t as (select * from t) select * from t", "read t"},
        {"with t as (select 1), u as (select * from t) select * from u, s.t", "read s.t"},
        {"with u as (select * from t), t as (select 1) select * from u", "read t"},
        {"with recursive t as (select id from a union all select b.id from b join t on b.p = t.id) select * from t",
         "read a; read b"},
        {"select * from (with t as (select 1) select * from t) x, t", "read t"},
        {"with t as (select 1) select * from a where id in (select id from t)", "read a"},
        {"with t as (select 1) insert into t select * from t", "insert t"},
        {"with t as (select 1) update t set x = 1 from t u", "update t sets x"},
        {"with t as (select 1) delete from a using t", "delete a"},
        {"insert into a with t as (select 1 from b) select * from t", "insert a; read b"},
        {"with t as (select 1) select * from a union select * from t", "read a"},
        {"with t as (select 1) merge into a using t on true when matched then delete", "delete a"},
    });
}

TEST(AccessRelations, RowLocks) {
    expect_relations({
        {"select * from a for update", "lock update a"},
        {"select * from a, b where a.id = 1 for no key update nowait",
         "lock no key update nowait a [id=1]; lock no "
         "key update nowait b"},
        {"select * from a, b x for share of x skip locked", "read a; lock share skip b"},
        {"select * from a x, s.b for key share of b", "read a; lock key share s.b"},
        {"select * from a, b for share of a for update of b", "lock share a; lock update b"},
        {"select * from a for share for update skip locked for key share nowait", "lock update nowait a"},
        {"select * from a, (select * from b, (select * from c) d) e for update",
         "lock update a; lock update b; lock "
         "update c"},
        {"select * from a join (select * from b) e on true for update of e", "read a; lock update b"},
        {"select * from a where x in (select y from b) for update", "lock update a; read b"},
        {"select * from a where x in (select y from b for update)", "read a; lock update b"},
        {"with t as (select * from b) select * from a, t for update", "read b; lock update a"},
        {"with t as (select * from b for update skip locked limit 1) update a set x = 1 from t where a.id = t.id",
         "lock update skip b; update a sets x"},
        {"select * from a left join b on a.id = b.id for update of a", "lock update a; read b"},
        {"select * from a as x(p, q) for update", "lock update a"},
        {"(select * from a) for update", "lock update a"},
        {"insert into a select * from b for update", "insert a; lock update b"},
        {"declare c cursor for select * from a for update", "lock update a"},
    });
}

TEST(AccessRelations, Inserts) {
    expect_relations({
        {"insert into a (x, y) values (1, 'b'), ($1, -2.5)", "insert a(x,y) <x=1 y='b'> <x=$1 y=-2.5> known"},
        {"insert into a values (1, $2)", "insert a <1=1 2=$2> known"},
        {"insert into a (x, y, z) values (default, null, f(1)), (2, now(), true)", "insert a(x,y,z) <> <x=2> known"},
        {"insert into a (x, y) values ('5'::bigint, (($1)::int)::text), (+5, 2 + 3)",
         "insert a(x,y) <x='5' y=$1> <> known"},
        {"insert into a (x, y) values ('abc'::varchar(2), 2.5::int)", "insert a(x,y) <> known"},
        {"insert into a (x[1], y.z, v) values (1, 2, 3)", "insert a(x,y,v) <v=3> known"},
        {"insert into a default values", "insert a <> known"},
        {"insert into a (x) select 1", "insert a(x)"},
        {"insert into a (x) values (1), (2) limit 1", "insert a(x)"},
        {"insert into a (x) values (1) on conflict do nothing", "insert a(x) <x=1> known skips"},
        {"insert into a as t (id, n) values ($1, 1) on conflict (id) do update set n = t.n + 1, m = $2 where t.id = 3",
         "insert a(id,n) <id=$1 n=1> known updates; update a sets n,m"},
        {"with v as (values (1)) insert into a (x) values ((select * from v))", "insert a(x) <> known"},
    });
}

TEST(AccessRelations, Merges) {
    expect_relations({
        {"merge into t using s on t.id = s.id and t.id = 5 when matched then update set a = 1, b = s.b when not "
         "matched "
         "then insert (id, a) values (s.id, 2)",
         "update t [id=5] sets a,b; insert t(id,a); read s"},
        {"merge into t using s on t.id = s.id and s.id = $1 when matched and t.x = 1 then delete",
         "delete t [id=$1]; read s"},
        {"merge into t using (select * from q where id = 1) s on t.id = s.id when not matched then insert values (1)",
         "read t; insert t; read q [id=1]"},
        {"merge into t using s on true when matched then do nothing", "read t; read s"},
        {"merge into t using s on s.id = 5 when matched then update set a = 1 when matched then delete",
         "update t sets a; delete t; read s"},
        {"merge into t using s on true when not matched and s.x then insert (a) values (1) when not matched then "
         "insert "
         "(b) values (2)",
         "read t; insert t; read s"},
    });
}

TEST(AccessRelations, Definitions) {
    expect_relations({
        {"truncate a, s.b restart identity", "whole a; whole s.b"},
        {"truncate a cascade", "whole a; opaque"},
        {"lock table a, only b in share mode nowait", "whole a; whole b"},
        {"alter table a add column x int references b(id)", "whole b; whole a"},
        {"alter table a attach partition b for values in (1)", "whole b; whole a"},
        {"alter table a drop column x cascade", "whole a; opaque"},
        {"alter table a rename to b", "whole a"},
        {"alter table a rename x to y", "whole a"},
        {"alter index i rename to j", "whole i; opaque"},
        {"alter sequence s restart", "whole s"},
        {"drop table a, s.b", "whole a; whole s.b"},
        {"drop table a cascade", "whole a; opaque"},
        {"drop view v", "whole v"},
        {"drop index s.i", "whole s.i; opaque"},
        {"drop trigger t on s.a", "whole s.a"},
        {"drop policy p on a", "whole a"},
        {"drop function f(int)", "opaque"},
        {"drop schema s", "opaque"},
        {"create table a (x int references b, like c) inherits (d)", "whole d; whole a; whole b; whole c"},
        {"create index concurrently i on a (x) where y = 1", "whole a"},
        {"create trigger t before insert on a execute function f()", "whole a"},
        {"create rule r as on insert to a do instead insert into b values (1)", "whole b; whole a"},
        {"create policy p on a using (x = 1)", "whole a"},
        {"create statistics s on x, y from a", "whole a"},
        {"create function f() returns int language sql begin atomic select 1 from a; end", "opaque"},
        {"create extension x", "opaque"},
        {"comment on table s.a is 'x'", "whole s.a"},
        {"comment on column a.x is 'x'", "whole a"},
        {"comment on function f(int) is 'x'", "opaque"},
        {"grant select on a, b to u", "whole a; whole b"},
        {"grant usage on schema s to u", "opaque"},
        {"refresh materialized view concurrently m", "whole m"},
        {"vacuum a", ""},
        {"vacuum full a, b", "whole a; whole b"},
        {"vacuum (full false) a", ""},
        {"vacuum full", "opaque"},
        {"analyze a", ""},
        {"cluster a using i", "whole a"},
        {"cluster", "opaque"},
        {"reindex table concurrently a", "whole a"},
        {"reindex index i", "whole i; opaque"},
        {"reindex database d", "opaque"},
    });
}

TEST(AccessRelations, WhatMayDoAnything) {
    expect_relations({
        {"do 'begin end'", "opaque"},
        {"call p(1)", "opaque"},
        {"load 'x'", "opaque"},
        {"alter system set x = 1", "opaque"},
        {"create role r", ""},
        {"reassign owned by a to b", "opaque"},
        {"listen a", ""},
        {"unlisten *", ""},
        {"notify a, 'x'", ""},
        {"set work_mem = 5", ""},
        {"set search_path to a, b", ""},
        {"show work_mem", ""},
        {"reset work_mem", ""},
        {"discard temp", ""},
        {"deallocate all", ""},
        {"close all", ""},
        {"checkpoint", ""},
        {"set constraints all deferred", ""},
        {"begin", ""},
        {"execute p", ""},
        {"fetch all from c", ""},
    });
}

TEST(AccessRelations, LimitsAreSaid) {
    Bytes many = "select 1 from t0";
    for (std::size_t i = 1; i <= kMaxAccesses; ++i) many += ",t" + std::to_string(i);
    const StatementAccess access = access_of(many);
    EXPECT_EQ(access.relations.size(), kMaxAccesses);
    EXPECT_TRUE(access.opaque);
}

}  // namespace
}  // namespace understudy::sql
