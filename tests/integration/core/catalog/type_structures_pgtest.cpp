// Values of user types in both formats, read with what the catalogue of their database says.

#include "core/catalog/type_structures.hpp"

#include "core/catalog/read_catalog.hpp"
#include "tests/support/value_against_server.hpp"

namespace understudy::catalog {
namespace {

using testing::ThrowawayCluster;

std::string& database() {
    static std::string name = [] {
        std::string created = ThrowawayCluster::shared().create_database("user_types");
        ThrowawayCluster::shared().psql(
            "create schema other;"
            "create type mood as enum ('sad', 'ok, really', 'happy');"
            "create type other.mood as enum ('other');"
            "create domain price as numeric(10,2) check (value >= 0);"
            "create domain moods as mood[];"
            "create domain corner as box;"
            "create type gone as (a int, b int, c int);"
            "alter type gone drop attribute b;"
            "create type item as (name text, cost price, feeling mood, seen timestamptz, tags text[], inner_one gone);"
            "create type span as range (subtype = float8, subtype_diff = float8mi);"
            "create type feelings as range (subtype = mood);"
            "create table orders (id int primary key, what item, during tstzrange);",
            created);
        return created;
    }();
    return name;
}

class UserTypesAgainstServer : public pgwire::ValueAgainstServer {
protected:
    UserTypesAgainstServer() : ValueAgainstServer(database()) {
        const auto catalog = read_catalog(ThrowawayCluster::shared().conninfo(database()));
        EXPECT_TRUE(catalog) << catalog.error().message;
        types_ = user_types(*catalog);
        user_types_ = &types_;
    }

    pgwire::UserTypes types_;
};

TEST_F(UserTypesAgainstServer, enums_domains_and_their_arrays) {
    compare_literals("mood", {"sad", "ok, really"});
    compare_literals("mood[]", {"{sad,NULL,\"ok, really\"}", "{}"});
    compare_literals("price", {"1.5"});
    compare_literals("price[]", {"{1.50,NULL}"});
    compare_literals("moods", {"{sad}"});
    compare_literals("corner[]", {"{(1,1),(0,0);(3,3),(2,2)}"});
}

TEST_F(UserTypesAgainstServer, composites) {
    int compared = 0;
    compare("select row('a, b', 1.50, 'ok, really', '2024-01-01 00:00:00+00', '{x,NULL,\"\"}', row(1, null))::item", compared);
    compare("select row('', null, null, null, null, null)::item", compared);
    compare("select array[row(1, 2)::gone, null]", compared);
    compare("select row(1, 'sad'::mood, 1.5::price)", compared);
    compare("select o from (values (1, row('a', 1, 'sad', 'infinity', '{}', null)::item, null::tstzrange)) v(a, b, c),"
            " lateral (select row(a, b, c)::orders) l(o)", compared);
    EXPECT_EQ(compared, 5);
    compare_series("row('n' || i, i, 'happy', timestamptz '2000-01-01' + random() * interval '90 years', "
                   "array['a', i::text], row(i, i))::item");
    compare_pairs("select row('n' || i % 3, null, 'happy', null, null, row(i % 2, 1))::item from generate_series(1, 20) i",
                  "a = b");
}

TEST_F(UserTypesAgainstServer, composites_in_another_time_zone) {
    ask("set timezone = 'America/St_Johns'", 0);
    compare_series("row('it''s \"n\" \\ ' || i, i, 'happy', timestamptz '2000-01-01' + random() * interval '90 years', "
                   "array['a b', i::text], row(i, null))::item", true);
    compare_series("array[row('x', i, 'ok, really', timestamptz '2000-01-01' + i * interval '1 day', null, null)::item]",
                   true);
}

TEST_F(UserTypesAgainstServer, ranges) {
    compare_literals("span", {"[0.1,1e300)", "empty", "(,)"});
    compare_literals("feelings", {"[sad,happy]", "(\"ok, really\",)"});
    compare_literals("feelings[]", {"{\"[sad,happy]\",\"(\\\"ok, really\\\",)\"}"});
    compare_literals("span_multirange", {"{[0.1,0.2],[3,4)}", "{}"});
    ask("set extra_float_digits = 0", 0);
    compare_series("span(i / 8.0, i / 4.0)", true);
}

TEST_F(UserTypesAgainstServer, extensions) {
    for (const char* name : {"citext", "hstore", "ltree"}) {
        if (ThrowawayCluster::shared().psql(std::string("select count(*) from pg_available_extensions where name = '") +
                                                name + "'",
                                            database()) == "0") {
            GTEST_SKIP() << name << " is not installed";
        }
        ask(std::string("create extension if not exists ") + name, 0);
    }
    const auto catalog = read_catalog(ThrowawayCluster::shared().conninfo(database()));
    types_ = user_types(*catalog);
    compare_literals("citext", {"", "Ab"});
    compare_literals("hstore", {"", "a=>1, b=>NULL, \"q\\\"\"=>\"\\\\\""});
    compare_literals("ltree", {"a.b.c"});
    compare_literals("lquery", {"a.*.b{1,2}"});
    compare_literals("ltxtquery", {"a & !b"});
    compare_literals("hstore[]", {"{\"\\\"a\\\"=>\\\"1\\\"\"}"});
}

TEST_F(UserTypesAgainstServer, without_a_catalogue_binary_stays_bytes) {
    for (const char* literal : {"'sad'::mood", "'{sad}'::mood[]", "row(1, 2)::gone", "'[1,2)'::span"}) {
        const pgwire::Answer binary = ask(std::string("select ") + literal, 1);
        const BytesView sent(PQgetvalue(binary.get(), 0, 0), static_cast<std::size_t>(PQgetlength(binary.get(), 0, 0)));
        const auto type = static_cast<std::uint32_t>(PQftype(binary.get(), 0));
        Bytes scratch;
        EXPECT_EQ(pgwire::canonical_value(type, 1, sent, scratch).value_class, pgwire::ValueClass::opaque_binary);
        EXPECT_NE(pgwire::canonical_value(type, 1, sent, scratch, user_types_).value_class,
                  pgwire::ValueClass::opaque_binary);
    }
}

}  // namespace
}  // namespace understudy::catalog
