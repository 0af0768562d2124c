#include <gtest/gtest.h>

#include "tests/unit/core/sql/access_text.hpp"

namespace understudy::sql {
namespace {

void expect_ties(const std::vector<AccessCase>& cases) {
    for (const AccessCase& one : cases) EXPECT_EQ(ties_of(one.sql), one.expected) << one.sql;
}

TEST(AccessTies, Comparisons) {
    expect_ties({
        {"select * from t where id = $1 or $2 <> s and not x = 'y'", "$1 = t.id; $2 = t.s; 'y' = t.x"},
        {"select * from s.t a where a.id in (1, $2) and a.x not in ('p')", "1 = s.t.id; $2 = s.t.id; 'p' = s.t.x"},
        {"select * from t where id = any ($1) and x <> all ('{1}'::int[]) and y = any (array[2, z])",
         "*$1 = t.id; *'{1}' = t.x; 2 = t.y"},
        {"select * from t where id > 5 and x between $1 and '9' and y >= all ($2)",
         "5 < t.id; $1 < t.x; '9' < t.x; *$2 < t.y"},
        {"select * from t where (a, b) > ($1, $2) and (c, d) in ((1, 2), (3, f(4)))",
         "$1 < t.a; $2 < t.b; 1 = t.c; 2 = t.d; 3 = t.c"},
        {"select * from t where id is distinct from $1 and x is not distinct from 2", "$1 = t.id; 2 = t.x"},
        {"select * from t where id = ($1)::bigint and x = 'a'::varchar(3)", "$1 = t.id; 'a' = t.x"},
        {"select case id when 1 then 'a' when $2 then 'b' end, x = 5 from t", "1 = t.id; $2 = t.id; 5 = t.x"},
        {"select * from t group by x having id = 1 order by y = 2", "1 = t.id; 2 = t.y"},
        {"select * from a join b on a.id = 1 and b.x = $1 where y = 2", "1 = a.id; $1 = b.x"},
        {"select * from a full join b using (id) where id = 1", ""},
        {"select * from a join b using (id) where id = 1", "1 = a.id"},
        {"select 5 in (a, b) from t", "5 = t.a; 5 = t.b"},
        {"select * from t where (select max(x) from u where u.y = t.z and t.w = 1) = 2", "1 = t.w"},
        {"select * from t where $1 in (select x from u) and 3 < all (select y from u)", "$1 = u.x; 3 < u.y"},
        {"select * from t where id in (values ($1), ('a'::varchar(1)), (f(2)))", "$1 = t.id; 'a' = t.id"},
        {"delete from t where id = -5", "-5 = t.id"},
        {"select * from t where id = U&'d!0061' uescape '!'", "U&'d!0061' uescape '!' = t.id"},
        {"explain analyze select * from t where id = 1", "1 = t.id"},
    });
}

TEST(AccessTies, OnlyDirectOnes) {
    expect_ties({
        {"select * from t where id % $1 = $2", ""},
        {"select * from t where id + 1 = $1 and $2 = id * 2", ""},
        {"select * from t where id = $1 + 1", ""},
        {"select * from t where f(id) = $1 and id = f($2)", ""},
        {"select * from t where data->>'id' = $1 and data @> $2", ""},
        {"select * from t where id::text = $1", ""},
        {"select * from t where ids[1] = $1 and (addr).city = 'x' and $2 = any (ids)", ""},
        {"select * from t where name like $1 and name ~ 'x' and name ilike 'y'", ""},
        {"select * from t where id = coalesce($1, 5) and nullif(id, 1) is null", ""},
        {"select * from t where id = case when true then 5 end", ""},
        {"select * from t where id = null and b = true", ""},
        {"select * from t where id operator(s.=) 5", ""},
        {"select * from t limit $1 offset 2", ""},
        {"select $1, 'x', f(3) from t", ""},
        {"select * from a, b where id = $1", ""},
        {"select * from f($1) g where g = 5", ""},
        {"select * from t as u(a) where a = 5", ""},
        {"update t set x = x + $1, y = f($2), z = coalesce($3, z), a[1] = 4, b.c = 5", ""},
        {"insert into t (a) values (now()), (f(1)), ($1 || 'x'), (default), (null), (true)", ""},
        {"explain select * from t where id = 1", ""},
        {"set x = 5", ""},
    });
}

TEST(AccessTies, Stored) {
    expect_ties({
        {"insert into t (a, b) values ($1, 'x'), (2, $1)", "$1 > t.a; 'x' > t.b; 2 > t.a; $1 > t.b"},
        {"insert into s.t values ($1, 'x')", "$1 > s.t.#1; 'x' > s.t.#2"},
        {"insert into t (a, b[1], c) values (1, 2, '3'::int)", "1 > t.a; '3' > t.c"},
        {"insert into t (a, b) select 1, $1", "1 > t.a; $1 > t.b"},
        {"insert into t (a, b) select x, 5 from u where u.y = 6", "5 > t.b; 6 = u.y"},
        {"insert into t select *, 5 from u", ""},
        {"insert into t (a, b) select * from unnest($1::int[], $2::text[])", "*$1 > t.a; *$2 > t.b"},
        {"insert into t (a, b) select unnest($1), 1", "*$1 > t.a; 1 > t.b"},
        {"insert into t (a) select v.y from (values (1, 2), (3, $1)) v(x, y)", "2 > t.a; $1 > t.a"},
        {"with v as (values (1, 'x')) insert into t (a, b) select column2, column1 from v", "1 > t.b; 'x' > t.a"},
        {"insert into t (a) select 1 union all select $1", "1 > t.a; $1 > t.a"},
        {"update t set a = 1, (b, c) = ($1, 2 + 3), d = default where id = '4'", "1 > t.a; $1 > t.b; '4' = t.id"},
        {"update t set (a, b) = (select $1, x from u where y = 3)", "$1 > t.a; 3 = u.y"},
        {"update t set x = v.x from (values (1, 'a'), (2, 'b')) v(id, x) where t.id = v.id",
         "1 = t.id; 'a' > t.x; 2 = t.id; 'b' > t.x"},
        {"insert into t (id, n) values ($1, 1) on conflict (id) do update set n = 5, m = excluded.n where t.x = 6 and "
         "excluded.y = 7",
         "$1 > t.id; 1 > t.n; 5 > t.n; 6 = t.x; 7 = t.y"},
        {"merge into t using s on t.id = s.id and s.k = 1 when matched and t.a = 2 then update set b = 3 when not "
         "matched "
         "then insert (c, d) values ($1, s.x)",
         "1 = s.k; 2 = t.a; 3 > t.b; $1 > t.c"},
        {"merge into t using s on t.id = s.id when not matched then insert values ($1)", "$1 > t.#1"},
        {"copy t from stdin where a = 5", "5 = t.a"},
        {"prepare p as insert into t (a) values ($1)", "$1 > t.a"},
    });
}

TEST(AccessTies, ThroughWhatHandsOn) {
    expect_ties({
        {"select * from (select id as x, f(y) as z from t) u where u.x = $1 and u.z = 2", "$1 = t.id"},
        {"select * from (select * from t) u where u.x = $1", "$1 = t.x"},
        {"select * from (select t.*, 5 as five from t join q on true) u where u.five = 6", ""},
        {"with u as (select id from s.t) select * from u where id = 1", "1 = s.t.id"},
        {"with u(i) as (select id from t) select * from u where i > 1", "1 < t.id"},
        {"with n as (insert into t (a) values (1) returning id, a as b) select * from n where n.id = 2 and n.b = 3",
         "1 > t.a; 2 = t.id; 3 = t.a"},
        {"select * from (select id from a union select id from b) u where u.id = 1", ""},
        {"select * from (select id from a union select id from a) u where u.id = 1", "1 = a.id"},
        {"select * from t join unnest($1::int[]) u(id) on t.id = u.id", "*$1 = t.id"},
        {"select * from t where exists (select 1 from unnest($1) x where x = t.id)", "*$1 = t.id"},
        {"select * from (select id, id from t) u where u.id = 1", ""},
        {"with recursive r as (select id from t where p = 1 union all select t.id from t join r on t.p = r.id) select "
         "* "
         "from r where r.id = 2",
         "1 = t.p; 2 = t.id"},
    });
}

TEST(AccessFunctions, Arguments) {
    for (const AccessCase& one : std::vector<AccessCase>{
             {"select nextval('s')", "nextval('s') -> 1"},
             {"select x, nextval('a.s'::regclass)::int as n, currval($1) from t",
              "nextval('a.s') -> 2; currval($1) -> 3"},
             {"select setval('s', 5, false), lastval()", "setval('s',5,false) -> 1; lastval() -> 2"},
             {"select pg_advisory_xact_lock($1, 2), pg_try_advisory_lock(-3::bigint)",
              "pg_advisory_xact_lock($1,2) -> 1; pg_try_advisory_lock(?) -> 2"},
             {"select pg_advisory_lock(hashtext('x'))", "pg_advisory_lock(?) -> 1; hashtext('x')"},
             {"select *, nextval('s') from t", "nextval('s')"},
             {"select nextval('s'), * from t", "nextval('s') -> 1"},
             {"select nextval('s') + 1, (select nextval('r'))", "nextval('s'); nextval('r')"},
             {"select nextval('s') union select nextval('r')", "nextval('s'); nextval('r')"},
             {"with n as (select nextval('s')) select * from n", "nextval('s')"},
             {"insert into t (id) values (nextval('s')) returning id, currval('s')", "nextval('s'); currval('s') -> 2"},
             {"update t set x = app.f(x, 'a') where g(1) returning h()", "g(1); app.f(?,'a'); h() -> 1"},
             {"delete from t where f(null, true, 2.5::int, 'abc'::varchar(2))", "f(?,true,?,?)"},
             {"select * from f(1) g, rows from (h(2), i(3)) k", "f(1); h(2); i(3)"},
             {"select f(variadic $1), g(a => 1), count(*)", "f(?) -> 1; g(?) -> 2; count() -> 3"},
             {"select max(x) filter (where f(y)) over (partition by g(1)) from t", "max(?) -> 1; f(?); g(1)"},
             {"call p(1, $1)", "p(1,$1)"},
             {"execute p(f(1))", "f(1)"},
             {"prepare p as select nextval('s')", "nextval('s') -> 1"},
             {"explain select nextval('s')", ""},
             {"explain analyze select nextval('s')", "nextval('s')"},
             {"create table n as select nextval('s')", "nextval('s')"},
             {"copy (select nextval('s')) to stdout", "nextval('s')"},
             {"select \"F\"(1), F(2)", "F(1) -> 1; f(2) -> 2"},
         }) {
        EXPECT_EQ(functions_of(one.sql), one.expected) << one.sql;
    }
}

}  // namespace
}  // namespace understudy::sql
