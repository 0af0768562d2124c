#include <gtest/gtest.h>

#include "tests/unit/schema/check/predict/scene.hpp"

namespace understudy::schema {
namespace {

using Words = std::vector<std::string>;

TriggerFacts trigger(bool before) {
    TriggerFacts facts;
    facts.definition = "CREATE TRIGGER BEFORE INSERT ON orders EXECUTE FUNCTION f()";
    facts.function = "f";
    facts.source = "begin return new; end";
    facts.before = before;
    facts.events = {'i'};
    return facts;
}

TEST(PredictBehaviour, ANewTriggerBeforeTheRow) {
    PredictScene scene;
    scene.orders().triggers["t"] = trigger(true);
    scene.records("insert into orders (code) values ('x')");
    scene.records("update orders set code = 'x'");
    EXPECT_EQ(scene.predicted(), Words{"trigger"});
}

TEST(PredictBehaviour, ANewTriggerAfterTheRowIsPossible) {
    PredictScene scene;
    scene.orders().triggers["t"] = trigger(false);
    scene.records("insert into orders (code) values ('x')");
    EXPECT_EQ(scene.predicted(), Words{"trigger?"});
}

TEST(PredictBehaviour, ATriggerThatIsSwitchedOffOrDoesSomethingElse) {
    PredictScene scene;
    scene.before.relations[{"public", "orders"}].triggers["t"] = trigger(true);
    scene.orders().triggers["t"] = trigger(true);
    scene.records("insert into orders (code) values ('x')");
    EXPECT_EQ(scene.predicted(), Words());
    scene.orders().triggers["t"].source = "begin return null; end";
    EXPECT_EQ(scene.predicted(), Words{"trigger"});
    scene.orders().triggers["t"].enabled = false;
    EXPECT_EQ(scene.predicted(), Words{"trigger"});
}

TEST(PredictBehaviour, ARule) {
    PredictScene scene;
    scene.orders().rules["r"] = "CREATE RULE r AS ON DELETE TO orders DO INSTEAD NOTHING";
    scene.records("delete from orders where id = 1");
    scene.records("insert into orders (code) values ('x')");
    EXPECT_EQ(scene.predicted(), Words{"rule"});
}

TEST(PredictBehaviour, AViewOfOtherRows) {
    PredictScene scene;
    for (SchemaFacts* facts : {&scene.before, &scene.after}) {
        RelationFacts& view = facts->relations[{"public", "recent"}];
        view.kind = 'v';
        view.columns = {PredictScene::column("id", "integer")};
        view.query = " SELECT orders.id\n   FROM orders;";
    }
    scene.records("select id from recent");
    EXPECT_EQ(scene.predicted(), Words());
    scene.after.relations[{"public", "recent"}].query = " SELECT orders.id\n   FROM orders\n  WHERE (orders.id > 9);";
    EXPECT_EQ(scene.predicted(), Words{"view_changed"});
}

TEST(PredictBehaviour, AViewThatChecksWhatIsWritten) {
    PredictScene scene;
    for (SchemaFacts* facts : {&scene.before, &scene.after}) {
        RelationFacts& view = facts->relations[{"public", "recent"}];
        view.kind = 'v';
        view.columns = {PredictScene::column("id", "integer")};
    }
    scene.after.relations[{"public", "recent"}].options = "check_option=cascaded";
    scene.records("insert into recent (id) values (1)");
    scene.records("select id from recent");
    EXPECT_EQ(scene.predicted(), Words{"check_option 44000?"});
}

TEST(PredictBehaviour, ATableThatBecomesPartitioned) {
    PredictScene scene;
    scene.orders().kind = 'p';
    scene.orders().partition_key = "RANGE (id)";
    scene.records("insert into orders (code) values ('x')");
    scene.records("select id from orders");
    EXPECT_EQ(scene.predicted(), Words{"partitioned 23514"});
}

TEST(PredictBehaviour, RowSecurityWithoutAPolicy) {
    PredictScene scene;
    scene.orders().row_security = true;
    scene.records("insert into orders (code) values ('x')");
    scene.records("select id from orders");
    EXPECT_EQ(scene.predicted(), (Words{"row_security 42501", "row_security"}));
    scene.after.unbound_roles.insert("app");
    EXPECT_EQ(scene.predicted(), Words());
}

TEST(PredictBehaviour, ASequenceWithoutTheRightToIt) {
    PredictScene scene;
    for (SchemaFacts* facts : {&scene.before, &scene.after}) facts->sequences[{"public", "orders_id_seq"}] = "minimum 1";
    scene.before.sequence_users.insert({"app", {"public", "orders_id_seq"}});
    scene.records("insert into orders (code) values ('x')");
    EXPECT_EQ(scene.predicted(), Words{"sequence_privilege 42501"});
    scene.after.sequence_users = scene.before.sequence_users;
    scene.after.sequences[{"public", "orders_id_seq"}] = "minimum 1, maximum 9";
    EXPECT_EQ(scene.predicted(), Words{"sequence_limits 2200H"});
}

TEST(PredictBehaviour, AnIndexThatFoundTheRows) {
    PredictScene scene;
    scene.before.relations[{"public", "orders"}].indexes = {{"by_customer", "customer"}, {"orders_pkey", "id"}};
    scene.orders().indexes = {{"orders_pkey", "id"}};
    scene.records("select id from orders where customer = 1");
    scene.records("select id from orders where id = 1");
    EXPECT_EQ(scene.predicted(), Words{"index_dropped?"});
    scene.orders().indexes["another"] = "customer";
    EXPECT_EQ(scene.predicted(), Words());
}

TEST(PredictBehaviour, FunctionsAndSettings) {
    PredictScene scene;
    scene.before.functions[{"public", "f"}] = {{"integer", "one"}};
    scene.after.functions[{"public", "f"}] = {{"integer", "another"}};
    scene.after.functions[{"public", "g"}] = {{"integer", "one"}};
    scene.after.settings[{"app", "statement_timeout"}] = "1s";
    scene.after.settings[{"other", "statement_timeout"}] = "1s";
    scene.records("select f(1), g(2)");
    EXPECT_EQ(scene.predicted(), (Words{"function_changed", "function_added", "setting"}));
}

TEST(PredictBehaviour, ATableEarlierInTheSearchPath) {
    PredictScene scene;
    scene.after.relations[{"app", "orders"}] = scene.orders();
    scene.records("select id from orders");
    EXPECT_EQ(scene.predicted(), Words());  // the path is public
}

}  // namespace
}  // namespace understudy::schema
