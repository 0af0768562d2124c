#include "core/sql/split.hpp"

#include <gtest/gtest.h>

namespace understudy::sql {
namespace {

using List = std::vector<BytesView>;

TEST(Split, SemicolonsOutsideLiteralsSeparate) {
    EXPECT_EQ(split_statements("begin; select ';', \";\", $$;$$ /* ; */ -- ;\n; commit;"),
              (List{"begin", "select ';', \";\", $$;$$ /* ; */ -- ;", "commit"}));
}

TEST(Split, EmptyStatementsAndLoneCommentsAreDropped) {
    EXPECT_EQ(split_statements(" ;; -- nothing\n ; /* no */"), List{});
    EXPECT_EQ(split_statements(""), List{});
    EXPECT_EQ(split_statements("\n select 1 ; -- done"), (List{"select 1"}));
}

TEST(Split, HintsStayWithTheirStatement) {
    EXPECT_EQ(split_statements("select 1; /*+ SeqScan(t) */ select 2"),
              (List{"select 1", "/*+ SeqScan(t) */ select 2"}));
}

TEST(Split, RulesAndAtomicBodiesAreOneStatement) {
    const BytesView rule = "create rule r as on insert to t do (select 1; select 2)";
    EXPECT_EQ(split_statements(Bytes(rule) + "; select 3").size(), 2U);
    const Bytes function = "create function f() returns int begin atomic select 1; select 2; end; select 3";
    const List parts = split_statements(function);
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[0], "create function f() returns int begin atomic select 1; select 2; end");
    EXPECT_EQ(parts[1], "select 3");
}

TEST(Split, TextTheServerRefusesIsSplitByTokens) {
    EXPECT_EQ(split_statements("bogus atomic; select 1"), (List{"bogus atomic", "select 1"}));
    EXPECT_EQ(split_statements("select ); select 1"), (List{"select )", "select 1"}));
    EXPECT_EQ(split_statements(BytesView("a\0b;c", 5)), (List{BytesView("a\0b", 3), "c"}));
    EXPECT_EQ(split_statements("select 'a; b"), (List{"select 'a; b"}));
}

}  // namespace
}  // namespace understudy::sql
