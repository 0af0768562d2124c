#include "core/catalog/conninfo_parts.hpp"

#include <gtest/gtest.h>

namespace understudy::catalog {
namespace {

std::string url(const std::string& conninfo, const std::string& database = "") {
    const auto parts = conninfo_with_database(conninfo, database);
    return parts ? parts->url : parts.error().message;
}

TEST(ConninfoParts, TheUrlSaysTheSame) {
    EXPECT_EQ(url("host=db port=5433 user=app password='a b/@' dbname=shop"),
              "postgresql://app:a%20b%2F%40@db:5433/shop");
    EXPECT_EQ(url("postgresql://app:x@db/shop?sslmode=require", "copy"), "postgresql://app:x@db/copy?sslmode=require");
    EXPECT_EQ(url("host=/var/run/postgresql port=5433 dbname=shop"),
              "postgresql:///shop?host=%2Fvar%2Frun%2Fpostgresql&port=5433");
    EXPECT_EQ(url("host=a,b port=1,2 dbname=shop"), "postgresql:///shop?host=a%2Cb&port=1%2C2");
    EXPECT_EQ(url("dbname=shop password=x"), "postgresql:///shop?password=x");
    EXPECT_EQ(url("host=::1 dbname=shop"), "postgresql:///shop?host=%3A%3A1");
}

TEST(ConninfoParts, TheUrlIsReadBackAsItWas) {
    for (const char* conninfo :
         {"host='/a b' port='1' user='x y' password='p\\'\\\\q%' dbname='s&?=#'", "dbname='ä'"}) {
        const auto first = conninfo_with_database(conninfo, "");
        ASSERT_TRUE(first);
        const auto again = conninfo_with_database(first->url, "");
        ASSERT_TRUE(again) << first->url;
        EXPECT_EQ(again->password, first->password);
        EXPECT_EQ(again->database, first->database);
        EXPECT_EQ(again->url, first->url);
    }
}

}  // namespace
}  // namespace understudy::catalog
