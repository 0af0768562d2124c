#include "schema/check/predict/written_values.hpp"

#include <gtest/gtest.h>

#include "tests/unit/schema/check/predict/touching.hpp"

namespace understudy::schema {
namespace {

using Kind = WrittenValue::Kind;

TEST(WrittenValues, OfEachTuple) {
    const auto rows = Touching("insert into t (code, id) values (-7, default), ('a,(b'::text, null), (f(1, 2), $1)").rows();
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].at("code"), (WrittenValue{Kind::value, "-7"}));
    EXPECT_EQ(rows[0].at("id").kind, Kind::fallback);
    EXPECT_EQ(rows[1].at("code"), (WrittenValue{Kind::value, "a,(b"}));
    EXPECT_EQ(rows[1].at("id").kind, Kind::null);
    EXPECT_EQ(rows[2].at("code").kind, Kind::unknown);
    EXPECT_EQ(rows[2].at("id").kind, Kind::unknown) << "a parameter whose value was not kept";
}

TEST(WrittenValues, ByPositionWithoutAList) {
    const auto rows = Touching("insert into t values (1)").rows();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].at("id"), (WrittenValue{Kind::value, "1"}));
    EXPECT_EQ(rows[0].at("code").kind, Kind::fallback);
}

TEST(WrittenValues, OfAssignments) {
    const auto rows = Touching("update t set code = null, id = id + 1 where code = 5").rows();
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].at("code").kind, Kind::null);
    EXPECT_EQ(rows[0].at("id").kind, Kind::unknown);
}

TEST(WrittenValues, OfAnotherTablesRowsNothing) {
    EXPECT_TRUE(Touching("insert into t (id) select id from u").rows().empty());
}

}  // namespace
}  // namespace understudy::schema
