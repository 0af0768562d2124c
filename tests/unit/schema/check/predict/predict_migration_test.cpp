#include <gtest/gtest.h>

#include "tests/unit/schema/check/predict/scene.hpp"

namespace understudy::schema {
namespace {

using Words = std::vector<std::string>;

Words after(std::initializer_list<const char*> migration, const char* statement) {
    PredictScene scene;
    for (const char* sql : migration) scene.migration.push_back({sql, "V1.sql:1"});
    scene.records(statement);
    return scene.predicted();
}

TEST(PredictMigration, OtherValuesForThoseWhoReadThem) {
    EXPECT_EQ(after({"update orders set code = ''"}, "select code from orders"), Words{"data_changed?"});
    EXPECT_EQ(after({"update public.orders set code = ''"}, "select * from orders"), Words{"data_changed?"});
    EXPECT_EQ(after({"update other.orders set code = ''"}, "select code from orders"), Words());
    EXPECT_EQ(after({"update orders set code = ''"}, "select amount from orders"), Words());
    EXPECT_EQ(after({"update orders set code = ''"}, "insert into orders (code) values ('x')"), Words());
}

TEST(PredictMigration, ANewColumnThatIsFilledIsNoChange) {
    EXPECT_EQ(after({"alter table orders add column seen boolean", "update orders set seen = true"}, "select * from orders"),
              Words());
}

TEST(PredictMigration, OtherRows) {
    EXPECT_EQ(after({"delete from orders where id = 1"}, "select amount from orders"), Words{"data_changed?"});
    EXPECT_EQ(after({"insert into orders select * from old"}, "select amount from orders"), Words{"data_changed?"});
}

TEST(PredictMigration, AColumnThatIsDroppedAndAddedAgain) {
    EXPECT_EQ(after({"alter table orders drop column code, add column code text"}, "select code from orders"),
              Words{"column_emptied"});
    EXPECT_EQ(after({"alter table orders drop column code", "alter table orders add column code text",
                     "update orders set code = id::text"},
                    "select code from orders"),
              Words{"data_changed?"});
    EXPECT_EQ(after({"alter table orders add column code text"}, "select code from orders"), Words());
}

TEST(PredictMigration, ATypeThatIsConvertedByAnExpression) {
    EXPECT_EQ(after({"alter table orders alter column code type varchar(3) using substr(code, 1, 3)"},
                    "select code from orders"),
              Words{"data_changed?"});
    EXPECT_EQ(after({"alter table orders alter column code type varchar(3) using code::varchar(3)"},
                    "select code from orders"),
              Words());
}

TEST(PredictMigration, NumbersThatBeginAgain) {
    EXPECT_EQ(after({"alter table orders alter column id restart with 1"}, "insert into orders (code) values ('x')"),
              Words{"sequence_restarted 23505?"});
    EXPECT_EQ(after({"alter table orders alter column id restart with 1"}, "insert into orders (id) values (1)"), Words());
}

}  // namespace
}  // namespace understudy::schema
