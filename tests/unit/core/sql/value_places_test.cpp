#include "core/sql/value_places.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace understudy::sql {
namespace {

Bytes text_of(const ColumnUse& use) {
    Bytes text = use.schema.empty() ? Bytes() : use.schema + ".";
    text += use.table.empty() ? Bytes() : use.table + ".";
    if (!use.column.empty()) return text + use.column;
    return text + (use.position == 0 ? "*" : "#" + std::to_string(use.position));
}

Bytes text_of(const std::vector<ColumnUse>& uses) {
    std::vector<Bytes> names;
    for (const ColumnUse& use : uses) names.push_back(" " + text_of(use));
    std::sort(names.begin(), names.end());
    return std::accumulate(names.begin(), names.end(), Bytes());
}

/// "'x' users.email; $1 a.b c", one entry for each value that has columns.
Bytes places_of(BytesView sql) {
    const auto all = value_places(sql);
    if (!all) return "refused";
    Bytes text;
    for (const StatementPlaces& statement : *all) {
        for (const ValuePlace& place : statement.places) {
            if (!text.empty()) text += "; ";
            text += sql.substr(place.offset, place.length);
            if (place.argument != 0) text += " argument " + std::to_string(place.argument);
            text += text_of(place.columns);
        }
    }
    return text;
}

struct Case {
    const char* sql;
    const char* expected;
};

TEST(ValuePlaces, Inserts) {
    for (const Case& one : std::vector<Case>{
             {"insert into users (email, age) values ('x', 5)", "'x' users.email; 5 users.age"},
             {"insert into s.users (email) values ('x'), ($1), (default)", "'x' s.users.email; $1 s.users.email"},
             {"insert into users values ('x', $2, null, true)", "'x' users.#1; $2 users.#2"},
             {"insert into users (email) select 'x'", "'x' users.email"},
             {"insert into users (id, email) select id, 'x' from other where kind = 'k'",
              "'x' users.email; 'k' other.kind"},
             {"insert into users (email) select 'x' union all select $1", "'x' users.email; $1 users.email"},
             {"insert into users (email) select v from (values ('x'), ('y')) as t(v)",
              "'x' users.email v; 'y' users.email v"},
             {"insert into users (email) select column1 from (values ('x')) t", "'x' column1 users.email"},
             {"insert into users (email) select * from (values ('x')) as t(v)", "'x' users.email"},
             {"with new(e) as (values ('x')) insert into users (email) select e from new", "'x' e users.email"},
             {"insert into users (email) select e from unnest($1::text[]) as e", "$1 e users.email"},
             {"insert into users (email) values (lower($1::text))", "$1 users.email"},
             {"insert into users (email) values (coalesce($1, 'none'))", "$1 users.email; 'none' users.email"},
             {"insert into users (id, email) values (1, 'x') on conflict (id) do update set email = 'y', n = "
              "excluded.n + 2 where users.email <> 'z'",
              "1 users.id; 'x' users.email; 'y' users.email; 2 users.n; 'z' users.email"},
             {"insert into users (email) values ((select mail from old where id = 7))", "7 old.id"},
             {"insert into users (email) values (case when $1 = 2 then 'x' else 'y' end)",
              "'x' users.email; 'y' users.email"},
             {"insert into users (balance) values (-12.50)", "-12.50 users.balance"},
             {"insert into users (email) values (U&'d!0061' uescape '!')", "U&'d!0061' uescape '!' users.email"},
             {"insert into users (\"E Mail\") values (E'x\\'y')", "E'x\\'y' users.E Mail"},
             {"insert into users (email) values ('x') returning id", "'x' users.email"},
         }) {
        EXPECT_EQ(places_of(one.sql), one.expected) << one.sql;
    }
}

TEST(ValuePlaces, UpdatesAndDeletes) {
    for (const Case& one : std::vector<Case>{
             {"update users set email = 'x' where id = 5", "'x' users.email; 5 users.id"},
             {"update users u set (email, age) = ('x', $1) where u.id in (1, 2)",
              "'x' users.email; $1 users.age; 1 users.id; 2 users.id"},
             {"update users set (email, age) = (select 'x', 3)", "'x' users.email; 3 users.age"},
             {"update users set email = o.mail from old o where o.id = users.id and o.kind = 'k'", "'k' old.kind"},
             {"delete from users using old o where o.mail = users.email and o.mail = 'x'", "'x' old.mail"},
             {"delete from users where email like 'x%' or email ilike $1", "'x%' users.email; $1 users.email"},
             {"merge into users t using (select 'x' as e) s on t.email = s.e when matched and t.kind = 'k' then update "
              "set note = 'n' when not matched then insert (email, note) values (s.e, 'm')",
              "'x' e users.email; 'k' users.kind; 'n' users.note; 'm' users.note"},
             {"merge into users t using s on t.id = s.id when not matched then insert values (1, 'x')",
              "1 users.#1; 'x' users.#2"},
         }) {
        EXPECT_EQ(places_of(one.sql), one.expected) << one.sql;
    }
}

TEST(ValuePlaces, Comparisons) {
    for (const Case& one : std::vector<Case>{
             {"select 1 from users where email = 'x' and 'y' <> email", "'x' users.email; 'y' users.email"},
             {"select 1 from users where lower(email) = lower($1)", "$1 users.email"},
             {"select 1 from users where substr(email, 1, 3) = 'abc'", "'abc' users.email"},
             {"select 1 from users where email in ('x', $1) limit 5", "'x' users.email; $1 users.email"},
             {"select 1 from users where email = any ($1) or email = any (array['x'])",
              "$1 users.email; 'x' users.email"},
             {"select 1 from users where age between 1 and $1", "1 users.age; $1 users.age"},
             {"select 1 from users where (email, age) = ('x', 5)", "'x' users.email; 5 users.age"},
             {"select 1 from users where ('x', 5) = (email, age)", "'x' users.email; 5 users.age"},
             {"select 1 from users where (email, age) in (('x', 5), ($1, $2))",
              "'x' users.email; 5 users.age; $1 users.email; $2 users.age"},
             {"select 1 from users where (email, age) in (values ('x', 5))", "'x' users.email; 5 users.age"},
             {"select 1 from users where email is distinct from $1", "$1 users.email"},
             {"select 1 from users where born > date '2001-02-03'", "'2001-02-03' users.born"},
             {"select 1 from users where email = 'x'::varchar(40)", "'x' users.email"},
             {"select 1 from users where not (email ~ 'x')", "'x' users.email"},
             {"select 1 from users u join orders o on o.uid = u.id and o.mail = 'x' where u.email = 'y'",
              "'x' orders.mail; 'y' users.email"},
             {"select 1 from users, orders where email = 'x'", "'x' orders.email users.email"},
             {"select 1 from users group by email having max(age) > 7", "7 users.age"},
             {"select case email when 'x' then 1 end, case when age = 3 then 'a' else note end from users",
              "'x' users.email; 3 users.age; 'a' users.note"},
             {"select 1 from users where email in (select mail from old where kind = 'k')", "'k' old.kind users.kind"},
             {"select 1 from users where 'x' in (select email from old)", "'x' old.email users.email"},
             {"select 1 from users u where exists (select 1 from old where mail = u.email and mail = 'x')",
              "'x' old.mail users.mail"},
             {"select 1 from (select email as e from users) t where e = 'x'", "'x' e users.email"},
             {"with t as (select email e from users) select 1 from t where t.e = 'x'", "'x' e users.email"},
             {"select 1 from users as u(a, b) where b = 'x'", "'x' users.#2 users.b"},
             {"select 1 from users where (address).city = 'x'", "'x' city users.address"},
             {"select 1 from users where data->>'city' = 'x'", "'x' users.data"},
             {"select 1 from users where email = coalesce(nullif($1, ''), 'x')",
              "$1 users.email; '' users.email; 'x' users.email"},
             {"select 1 from users where date_trunc('day', seen) = $1", "$1 users.seen"},
             {"select 1 from users where billing.users.email = 'x'", "'x' billing.users.email"},
             {"select 1 from users where email = (select 'x')", "'x' users.email"},
             {"select 'x', f('y'), 1 order by 1", ""},
         }) {
        EXPECT_EQ(places_of(one.sql), one.expected) << one.sql;
    }
}

TEST(ValuePlaces, RowsAsWholes) {
    for (const Case& one : std::vector<Case>{
             {"select 1 from users where users = row(1, 'x')", "1 users.* users.users; 'x' users.* users.users"},
             {"select 1 from users u where ('x', 2) = u", "'x' users.* users.u; 2 users.* users.u"},
             {"select 1 from users u where row(u.*) = row(1, 'x')", "1 users.*; 'x' users.*"},
             {"select 1 from users u where to_jsonb(u) - 'x' = $1", "'x' users.* users.u; $1 users.* users.u"},
             {"select '(1,x)'::users, '(1,x)'::s.users, 'x'::text, 'x'::varchar(3)",
              "'(1,x)' users.*; '(1,x)' s.users.*"},
             {"select id from users join (select 'x' as email) v using (email)", "'x' email users.email"},
             {"select id from users natural join (values ('x')) v(email)", "'x' email users.email"},
             {"select id from users where email %> 'x'", "'x' users.email"},
             {"select id from users where starts_with(email, 'x') and f('y')", "'x' users.email"},
         }) {
        EXPECT_EQ(places_of(one.sql), one.expected) << one.sql;
    }
}

TEST(ValuePlaces, OtherStatements) {
    EXPECT_EQ(places_of("explain analyze select 1 from users where email = 'x'"), "'x' users.email");
    EXPECT_EQ(places_of("declare c cursor for select 1 from users where email = 'x'"), "'x' users.email");
    EXPECT_EQ(places_of("create table t as select 1 from users where email = 'x'"), "'x' users.email");
    EXPECT_EQ(places_of("prepare p(text) as update users set email = $1"), "$1 users.email");
    EXPECT_EQ(places_of("execute p('x', -3, 'y'::text)"), "'x' argument 1; -3 argument 2; 'y' argument 3");
    EXPECT_EQ(places_of("select 1; update users set email = 'x'; delete from users where age = 2"),
              "'x' users.email; 2 users.age");
    EXPECT_EQ(places_of("notify c, 'x'"), "");
    EXPECT_EQ(places_of("selec 1 from users where email = 'x'"), "refused");
    EXPECT_TRUE(value_places("do $$ begin end $$")->at(0).opaque);
    EXPECT_TRUE(value_places("create table users (email text default 'x')")->at(0).opaque);
    EXPECT_TRUE(value_places("alter table users alter email set default 'x'")->at(0).opaque);
    EXPECT_FALSE(value_places("set application_name = 'x'")->at(0).opaque);
    EXPECT_EQ(value_places("fetch 3 from c")->at(0).fetches, "c");
    EXPECT_EQ(value_places("execute p(1)")->at(0).executes, "p");
}

TEST(ValuePlaces, SaysWhatOutputsAreMadeOf) {
    const auto outputs_of = [](BytesView sql) {
        Bytes text;
        const auto all = value_places(sql);
        for (const OutputUse& output : all->at(0).outputs) {
            if (!text.empty()) text += "; ";
            text += output.name;
            text += text_of(output.columns);
        }
        return text;
    };
    EXPECT_EQ(outputs_of("select email, email as e, lower(email), max(age) m, count(email), email || 'x' from users"),
              "email users.email; e users.email; lower users.email; m users.age;  users.email");
    EXPECT_EQ(outputs_of("update users set a = 1 returning email as e"), "e users.email");
    EXPECT_EQ(outputs_of("select t.e from (select email as e from users) t"), "e e users.email");
    EXPECT_EQ(outputs_of("select coalesce(email, 'x'), email::text from users"),
              "coalesce users.email; email users.email");
    EXPECT_EQ(outputs_of("select email = 'x' as same from users"), "same");
    EXPECT_TRUE(value_places("select u.*, 1 from users u")->at(0).all_outputs);
}

TEST(ValuePlaces, SaysWhatWholeRowsAreMadeOf) {
    const auto all_of = [](BytesView sql) {
        std::vector<Bytes> found;
        const auto all = value_places(sql);
        for (const OutputUse& output : all->at(0).outputs) found.push_back(output.name + ":" + text_of(output.columns));
        return std::accumulate(found.begin(), found.end(), Bytes());
    };
    const auto is_any_of_users = [&](BytesView sql) { return all_of(sql).find("users.*") != Bytes::npos; };
    for (const char* sql : {"select u from users u",
                            "select public.users from public.users users",
                            "select row_to_json(u) from users u",
                            "select jsonb_agg(users) from users",
                            "select to_jsonb(u) - 'id' from users u",
                            "select to_jsonb(u) #- '{id}' from users u",
                            "select u.to_jsonb from users u",
                            "select row(u.*) from users u",
                            "select f(u.*)::text from users u",
                            "with x as (select * from users) select x from x",
                            "with recursive x as (select u from users u union all select x.u from x) select u from x",
                            "select e.value from users u, json_each_text(row_to_json(u)) e",
                            "select value from users u, json_each_text(row_to_json(u))",
                            "select t.*, 1 as value from users u, json_each_text(row_to_json(u)) t",
                            "select x.a from users u, xmltable('/r' passing u columns a text) x",
                            "select b || '' from (table users) as k(a, b)",
                            "with x(a, b) as (select * from users) select b || '' from x",
                            "select j from (users join old using (id)) as j",
                            "insert into users values (1) returning users",
                            "select (select u) from users u",
                            "select x.b || '' from (select * from old union table users) x"}) {
        EXPECT_TRUE(is_any_of_users(sql)) << sql << " " << all_of(sql);
    }
    EXPECT_EQ(all_of("select mode() within group (order by email) from users"), "mode: users.email");
    EXPECT_EQ(all_of("select * from users as k(a)"), "a: users.#1: users.*");
    EXPECT_EQ(all_of("select * from (select id, email as e from users) t"), "id: users.ide: users.email");
    EXPECT_EQ(all_of("with x as (select * from users) select x.id + 1 as n from x"), "n: id users.id");
    EXPECT_EQ(all_of("select id + 1 as n from (select id, email from users) t"), "n: id users.id");
}

/// Each WITH query doubles the outputs of the one before.
TEST(ValuePlaces, HostileStatementsStaySmall) {
    Bytes chained = "with x0 as (select * from users)";
    for (int i = 1; i < 2000; ++i) {
        const Bytes before = "x" + std::to_string(i - 1);
        chained += ", x" + std::to_string(i) + " as (select * from " + before + " a, " + before + " b)";
    }
    const auto last = value_places(chained + " select x1999 from x1999");
    ASSERT_TRUE(last);
    EXPECT_EQ(last->at(0).outputs.size(), 1U);
}

TEST(ValuePlaces, Copies) {
    const auto copy = value_places("copy s.users (id, email) from stdin (format csv, header, delimiter ';', null 'N')")
                          ->at(0)
                          .copy.value();
    EXPECT_TRUE(copy.from);
    EXPECT_TRUE(copy.header);
    EXPECT_EQ(copy.format, CopyUse::Format::csv);
    EXPECT_EQ(copy.delimiter, ';');
    EXPECT_EQ(copy.null, "N");
    ASSERT_EQ(copy.fields.size(), 2U);
    EXPECT_EQ(text_of(copy.fields[1].columns.at(0)), "s.users.email");
    const auto binary = value_places("copy users to stdout binary")->at(0).copy.value();
    EXPECT_FALSE(binary.from);
    EXPECT_EQ(binary.format, CopyUse::Format::binary);
    EXPECT_EQ(binary.table, "users");
    EXPECT_TRUE(binary.fields.empty());
    const auto query = value_places("copy (select id, email as e from users) to stdout")->at(0).copy.value();
    ASSERT_EQ(query.fields.size(), 2U);
    EXPECT_EQ(text_of(query.fields[1].columns.at(0)), "users.email");
    EXPECT_TRUE(value_places("copy (select * from users) to stdout")->at(0).copy->fields.empty());
}

TEST(ValuePlaces, BytesThatAreNoUtf8KeepTheirPlaces) {
    EXPECT_EQ(places_of("update users set na\xefme = '\xff\xfe', email = 'x'"),
              "'\xff\xfe' users.na\xefme; 'x' users.email");
    EXPECT_EQ(places_of("/* \xff\xfe ' */ update users -- '\n set email = 'x'"), "'x' users.email");
}

}  // namespace
}  // namespace understudy::sql
