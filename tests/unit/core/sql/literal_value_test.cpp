#include "core/sql/literal_value.hpp"

#include <gtest/gtest.h>

namespace understudy::sql {
namespace {

Bytes value_of(BytesView literal) { return literal_value(next_token(literal, 0)); }

TEST(LiteralValue, ResolvesEscapes) {
    EXPECT_EQ(value_of("'a''b'"), "a'b");
    EXPECT_EQ(value_of("'a\\b'"), "a\\b");
    EXPECT_EQ(value_of("E'a\\'b\\\\c\\n\\x41\\101\\u00e4\\U0001F600\\q'"), "a'b\\c\nAA\xc3\xa4\xf0\x9f\x98\x80q");
    EXPECT_EQ(value_of("U&'d\\0061t\\+000061\\\\'"), "data\\");
    EXPECT_EQ(value_of("N'x'"), "x");
    EXPECT_EQ(value_of("'a'\n  'b'"), "ab");
    EXPECT_EQ(value_of("E'a'\n'\\tb'"), "a\tb");
    EXPECT_EQ(value_of("$$a'b$$"), "a'b");
    EXPECT_EQ(value_of("$x$a$$b$x$"), "a$$b");
    EXPECT_EQ(value_of("'open"), "open");
    EXPECT_EQ(value_of("E'open\\"), "open\\");
    EXPECT_EQ(value_of("''"), "");
}

TEST(LiteralValue, MakesEscapesExplicit) {
    EXPECT_EQ(with_explicit_escapes("select 'a\\'b', 'c', x='d\\\\'"), "select E'a\\'b', 'c', x=E'd\\\\'");
    EXPECT_EQ(with_explicit_escapes("select 'a''\\'b' from t"), "select E'a''\\'b' from t");
    EXPECT_EQ(with_explicit_escapes("select E'\\'' , $$'\\$$, \"'\\\""), "select E'\\'' , $$'\\$$, \"'\\\"");
    EXPECT_EQ(with_explicit_escapes("select x||'\\a'"), "select x|| E'\\a'");
    EXPECT_EQ(with_explicit_escapes("select 'open\\'"), "select E'open\\'");
    EXPECT_EQ(with_explicit_escapes("no literal"), "no literal");
}

}  // namespace
}  // namespace understudy::sql
