#include <gtest/gtest.h>

#include "tests/unit/schema/check/predict/scene.hpp"

namespace understudy::schema {
namespace {

using Words = std::vector<std::string>;

ConstraintFacts check_of_amount() {
    ConstraintFacts check = PredictScene::key('c', {"amount"}, "CHECK ((amount > 0))");
    check.expression = "(amount > 0)";
    return check;
}

ConstraintFacts foreign_key(char on_delete) {
    ConstraintFacts key = PredictScene::key('f', {"customer"}, "FOREIGN KEY (customer) REFERENCES customers(id)");
    key.referenced_schema = "public";
    key.referenced = "customers";
    key.referenced_columns = {"id"};
    key.on_delete = on_delete;
    key.on_update = 'a';
    return key;
}

TEST(PredictConstraints, ANewUniqueKeyThatRecordedRowsBreak) {
    PredictScene scene;
    scene.orders().constraints["once"] = PredictScene::key('u', {"code"}, "UNIQUE (code)");
    scene.records("insert into orders (customer, code) values (1, 'x'), (2, 'x')");
    EXPECT_EQ(scene.predicted(), Words{"constraint_added 23505"});
}

TEST(PredictConstraints, ANewUniqueKeyThatRowsMayBreak) {
    PredictScene scene;
    scene.orders().constraints["once"] = PredictScene::key('u', {"code"}, "UNIQUE (code)");
    scene.records("insert into orders (customer, code) values (1, 'x')");
    EXPECT_EQ(scene.predicted(), Words{"constraint_added 23505?"});
}

TEST(PredictConstraints, ANewUniqueKeyThatNullsBreak) {
    PredictScene scene;
    scene.orders().constraints["once"] = PredictScene::key('u', {"code"}, "UNIQUE NULLS NOT DISTINCT (code)");
    scene.records("insert into orders (customer, code) values (1, null)");
    scene.records("insert into orders (customer) values (1)");
    scene.records("update orders set amount = 1 where id = 1");
    EXPECT_EQ(scene.predicted(), (Words{"constraint_added 23505?", "constraint_added 23505?"}));
}

TEST(PredictConstraints, AUniqueKeyOfTheSameColumnsThatDemandsMore) {
    PredictScene scene;
    auto& before = scene.before.relations[{"public", "orders"}].constraints;
    before["once"] = PredictScene::key('u', {"code"}, "UNIQUE (code)");
    scene.orders().constraints = before;
    scene.orders().constraints["any_case"] = PredictScene::key('u', {"code"}, "UNIQUE (lower(code))");
    scene.records("insert into orders (customer, code) values (1, 'x')");
    EXPECT_EQ(scene.predicted(), Words{"constraint_added 23505?"});
    scene.orders().constraints.erase("any_case");
    scene.orders().constraints["once"] = PredictScene::key('u', {"code"}, "UNIQUE NULLS NOT DISTINCT (code)");
    EXPECT_EQ(scene.predicted(), (Words{"constraint_added 23505?", "constraint_removed?"}));
    scene.orders().constraints["once"] = PredictScene::key('u', {"code"}, "UNIQUE (code) INCLUDE (amount)");
    EXPECT_TRUE(scene.predicted().empty()) << "what it includes is no demand";
}

TEST(PredictConstraints, ANewCheckOnWhatIsWritten) {
    PredictScene scene;
    scene.orders().constraints["positive"] = check_of_amount();
    scene.records("update orders set amount = 1 where id = 1");
    scene.records("update orders set code = 'x' where id = 1");
    EXPECT_EQ(scene.predicted(), Words{"constraint_added 23514?"});
}

TEST(PredictConstraints, ANewCheckThatOldRowsMayBreak) {
    PredictScene scene;
    scene.orders().constraints["positive"] = check_of_amount();
    scene.orders().constraints["positive"].definition += " NOT VALID";
    scene.records("update orders set code = 'x' where id = 1");
    EXPECT_EQ(scene.predicted(), Words{"constraint_not_valid 23514?"});
}

TEST(PredictConstraints, OneThatIsGone) {
    PredictScene scene;
    scene.before.relations[{"public", "orders"}].constraints["once"] = PredictScene::key('u', {"code"}, "UNIQUE (code)");
    scene.records("insert into orders (code) values ('x')", "23505");
    EXPECT_EQ(scene.predicted(), Words{"constraint_removed"});
    scene.recorded.statements[0].recorded_errors.clear();
    EXPECT_EQ(scene.predicted(), Words{"constraint_removed?"});
}

TEST(PredictConstraints, OneOfAnotherName) {
    PredictScene scene;
    scene.before.relations[{"public", "orders"}].constraints["once"] = PredictScene::key('u', {"code"}, "UNIQUE (code)");
    scene.orders().constraints["one_of_each"] = PredictScene::key('u', {"code"}, "UNIQUE (code)");
    scene.records("insert into orders (code) values ('x')", "23505");
    EXPECT_EQ(scene.predicted(), Words{"constraint_renamed 23505"});
    scene.recorded.statements[0].recorded_errors.clear();
    EXPECT_EQ(scene.predicted(), Words());
}

TEST(PredictConstraints, AnotherActionOfAForeignKey) {
    PredictScene scene;
    scene.before.relations[{"public", "orders"}].constraints["of"] = foreign_key('c');
    scene.orders().constraints["of"] = foreign_key('a');
    scene.records("delete from customers where id = 1");
    scene.records("select 1 from customers");
    EXPECT_EQ(scene.predicted(), Words{"cascade_changed 23503"});
}

TEST(PredictConstraints, ANewForeignKeyThatPointsHere) {
    PredictScene scene;
    scene.orders().constraints["of"] = foreign_key('a');
    scene.records("delete from customers where id = 1");
    EXPECT_EQ(scene.predicted(), Words{"constraint_added 23503?"});
}

TEST(PredictConstraints, ADomainThatDemandsMore) {
    PredictScene scene;
    for (SchemaFacts* facts : {&scene.before, &scene.after}) {
        facts->relations[{"public", "orders"}].columns[2].type = "public.short";
        facts->domains[{"public", "short"}] = "CHECK (length(VALUE) < 9)";
    }
    scene.after.domains[{"public", "short"}] = "CHECK (length(VALUE) < 5)";
    scene.records("insert into orders (code) values ('x')");
    EXPECT_EQ(scene.predicted(), Words{"constraint_added 23514?"});
}

}  // namespace
}  // namespace understudy::schema
