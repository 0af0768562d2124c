#include <gtest/gtest.h>

#include "tests/unit/core/sql/access_text.hpp"

namespace understudy::sql {
namespace {

void expect_relations(const std::vector<AccessCase>& cases) {
    for (const AccessCase& one : cases) EXPECT_EQ(relations_of(one.sql), one.expected) << one.sql;
}

TEST(AccessEqual, ConjunctsOfWhere) {
    expect_relations({
        {"select * from t where id = $1", "read t [id=$1]"},
        {"select * from t where 5 = id and name = 'x'", "read t [id=5 name='x']"},
        {"select * from t where (id = 5 and (x > 3 and (y = -1)))", "read t [id=5 y=-1]"},
        {"select * from t where id in (1, $2, '3')", "read t [id=1,$2,'3']"},
        {"select * from t where id in ($1)", "read t [id=$1]"},
        {"select * from t where id = any ($1)", "read t [id=*$1]"},
        {"select * from t where id = any ($1::int[])", "read t [id=*$1]"},
        {"select * from t where id = some ('{1,2}')", "read t [id=*'{1,2}']"},
        {"select * from t where id = any (array[1, $2]::bigint[])", "read t [id=1,$2]"},
        {"select * from t where (a, b) = ($1, 2)", "read t [a=$1 b=2]"},
        {"select * from t where row(a, 2) = row($1, b)", "read t [a=$1 b=2]"},
        {"select * from t where (a, b) in ((1, 2), (3, $1))", "read t [a=1,3 b=2,$1]"},
        {"select * from t where (a, f(b)) in ((1, 2), (3, $1))", "read t [a=1,3]"},
        {"select * from t where id = ($1)::bigint and x = cast('a' as text)", "read t [id=$1 x='a']"},
        {"select * from t where id = 1 and id in (2, 3)", "read t [id=1]"},
        {"select * from t where id operator(pg_catalog.=) 1", "read t [id=1]"},
        {"select * from t u where u.id = 1", "read t [id=1]"},
        {"select * from s.t where t.id = 1", "read s.t [id=1]"},
        {"select * from s.t where s.t.id = 1", "read s.t [id=1]"},
        {"select * from only t where id = 1", "read t [id=1]"},
        {"select * from t where id = 1 limit 1 for update", "lock update t [id=1]"},
        {"update t set x = 1 where id = $2", "update t [id=$2] sets x"},
        {"update t as u set x = 1 where u.id = $2 and y is null", "update t [id=$2] sets x"},
        {"delete from t where id = $1 and org = $2", "delete t [id=$1 org=$2]"},
        {"select * from t where \"Id\" = 1", "read t [Id=1]"},
        {"select count(*) from t where id = 1 group by x having max(y) = 3", "read t [id=1]"},
        {"select * from t where id in (values (1), ($1))", "read t [id=1,$1]"},
        {"select * from t where id in (select unnest($1::int[]))", "read t [id=*$1]"},
        {"select * from t where id = any (select unnest($1))", "read t [id=*$1]"},
        {"select * from t where id in (select 1 from u)", "read t [id=1]; read u"},
        {"select * from t where (a, b) in (select 1, $1 union select 2, 3)", "read t [a=1,2 b=$1,3]"},
    });
}

TEST(AccessEqual, NothingThatDoesNotSurelyHold) {
    expect_relations({
        {"select * from t where id = 1 or x = 2", "read t"},
        {"select * from t where not id = 1", "read t"},
        {"select * from t where not (id = 1 and x = 2)", "read t"},
        {"select * from t where (id = 1) is not true", "read t"},
        {"select * from t where id <> 1 and id > 1 and id between 1 and 2", "read t"},
        {"select * from t where id not in (1, 2)", "read t"},
        {"select * from t where id not in (1)", "read t"},
        {"select * from t where id <> all ($1) and id = all ($2) and id < any ($3)", "read t"},
        {"select * from t where $1 = any (ids)", "read t"},
        {"select * from t where id is not distinct from $1", "read t"},
        {"select * from t where name like 'x' and name ~ 'y'", "read t"},
        {"select * from t where id::text = $1", "read t"},
        {"select * from t where lower(name) = $1", "read t"},
        {"select * from t where id % 2 = 1 and id + 1 = $1", "read t"},
        {"select * from t where data->>'id' = $1", "read t"},
        {"select * from t where (addr).city = $1 and ids[1] = 2", "read t"},
        {"select * from t where id = $1 + 1 and x = f(1) and y = now() and z = null and b = true", "read t"},
        {"select * from t where id = -$1 and x = - -5", "read t"},
        {"select * from t where x = 'abc'::varchar(2) and y = 2.5::int and z = 1.5::numeric(3,0)", "read t"},
        {"select * from t where id in (1, null)", "read t"},
        {"select * from t where id in (1, x)", "read t"},
        {"select * from t where id = any (array[1, x])", "read t"},
        {"select * from t where (a, b) < (1, 2)", "read t"},
        {"select * from t where (a, b) in ((1, 2), (x, 3))", "read t [b=2,3]"},
        {"select * from t where (t.*) = (1, 2)", "read t"},
        {"select * from t where case when x then id = 1 end", "read t"},
        {"select * from t where coalesce(id = 1, true)", "read t"},
        {"select * from t where id operator(public.=) 1", "read t"},
        {"select * from t where nullif(id, 1) is null", "read t"},
        {"select id = 1 from t group by id having id = 1 order by id = 1", "read t"},
        {"update t set x = 1 where current of c", "update t sets x"},
        {"select * from t where id in (select x from u where x = 1)", "read t; read u [x=1]"},
        {"select * from t where id not in (select unnest($1))", "read t"},
        {"select * from t where x or id in (values (1))", "read t"},
        {"select * from t where id in (select * from (values (1), (f(2))) v)", "read t"},
        {"select * from t as u(a, b) where a = 1", "read t"},
        {"select * from t where other.id = 1", "read t"},
        {"select * from s.t where r.t.id = 1", "read s.t"},
    });
}

TEST(AccessEqual, Joins) {
    expect_relations({
        {"select * from o join i on o.id = i.order_id where o.id = $1", "read o [id=$1]; read i [order_id=$1]"},
        {"select * from o, i where o.id = i.order_id and i.order_id in (1, 2)",
         "read o [id=1,2]; read i [order_id=1,2]"},
        {"select * from a join b on a.x = b.x join c on b.x = c.x and c.x = 5",
         "read a [x=5]; read b [x=5]; read c [x=5]"},
        {"select * from a join b on (a.x, a.y) = (b.x, b.y) where a.x = 1 and b.y = 2",
         "read a [x=1 y=2]; read b [x=1 y=2]"},
        {"select * from o join i on i.oid = o.id or i.x = 1 where o.id = 1", "read o [id=1]; read i"},
        {"select * from a cross join b where a.x = b.y and b.y = 1", "read a [x=1]; read b [y=1]"},
        {"update t set x = 1 from s where t.id = s.id and s.id = $1", "update t [id=$1] sets x; read s [id=$1]"},
        {"delete from t using s where t.id = s.id and s.id = 5", "delete t [id=5]; read s [id=5]"},
        {"select * from a join (b join c on b.x = c.x) on a.x = b.x where c.x = 1",
         "read a [x=1]; read b [x=1]; read c [x=1]"},
        {"select * from (a join b on a.x = b.x) as j where a.x = 1 and j.x = 2", "read a; read b"},
        {"select * from t t1 join t t2 on t1.parent = t2.id where t1.parent = 4", "read t [parent=4]; read t [id=4]"},
        {"select * from a, b where id = 1", "read a; read b"},
        {"select * from a, b where a.x = y and y = 1", "read a [x=1]; read b"},
        {"select * from a join b using (id) where id = 1", "read a [id=1]; read b [id=1]"},
        {"select * from a join b using (id) join c using (id) where c.id = 1",
         "read a [id=1]; read b [id=1]; read c [id=1]"},
        {"select * from (a join b using (id)) join (c join d using (id)) on true where a.id = 1",
         "read a [id=1]; read b [id=1]; read c; read d"},
        {"select * from a natural join b where a.id = 1", "read a [id=1]; read b"},
        {"select * from a, unnest($1::int[]) u(id) where a.id = u.id", "read a [id=*$1]"},
        {"select * from a, unnest($1::int[], $2::text[]) with ordinality u(id, n, o) where a.id = u.id and a.n = u.n "
         "and "
         "a.o = u.o",
         "read a [id=*$1 n=*$2]"},
        {"update t set x = v.x from (values (1, 'a'), ($1, 'b')) v(id, x) where t.id = v.id",
         "update t [id=1,$1] sets x"},
        {"with v(id) as (values (1), (2)) delete from t using v where t.id = v.id", "delete t [id=1,2]"},
    });
}

TEST(AccessEqual, OuterJoins) {
    expect_relations({
        {"select * from a left join b on b.aid = a.id where a.id = 1", "read a [id=1]; read b [aid=1]"},
        {"select * from a left join b on b.aid = a.id and a.x = 5", "read a; read b"},
        {"select * from a left join b on b.aid = a.id and b.x = 5", "read a; read b [x=5]"},
        {"select * from a left join b on b.aid = a.id where b.aid = 1", "read a; read b [aid=1]"},
        {"select * from a right join b on b.aid = a.id where b.aid = 1", "read a [id=1]; read b [aid=1]"},
        {"select * from a right join b on a.x = 1 and b.x = 2", "read a [x=1]; read b"},
        {"select * from a full join b on a.x = 1 and b.x = 2", "read a; read b"},
        {"select * from a full join b on a.x = b.x where a.x = 1", "read a [x=1]; read b"},
        {"select * from a left join (b join c on b.x = c.x and c.x = 1) on a.x = b.x",
         "read a; read b [x=1]; read c [x=1]"},
        {"select * from a left join b on a.id = b.id left join c on b.id = c.id where a.id = 1",
         "read a [id=1]; read b [id=1]; read c"},
        {"select * from a left join b using (id) where id = 1", "read a [id=1]; read b [id=1]"},
        {"select * from a right join b using (id) where id = 1", "read a [id=1]; read b [id=1]"},
        {"select * from a left join b using (id) where b.id = 1", "read a; read b [id=1]"},
        {"select * from a full join b using (id) where id = 1", "read a; read b"},
    });
}

TEST(AccessEqual, Subqueries) {
    expect_relations({
        {"select * from o where o.id = $1 and exists (select 1 from i where i.oid = o.id)",
         "read o [id=$1]; read i [oid=$1]"},
        {"select (select max(x) from i where i.oid = o.id and i.k = 3) from o where o.id = 1",
         "read o [id=1]; read i [k=3 oid=1]"},
        {"select * from o where o.id = 1 or exists (select 1 from i where i.oid = o.id)", "read o; read i"},
        {"select * from o where exists (select 1 from i where i.oid = o.id and i.oid = 1)", "read o; read i [oid=1]"},
        {"select * from o, lateral (select * from i where i.oid = o.id) l where o.id = 1",
         "read o [id=1]; read i [oid=1]"},
        {"select * from o where id = 1 and exists (select 1 from i where oid = o.id and exists (select 1 from j where "
         "j.oid = i.oid))",
         "read o [id=1]; read i [oid=1]; read j [oid=1]"},
        {"select * from (select * from t where id = 1) x where x.id = 2", "read t [id=1]"},
        {"with w as (select * from t where id = 1) select * from w where w.id = 2", "read t [id=1]"},
        {"select * from t where id = 1 union select * from t where id = 2", "read t [id=1]; read t [id=2]"},
        {"select * from o where o.id = 1 and o.x in (select x from i union select x from j where j.oid = o.id)",
         "read o [id=1]; read i; read j [oid=1]"},
        {"insert into a select * from t where id = 1", "insert a; read t [id=1]"},
    });
}

TEST(AccessEqual, ALookUpFindsTheTable) {
    const ColumnLookup has = [](BytesView, BytesView table, BytesView column) -> std::optional<bool> {
        if (table == "unknown") return std::nullopt;
        return column == "id" || column == Bytes(table) + "_id";
    };
    for (const AccessCase& one : std::vector<AccessCase>{
             {"select * from a, b where a_id = 1 and b_id = 2", "read a [a_id=1]; read b [b_id=2]"},
             {"select * from a, b where id = 1", "read a; read b"},
             {"select * from a join b on a_id = b_id where a_id = 1", "read a [a_id=1]; read b [b_id=1]"},
             {"select * from a, unknown where a_id = 1", "read a; read unknown"},
             {"select * from a where a_id = 3 and exists (select 1 from b where b_id = a_id)",
              "read a [a_id=3]; read b [b_id=3]"},
             {"select * from a, (select id as x from b) t where a_id = 1 and x = 2", "read a; read b"},
             {"update a set id = 1 from b where a_id = 1", "update a [a_id=1] sets id; read b"},
         }) {
        EXPECT_EQ(relations_of(one.sql, has), one.expected) << one.sql;
    }
    EXPECT_EQ(ties_of("select * from a join b using (id) where a_id = 1 and b_id > 2 and id = 3 and c_id = 4", has),
              "1 = a.a_id; 2 < b.b_id; 3 = a.id");
    EXPECT_EQ(ties_of("select * from a where exists (select 1 from b where a_id = 1 and b_id = 2)", has),
              "1 = a.a_id; 2 = b.b_id");
}

TEST(AccessEqual, LongListsAreLeftOut) {
    Bytes list = "select * from t where id in (0";
    for (std::size_t i = 1; i < kMaxRowValues; ++i) list += "," + std::to_string(i);
    const Bytes fits = list + ")";
    ASSERT_EQ(access_of(fits).relations.size(), 1U);
    ASSERT_EQ(access_of(fits).relations[0].equal.size(), 1U);
    EXPECT_EQ(access_of(fits).relations[0].equal[0].values.size(), kMaxRowValues);
    const Bytes longer = list + ",'x')";
    ASSERT_EQ(access_of(longer).relations.size(), 1U);
    EXPECT_TRUE(access_of(longer).relations[0].equal.empty());
}

TEST(AccessEqual, BigInsertsTakeOneLook) {
    Bytes rows = "insert into t (a, b) values (1,2)";
    for (std::size_t i = 0; i < 3 * kMaxRowValues; ++i) rows += ",(1,$2)";
    const StatementAccess access = access_of(rows);
    ASSERT_EQ(access.relations.size(), 1U);
    EXPECT_FALSE(access.relations[0].rows_known);
    EXPECT_LE(access.relations[0].rows.size(), kMaxRowValues);
    EXPECT_EQ(access.ties.size(), 6 * kMaxRowValues + 2);
    EXPECT_FALSE(access.ties_cut);
}

TEST(AccessEqual, TiesHaveALimit) {
    Bytes rows = "insert into t (a) values (1)";
    for (std::size_t i = 0; i < kMaxTies; ++i) rows += ",(1)";
    const StatementAccess access = access_of(rows);
    EXPECT_EQ(access.ties.size(), kMaxTies);
    EXPECT_TRUE(access.ties_cut);
}

}  // namespace
}  // namespace understudy::sql
