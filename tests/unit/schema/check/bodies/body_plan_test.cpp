#include "schema/check/bodies/body_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/check/bodies/predict_bodies.hpp"
#include "schema/check/relevant_names.hpp"

namespace understudy::schema {
namespace {

using ::testing::HasSubstr;
using Texts = std::vector<Bytes>;

/// Tables orders and audit, and routines on them.
class Bodies : public ::testing::Test {
protected:
    Bodies() {
        for (const char* table : {"orders", "audit"}) {
            RelationFacts& relation = before_.relations[{"public", table}];
            for (const char* name : {"id", "note"}) relation.columns.emplace_back().name = name;
        }
        after_ = before_;
    }

    void add(const Bytes& name, const Bytes& body, const Bytes& language = "plpgsql",
             const std::vector<Routine::Argument>& arguments = {}) {
        Routine& routine = routines_.all.emplace_back();
        routine.schema = "public";
        routine.name = name;
        routine.signature = "public." + name + "()";
        routine.language = language;
        routine.validator = "validator";
        Bytes list;
        for (const auto& argument : arguments) list += (list.empty() ? "" : ", ") + argument.name + " " + argument.type;
        routine.of_triggers = name.starts_with("on_");
        routine.definition = "create function public." + name + "(" + list + ") returns " +
                             (routine.of_triggers ? "trigger" : "int") + " language " + language + " as $x$" + body + "$x$";
        routine.arguments = arguments;
        routine.least_arguments = routine.most_arguments = arguments.size();
        routines_.by_name[{"public", name}].push_back(routines_.all.size() - 1);
        routines_.by_signature[routine.signature] = routines_.all.size() - 1;
    }
    void records(const char* sql) {
        RecordedStatement& statement = recorded_.statements.emplace_back();
        statement.sql = sql;
        statement.user = "app";
    }
    BodyPlan plan() {
        items_ = make_plan(recorded_);
        const auto accesses = relevant_accesses(recorded_, items_, relevant_names(before_, after_, routines_, {}));
        return plan_bodies(recorded_, items_, Texts(items_.items.size(), "public"), accesses, routines_, after_);
    }
    /// Texts that are asked about for recorded statements, validators left out.
    Texts asked() {
        const BodyPlan bodies = plan();
        Texts texts;
        for (const auto& [item, questions] : bodies.of_items) {
            for (const auto& [i, sure] : questions) {
                if (!bodies.questions[i].whole) texts.push_back(bodies.statements.statements[i].sql);
            }
        }
        return texts;
    }
    /// What is predicted when the candidate refuses every text that holds `word`.
    std::vector<Prediction> refusing(BytesView word) {
        const BodyPlan bodies = plan();
        ServerAnswers baseline;
        baseline.descriptions.resize(bodies.plan.items.size());
        baseline.plans.resize(bodies.plan.items.size());
        baseline.paths.assign(bodies.plan.items.size(), "public");
        ServerAnswers candidate = baseline;
        for (std::size_t i = 0; i < bodies.plan.items.size(); ++i) {
            if (bodies.plan.items[i].sql.find(word) == Bytes::npos) continue;
            candidate.descriptions[i].refusal = Refusal{"42703", "no such column", {}, 0};
        }
        check_ = {};
        return predict_bodies(bodies, routines_, baseline, candidate, before_, after_, check_);
    }

    SchemaFacts before_;
    SchemaFacts after_;
    Routines routines_;
    RecordedStatements recorded_;
    CheckPlan items_;
    BodyCheck check_;
};

TEST_F(Bodies, OfACalledFunction) {
    add("owed", "begin return (select id from orders where id = who); end", "plpgsql", {{"who", "integer"}});
    records("select owed(1)");
    EXPECT_EQ(asked(), Texts{"(select id from orders where id = (null::integer))"});
    const auto found = refusing("orders");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].item, 0U);
    EXPECT_EQ(found[0].kind, "function_body");
    EXPECT_EQ(found[0].certainty, Certainty::likely);
    EXPECT_THAT(found[0].reason, HasSubstr("line 1 of owed() fails: no such column"));
}

TEST_F(Bodies, OfATrigger) {
    add("on_order", "begin if new.id > 0 then insert into audit values (new.id, old.note, tg_op); end if; return new; end");
    routines_.triggers[{"public", "orders"}].push_back({"trig", "public.on_order()", {'u'}, {"note"}});
    records("update orders set note = 'x'");
    records("update orders set id = 1");
    records("insert into orders values (1)");
    EXPECT_EQ(asked(), (Texts{"select ((null::\"public\".\"orders\").\"id\") > 0",
                              "insert into audit values (((null::\"public\".\"orders\").\"id\"), "
                              "((null::\"public\".\"orders\").\"note\"), (null::text))",
                              "select (null::\"public\".\"orders\")"}));
    const auto found = refusing("audit");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].item, 0U);
    EXPECT_THAT(found[0].reason, HasSubstr("(trigger \"trig\" of public.orders) fails where it is reached"));
}

TEST_F(Bodies, ThroughOtherBodiesAndViews) {
    add("inner_one", "begin delete from orders; end");
    add("outer_one", "begin perform inner_one(); end");
    routines_.called_by_relation[{"public", "shown"}] = {"public.outer_one()"};
    after_.relations[{"public", "shown"}].kind = 'v';
    records("select 1 from shown");
    EXPECT_EQ(asked(), (Texts{"delete from orders", "SELECT inner_one()"}));
}

TEST_F(Bodies, WithVariablesOfEachSort) {
    add("f",
        "declare a orders.id%type; b a%type; r orders%rowtype; q record; begin "
        "for q in select note as n from orders where id = a loop perform b, r.note, q.n, f.a; end loop; end");
    records("select f()");
    EXPECT_EQ(asked().at(0),
              "SELECT ((null::orders).id), ((null::orders).\"note\"), (select understudy_row.\"n\" from (select note as n from "
              "orders where id = ((null::orders).id)) understudy_row), ((null::orders).id)");
}

TEST_F(Bodies, CountsWhatCannotBeAskedAbout) {
    add("f", "declare q record; begin execute 'x' into q; perform q.n; end");
    add("g", "#variable_conflict use_column\nbegin perform 1; end");
    add("h", "begin this is none");
    add("i", "begin perform x; end", "plpgsql", {{"x", "anyelement"}});
    records("select f(), g(), h(), i(1)");
    const BodyPlan bodies = plan();
    EXPECT_EQ(bodies.skipped,
              (Reasons{{"dynamic_sql", 1}, {"untyped_variable", 2}, {"variable_conflict", 1}, {"unreadable_body", 1}}));
    EXPECT_EQ(bodies.routines, 4U);
}

TEST_F(Bodies, OfOneOfSeveralFormsOfAName) {
    add("f", "begin return (select id from orders); end", "plpgsql", {{"a", "integer"}});
    add("f", "begin return (select note from orders); end", "plpgsql", {{"a", "text"}});
    add("f", "begin return (select note from orders); end", "plpgsql", {{"a", "text"}, {"b", "text"}});
    records("select f(1)");
    const auto found = refusing("note");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].certainty, Certainty::possible);
    EXPECT_EQ(found[1].item, kNoItem) << "the form with two arguments is not called";
}

TEST_F(Bodies, ANewColumnWithAVariablesName) {
    add("f", "declare total int; begin perform id from orders where id = total; end");
    after_.relations[{"public", "orders"}].columns.emplace_back().name = "total";
    records("select f()");
    const auto found = refusing("nothing");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].sqlstate, "42702");
    before_ = after_;
    EXPECT_TRUE(refusing("nothing").empty());
}

TEST_F(Bodies, TheValidatorSpeaksWhereNoStatementDoes) {
    add("f", "select id from orders", "sql");
    records("select f()");
    const auto found = refusing("validator");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].object, "public.f()");
}

TEST_F(Bodies, WhatNobodyRunsIsPossible) {
    add("f", "begin perform id from orders; end");
    const auto found = refusing("orders");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].certainty, Certainty::possible);
    EXPECT_EQ(found[0].item, kNoItem);
}

TEST_F(Bodies, OfDoBlocks) {
    records("do $$ declare n int; begin select count(*) into n from orders; perform n; end $$");
    records("do $$ begin execute 'x'; end $$");
    const auto found = refusing("orders");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].statement, 0U);
    EXPECT_EQ(check_.checked_blocks, std::set<std::size_t>{0});
}

}  // namespace
}  // namespace understudy::schema
