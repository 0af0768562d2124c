#include "core/catalog/read_volatility.hpp"

#include <gtest/gtest.h>

#include "tests/support/throwaway_cluster.hpp"

namespace understudy::catalog {
namespace {

TEST(ReadVolatility, TellsFunctionsApartAndTakesTheWorstOfEqualNames) {
    auto& cluster = testing::ThrowawayCluster::shared();
    const std::string database = cluster.create_database();
    cluster.psql(
        "create schema billing;"
        "create function calm(a int) returns int stable language sql as 'select 1';"
        "create function wild(a int) returns int volatile language sql as 'select 1';"
        "create function mixed(a int) returns int immutable language sql as 'select 1';"
        "create function mixed(a text) returns int volatile language sql as 'select 1';"
        "create function billing.calm(a int) returns int volatile language sql as 'select 1';"
        "create function \"Loud\"() returns int volatile language sql as 'select 1';",
        database);
    const FunctionVolatility functions = read_volatility(cluster.conninfo(database)).value();
    EXPECT_EQ(functions.of("lower"), Volatility::settled);
    EXPECT_EQ(functions.of("pg_catalog.now"), Volatility::settled);
    EXPECT_EQ(functions.of("nextval"), Volatility::built_in_volatile);
    EXPECT_EQ(functions.of("pg_advisory_lock"), Volatility::built_in_volatile);
    EXPECT_EQ(functions.of("public.calm"), Volatility::settled);
    EXPECT_EQ(functions.of("billing.calm"), Volatility::user_volatile);
    EXPECT_EQ(functions.of("calm"), Volatility::user_volatile) << "the worst of both schemas";
    EXPECT_EQ(functions.of("wild"), Volatility::user_volatile);
    EXPECT_EQ(functions.of("mixed"), Volatility::user_volatile);
    EXPECT_EQ(functions.of("loud"), Volatility::user_volatile);
    EXPECT_EQ(functions.of("nobody"), Volatility::unknown);
}

}  // namespace
}  // namespace understudy::catalog
