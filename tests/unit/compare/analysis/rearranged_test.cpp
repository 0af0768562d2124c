#include "compare/analysis/rearranged.hpp"

#include <gtest/gtest.h>

#include "core/sql/statement_traits.hpp"
#include "tests/support/answers.hpp"

namespace understudy::compare {
namespace {

namespace oid = pgwire::type_oid;
using testing::Column;
using testing::Row;
using testing::rows;

bool is_rearranged(const Bytes& sql, const StepResult& a, const StepResult& b) {
    StatementFacts facts;
    facts.sql = sql;
    facts.traits = sql::traits(sql);
    StepDifference difference;
    difference.baseline = &a;
    difference.other = &b;
    difference.divergence.kind = DivergenceKind::value;
    return rearranged(difference, facts);
}

const std::vector<Column> kGroups{{"kind", oid::text}, {"all", oid::text}};
const std::vector<Column> kNumbered{{"id"}, {"row_number", oid::int8}};

StepResult groups(const std::vector<Row>& values, bool keep = true) { return rows(kGroups, values, keep); }

TEST(Rearranged, AggregatesThatCollectTheSameElsewise) {
    const auto a = groups({{"x", "{1,2,3}"}, {"y", "{4}"}});
    for (const char* sql : {"select kind, array_agg(id) from t group by kind", "SELECT kind, JSON_AGG(id) FROM t GROUP BY 1"}) {
        EXPECT_TRUE(is_rearranged(sql, a, groups({{"y", "{4}"}, {"x", "{3,1,2}"}})));
        EXPECT_FALSE(is_rearranged(sql, a, groups({{"x", "{1,2,3}"}, {"y", "{5}"}}))) << "another element";
        EXPECT_FALSE(is_rearranged(sql, a, groups({{"x", "{1,2}"}, {"y", "{4,3}"}}))) << "in another group";
        EXPECT_FALSE(is_rearranged(sql, a, groups({{"x", "{3,1,2}"}}))) << "a row less";
        EXPECT_FALSE(is_rearranged(sql, groups({{"x", "{1,2}"}}, false), groups({{"x", "{2,1}"}}, false))) << "rows not kept";
    }
}

TEST(Rearranged, NotWhereAnOrderIsAskedForAnywhere) {
    const auto a = groups({{"x", "{1,2}"}});
    const auto b = groups({{"x", "{2,1}"}});
    EXPECT_FALSE(is_rearranged("select kind, array_agg(id order by id) from t group by 1", a, b));
    EXPECT_FALSE(is_rearranged("select array_agg(id) from (select id from t Order  By id) s", a, b));
    EXPECT_FALSE(is_rearranged("select kind, max(id) from t group by 1", a, b));
    EXPECT_TRUE(is_rearranged("select kind, array_agg(id) from t where note = 'order by' group by 1", a, b));
}

TEST(Rearranged, RowsNumberedAsTheyCome) {
    const Bytes sql = "select id, row_number() over () from t";
    const auto a = rows(kNumbered, {{"7", "1"}, {"8", "2"}});
    EXPECT_TRUE(is_rearranged(sql, a, rows(kNumbered, {{"8", "1"}, {"7", "2"}})));
    EXPECT_FALSE(is_rearranged(sql, a, rows(kNumbered, {{"9", "1"}, {"7", "2"}})));
    const auto b = rows(kNumbered, {{"8", "1"}, {"7", "2"}});
    EXPECT_FALSE(is_rearranged("select id, row_number() over (order by id) from t", a, b));
}

}  // namespace
}  // namespace understudy::compare
