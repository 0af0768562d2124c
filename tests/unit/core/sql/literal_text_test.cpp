#include "core/sql/literal_text.hpp"

#include <gtest/gtest.h>

namespace understudy::sql {
namespace {

TEST(QuoteLiteral, AsTheServerDoes) {
    EXPECT_EQ(quote_literal(""), "''");
    EXPECT_EQ(quote_literal("it's"), "'it''s'");
    EXPECT_EQ(quote_literal("a\\b'c"), "E'a\\\\b''c'");
    EXPECT_EQ(quote_literal("\xff"), "'\xff'");
}

TEST(SubstituteParameters, OutsideLiteralsOnly) {
    EXPECT_EQ(
        substitute_parameters("select $1, '$1', \"$1\", $$ $1 $$, a$1 -- $1\n, $2::text", {"7", "it's"}, {"int4"}),
        "select '7'::int4, '$1', \"$1\", $$ $1 $$, a$1 -- $1\n, 'it''s'::text");
}

TEST(SubstituteParameters, NullsAndMissingValues) {
    EXPECT_EQ(substitute_parameters("f($1,$2,$3,$0,$99999999999999999999)", {std::nullopt, std::nullopt}, {"", "int8"}),
              "f(NULL,NULL::int8,$3,$0,$99999999999999999999)");
    EXPECT_EQ(substitute_parameters("$10 $1", {"a"}, {}), "$10 'a'");
}

TEST(SubstituteParameters, NeighboursDoNotMerge) {
    EXPECT_EQ(substitute_parameters("$1[1]", {"{1}"}, {"int4[]"}), "('{1}'::int4[])[1]");
    EXPECT_EQ(substitute_parameters("u&$1", {"a"}, {}), "u& 'a'");
    EXPECT_EQ(substitute_parameters("$1and", {"a"}, {"bool"}), "'a'::bool and");
}

}  // namespace
}  // namespace understudy::sql
