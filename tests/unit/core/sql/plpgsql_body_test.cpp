#include "core/sql/plpgsql_body.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/sql/typed_variables.hpp"

namespace understudy::sql {
namespace {

PlpgsqlBody read(BytesView body, BytesView head = "create function f(p_id integer, note text) returns void") {
    const auto found =
        plpgsql_body(Bytes(head).append(" language plpgsql as $x$").append(body).append("$x$"));
    EXPECT_TRUE(found);
    return found.value_or(PlpgsqlBody());
}

std::vector<Bytes> texts(const PlpgsqlBody& body) {
    std::vector<Bytes> all;
    for (const PlpgsqlStatement& statement : body.statements) all.push_back(statement.sql);
    return all;
}

const PlpgsqlVariable* variable(const PlpgsqlBody& body, BytesView name) {
    const auto found = std::find_if(body.variables.begin(), body.variables.end(),
                                    [&](const PlpgsqlVariable& each) { return each.name == name; });
    return found == body.variables.end() ? nullptr : &*found;
}

TEST(PlpgsqlBody, HoldsStatementsAndExpressionsWithLines) {
    const PlpgsqlBody body = read("\nbegin\n  update t set a = p_id;\n  if p_id > 1 then\n    delete from t;\n  end if;\nend");
    EXPECT_EQ(texts(body), (std::vector<Bytes>{"update t set a = p_id", "select p_id > 1", "delete from t"}));
    EXPECT_EQ(body.statements[0].line, 3u);
    EXPECT_FALSE(body.statements[0].conditional);
    EXPECT_FALSE(body.statements[1].conditional);
    EXPECT_EQ(body.statements[2].line, 5u);
    EXPECT_TRUE(body.statements[2].conditional);
}

TEST(PlpgsqlBody, TakesTheRightSideOfAnAssignment) {
    const PlpgsqlBody body = read("declare n int; begin n := (select count(*) from t); end");
    EXPECT_EQ(texts(body), (std::vector<Bytes>{"select  (select count(*) from t)"}));
}

TEST(PlpgsqlBody, KnowsDeclaredTypes) {
    const PlpgsqlBody body = read("declare a orders.total%type; r orders%rowtype; begin for i in 1..3 loop null; end loop; end");
    EXPECT_EQ(variable(body, "a")->type, "orders.total%type");
    EXPECT_EQ(variable(body, "r")->type, "orders%rowtype");
    EXPECT_EQ(variable(body, "i")->type, "integer");
    EXPECT_EQ(variable(body, "found")->type, "boolean");
    EXPECT_EQ(variable(body, "p_id")->type, "");
}

TEST(PlpgsqlBody, KnowsTheOneQueryOfARecord) {
    const PlpgsqlBody one = read("declare r record; begin for r in select id from t loop null; end loop; end");
    EXPECT_EQ(variable(one, "r")->query, "select id from t");
    const PlpgsqlBody two =
        read("declare r record; begin select id from t into r; for r in select name from t loop null; end loop; end");
    EXPECT_EQ(variable(two, "r")->query, "");
    const PlpgsqlBody assigned = read("declare r record; begin for r in select id from t loop r := null; end loop; end");
    EXPECT_EQ(variable(assigned, "r")->query, "");
}

TEST(PlpgsqlBody, CountsDynamicStatements) {
    EXPECT_EQ(read("begin execute 'select 1'; end").dynamic, 1u);
    EXPECT_EQ(read("begin perform 1; end").dynamic, 0u);
}

TEST(PlpgsqlBody, KnowsWhatNamesMean) {
    EXPECT_TRUE(read("#variable_conflict use_column\nbegin perform 1; end").prefers_columns);
    EXPECT_FALSE(read("begin perform 1; end").prefers_columns);
    EXPECT_EQ(read("<<outer_block>> begin perform 1; end").labels, std::vector<Bytes>{"outer_block"});
}

TEST(PlpgsqlBody, RefusesWhatIsNone) {
    EXPECT_FALSE(plpgsql_body("select 1"));
    EXPECT_FALSE(plpgsql_body("create function f() returns void language plpgsql as $$ begin oops $$"));
}

TEST(FunctionOfDoBlock, TakesPlpgsqlOnly) {
    EXPECT_TRUE(plpgsql_body(function_of_do_block("do $$ begin perform 1; end $$").value()));
    EXPECT_TRUE(function_of_do_block("DO LANGUAGE plpgsql $x$ begin end $x$"));
    EXPECT_FALSE(function_of_do_block("do language plpython3u $$ pass $$"));
    EXPECT_FALSE(function_of_do_block("select 1"));
}

Bytes typed(BytesView sql) {
    const auto found = with_typed_variables(
        sql,
        [](const NameReference& reference) -> std::optional<Stand> {
            if (reference.names[0] == "v") return Stand{"(null::int)", 1, false};
            if (reference.names[0] == "r") return Stand{"(null::t)", 1, false};
            if (reference.names[0] == "lost") return Stand{{}, 0, true};
            return std::nullopt;
        },
        [](std::uint32_t number) { return number == 1 ? std::optional<Bytes>("(null::text)") : std::nullopt; });
    return found.value_or("nothing");
}

TEST(TypedVariables, StandInPlaceOfReferences) {
    EXPECT_EQ(typed("select a from t where id = v and b = 'v'"), "select a from t where id = (null::int) and b = 'v'");
    EXPECT_EQ(typed("insert into t (v) values (r.*, $1)"), "insert into t (v) values ((null::t).*, (null::text))");
    EXPECT_EQ(typed("select v.x, V from t as v2"), "select (null::int).x, (null::int) from t as v2");
}

TEST(TypedVariables, AreNothingWhereATypeIsNotKnown) {
    EXPECT_EQ(typed("select lost"), "nothing");
    EXPECT_EQ(typed("select $2"), "nothing");
    EXPECT_EQ(typed("select from from"), "nothing");
}

}  // namespace
}  // namespace understudy::sql
