#include <gtest/gtest.h>

#include "tests/unit/schema/check/predict/scene.hpp"

namespace understudy::schema {
namespace {

using Words = std::vector<std::string>;

TEST(PredictColumns, NothingWithoutAChange) {
    PredictScene scene;
    scene.records("insert into orders (customer, code) values (1, 'x')");
    scene.records("select * from orders where id = 1");
    EXPECT_EQ(scene.predicted(), Words());
}

TEST(PredictColumns, NotNullThatAnInsertLeavesOut) {
    PredictScene scene;
    scene.orders().columns[3].not_null = true;
    scene.records("insert into orders (customer) values (1)");
    EXPECT_EQ(scene.predicted(), Words{"not_null 23502"});
}

TEST(PredictColumns, NotNullThatGetsNull) {
    PredictScene scene;
    scene.orders().columns[3].not_null = true;
    scene.records("update orders set amount = null where id = 1");
    EXPECT_EQ(scene.predicted(), Words{"not_null 23502"});
}

TEST(PredictColumns, NotNullThatGetsSomethingUnknown) {
    PredictScene scene;
    scene.orders().columns[3].not_null = true;
    scene.records("update orders set amount = coalesce(amount, 0) where id = 1");
    EXPECT_EQ(scene.predicted(), Words{"not_null 23502?"});
}

TEST(PredictColumns, NotNullThatGetsAValueIsSilent) {
    PredictScene scene;
    scene.orders().columns[3].not_null = true;
    scene.records("update orders set amount = 5 where id = 1");
    scene.records("insert into orders (amount) values (5)");
    EXPECT_EQ(scene.predicted(), Words());
}

TEST(PredictColumns, NotNullThatIsGone) {
    PredictScene scene;
    scene.before.relations[{"public", "orders"}].columns[1].not_null = true;
    scene.records("insert into orders (customer) values (null)", "23502");
    EXPECT_EQ(scene.predicted(), Words{"not_null_removed"});
    scene.recorded.statements[0].recorded_errors.clear();
    EXPECT_EQ(scene.predicted(), Words());
}

TEST(PredictColumns, AnotherDefault) {
    PredictScene scene;
    scene.orders().columns[2].default_text = "'new'::text";
    scene.records("insert into orders (customer) values (1)");
    scene.records("insert into orders (customer, code) values (1, 'x')");
    EXPECT_EQ(scene.predicted(), Words{"default_changed"});
}

TEST(PredictColumns, ANarrowerTypeBehindAnExpression) {
    PredictScene scene;
    scene.orders().columns[2] = PredictScene::column("code", "character varying");
    scene.orders().columns[2].full_type = "character varying(5)";
    scene.records("update orders set code = code || 'x' where id = 1");
    EXPECT_EQ(scene.predicted(), Words{"narrower_type 22001?"});
}

TEST(PredictColumns, ValuesThatAreRounded) {
    PredictScene scene;
    scene.orders().columns[3].full_type = "numeric(10,2)";
    scene.records("insert into orders (amount) values (1.005)");
    EXPECT_EQ(scene.predicted(), Words{"rounded"});
}

TEST(PredictColumns, AnotherTypeThatIsCompared) {
    PredictScene scene;
    scene.orders().columns[2] = PredictScene::column("code", "character");
    scene.records("select id from orders where code = 'x'");
    scene.records("select id from orders");
    EXPECT_EQ(scene.predicted(), Words{"type_changed"});
}

struct Copied {
    const char* sql;
    const char* from;
    const char* to;
    Words predicted;
};

TEST(PredictColumns, CopyIntoAColumnOfAnotherType) {
    const Copied all[] = {
        {"copy orders (id, code) from stdin", "text", "integer", {"copy_input 22P02?"}},
        {"copy orders from stdin with (format csv)", "text", "integer", {"copy_input 22P02?"}},
        {"copy orders (id) from stdin", "text", "integer", {}},
        {"copy orders from stdin", "boolean", "integer", {"copy_input 22P02"}},
        {"copy orders from stdin", "time without time zone", "date", {"copy_input 22007"}},
        {"copy orders from stdin", "timestamp with time zone", "date", {"type_changed"}},
        {"copy orders from stdin", "integer", "bigint", {}},
        {"copy orders from stdin", "bigint", "integer", {"narrower_type 22003?"}},
        {"copy orders from stdin (format binary)", "integer", "bigint", {"copy_input 22P03"}},
        {"copy orders from stdin", "text", "public.state", {"copy_input 22P02?"}},
        {"copy orders to stdout", "text", "integer", {}},
    };
    for (const Copied& one : all) {
        PredictScene scene;
        scene.before.relations[{"public", "orders"}].columns[2] = PredictScene::column("code", one.from);
        scene.orders().columns[2] = PredictScene::column("code", one.to);
        scene.records(one.sql);
        EXPECT_EQ(scene.predicted(), one.predicted) << one.sql << " " << one.from << " -> " << one.to;
    }
}

TEST(PredictColumns, CopyIntoAShorterColumn) {
    PredictScene scene;
    scene.before.relations[{"public", "orders"}].columns[2] = PredictScene::column("code", "character varying");
    scene.before.relations[{"public", "orders"}].columns[2].full_type = "character varying(50)";
    scene.orders().columns[2] = PredictScene::column("code", "character varying");
    scene.orders().columns[2].full_type = "character varying(10)";
    scene.records("copy orders from stdin");
    EXPECT_EQ(scene.predicted(), Words{"narrower_type 22001?"});
}

TEST(PredictColumns, AnotherCollation) {
    PredictScene scene;
    scene.orders().columns[2].collation = "C";
    scene.records("select id from orders order by code");
    EXPECT_EQ(scene.predicted(), Words{"collation"});
}

TEST(PredictColumns, AColumnThatIsGoneWhereItsNameIsStillTaken) {
    PredictScene scene;
    scene.orders().columns.erase(scene.orders().columns.begin() + 2);
    scene.records("delete from customers where id in (select code::int from orders)");
    EXPECT_EQ(scene.predicted(), Words{"name_captured"});
}

TEST(PredictColumns, PositionsOfAnInsertWithoutAList) {
    PredictScene scene;
    std::swap(scene.orders().columns[1], scene.orders().columns[3]);
    scene.records("insert into orders values (1, 2, 'x', 3)");
    EXPECT_EQ(scene.predicted(), Words{"column_order"});
}

TEST(PredictColumns, ANewColumnInANaturalJoin) {
    PredictScene scene;
    scene.orders().columns.push_back(PredictScene::column("name", "text"));
    scene.records("select 1 from orders natural join customers");
    EXPECT_EQ(scene.predicted(), Words{"natural_join"});
}

TEST(PredictColumns, NothingOfATemporaryTableOfTheSameName) {
    PredictScene scene;
    scene.orders().columns[3].not_null = true;
    scene.records("insert into orders (customer) values (1)").temps = {"create temp table orders (customer int)"};
    EXPECT_EQ(scene.predicted(), Words());
}

}  // namespace
}  // namespace understudy::schema
