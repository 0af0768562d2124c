#include <gtest/gtest.h>

#include "tests/unit/schema/check/predict/scene.hpp"

namespace understudy::schema {
namespace {

using Words = std::vector<std::string>;

/// The role of the recorded statements could do everything, and may not be assumed.
struct PrivilegeScene : PredictScene {
    PrivilegeScene() {
        const RolePrivileges all{{"*"}, {"*"}, {"*"}, {"*"}};
        before.relations[{"public", "orders"}].privileges["app"] = all;
        orders().privileges["app"] = all;
    }
    RolePrivileges& now() { return orders().privileges["app"]; }
};

TEST(PredictPrivileges, NothingLostNothingTold) {
    PrivilegeScene scene;
    scene.records("select * from orders");
    EXPECT_EQ(scene.predicted(), Words());
}

TEST(PredictPrivileges, EachStatementNeedsItsOwn) {
    PrivilegeScene scene;
    scene.now().update.clear();
    scene.records("select * from orders");
    scene.records("insert into orders (code) values ('x')");
    EXPECT_EQ(scene.predicted(), Words());
    scene.records("update orders set code = 'x'");
    EXPECT_EQ(scene.predicted(), Words{"privilege 42501"});
    scene.records("select * from orders for update");
    EXPECT_EQ(scene.predicted().size(), 2U);
}

TEST(PredictPrivileges, AWhereReads) {
    PrivilegeScene scene;
    scene.now().select.clear();
    scene.records("delete from orders");
    EXPECT_EQ(scene.predicted(), Words());
    scene.records("delete from orders where id = 1");
    EXPECT_EQ(scene.predicted(), Words{"privilege 42501"});
}

TEST(PredictPrivileges, SomeColumnsAreLeft) {
    PrivilegeScene scene;
    scene.now().select = {"id", "code"};
    scene.now().insert = {"code"};
    scene.records("insert into orders (code) values ('x')");
    EXPECT_EQ(scene.predicted(), Words());
    scene.records("insert into orders (code, amount) values ('x', 1)");
    EXPECT_EQ(scene.predicted(), Words{"privilege 42501"});
    scene.records("select amount from orders");
    EXPECT_EQ(scene.predicted(), (Words{"privilege 42501", "privilege 42501"}));
    scene.records("select * from orders");
    EXPECT_EQ(scene.predicted().back(), "privilege 42501?");
}

TEST(PredictPrivileges, OthersAreNotMeant) {
    PrivilegeScene scene;
    scene.now().select.clear();
    scene.records("select * from orders").user = "worker";
    EXPECT_EQ(scene.predicted(), Words());
}

TEST(PredictPrivileges, AFunctionThatMayNotBeCalled) {
    PrivilegeScene scene;
    scene.after.forbidden_functions.insert({"app", {"public", "total"}});
    scene.records("select total(1)");
    scene.records("select other(1)");
    EXPECT_EQ(scene.predicted(), Words{"privilege 42501"});
    scene.before.forbidden_functions = scene.after.forbidden_functions;
    EXPECT_EQ(scene.predicted(), Words());
}

}  // namespace
}  // namespace understudy::schema
