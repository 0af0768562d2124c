#include "core/sql/parser_guard.hpp"

#include <gtest/gtest.h>

#include "core/sql/fingerprint.hpp"
#include "core/sql/split.hpp"
#include "core/sql/statement_traits.hpp"

namespace understudy::sql {
namespace {

Bytes repeated(BytesView head, BytesView piece, std::size_t count, BytesView tail) {
    Bytes sql(head);
    for (std::size_t i = 0; i < count; ++i) sql += piece;
    return sql += tail;
}

TEST(ParserGuard, ListsAreNotNesting) {
    EXPECT_TRUE(parsable(repeated("select 1 where x in (", "1,", 20000, "1)")));
    EXPECT_TRUE(parsable(repeated("insert into t values ", "(1,'a'),", 20000, "(1,'a')")));
    EXPECT_TRUE(parsable(repeated("select 1 where ", "a = 1 or ", 20000, "b = 1")));
    EXPECT_TRUE(parsable(repeated("select 1 where ", "a = 1 and b between 1 and 2 and ", 20000, "b = 1")));
    EXPECT_TRUE(parsable(repeated("update t set a = case id ", "when 1 then 2 ", 20000, "end")));
    EXPECT_TRUE(parsable(repeated("", "select 1;", 20000, "")));
}

TEST(ParserGuard, ChainsAndBracketsAreNesting) {
    constexpr std::size_t kMany = 20000;
    for (const Bytes& sql :
         {repeated("select ", "1+", kMany, "1"), repeated("select x", "::int", kMany, ""),
          repeated("select ", "(", kMany, ""), repeated("select ", "f(", kMany, "1"),
          repeated("select 1", " union select 1,2", 20000, ""),
          repeated("select 1 from a", " join b on c and d", 20000, ""),
          repeated("select ", "case when a and ", 20000, ""), repeated("select ", "array[", kMany, ""),
          repeated("select ", "case when x.end and ", 20000, "")}) {
        EXPECT_GT(nesting_bound(sql), kMaxNesting) << sql.substr(0, 60);
        EXPECT_FALSE(parsable(sql));
    }
    // What is left of a chain is deeper than the chain alone.
    EXPECT_GE(nesting_bound(repeated("select (", "1+", 1000, "1)") + repeated("", "+1", 1000, "")), 3000U);
}

TEST(ParserGuard, LimitsAreExact) {
    EXPECT_TRUE(parsable("select '" + Bytes(kMaxParsedSql - 9, 'x') + "'"));
    EXPECT_FALSE(parsable("select '" + Bytes(kMaxParsedSql - 8, 'x') + "'"));
    const Bytes at_limit = repeated("", "x ", kMaxNesting, "");
    EXPECT_EQ(nesting_bound(at_limit), kMaxNesting);
    EXPECT_TRUE(parsable(at_limit));
    EXPECT_FALSE(parsable(at_limit + "x"));
    EXPECT_FALSE(parsable(BytesView("select\0 1", 9)));
}

TEST(ParserGuard, CommentsAreBlankedInPlace) {
    const Bytes input = parser_input("a/*x*/ '--' -- c\nb");
    EXPECT_EQ(input.substr(0, 18), "a      '--'     \nb");
    EXPECT_EQ(input.substr(18), Bytes(8, '\0'));
}

TEST(ParserGuard, RunsOfOperatorsAreNotParsed) {
    EXPECT_TRUE(parsable(repeated("select ", "a,", 1500, repeated("", "-", 60, "1"))));
    EXPECT_FALSE(parsable(repeated("select ", "a,", 1500, repeated("", "+-", 60, "1"))));
    EXPECT_TRUE(parsable(repeated("select ", "a,", 1500, repeated("", "+ - ", 60, "1"))));
    // Quadratic in PostgreSQL's scanner: without the guards these take many seconds.
    for (const Bytes& sql : {repeated("select 1 ", "/*", 100000, ""), repeated("select 1", "+-", 30000, "1")}) {
        EXPECT_EQ(fingerprint(sql), fingerprint(sql));
    }
}

TEST(ParserGuard, HostileNestingCrashesNothing) {
    constexpr std::size_t kMany = 20000;
    for (const Bytes& sql :
         {repeated("select ", "(", kMany, "1") + Bytes(kMany, ')'), repeated("select ", "1+", 100000, "1"),
          repeated("select x", "::int", kMany, ""), repeated("select 1 from a", " join b on true", 20000, ""),
          repeated("select 1", " union all select 1", 20000, ""), repeated("select ", "not ", kMany, "true"),
          repeated("select ", "(select ", kMany, "1"), repeated("select ", "1+", kMaxNesting / 2 - 10, "1"),
          Bytes(kMany, '('), Bytes(kMany, '['), Bytes(kMany, '"'), Bytes(kMany, '$')}) {
        EXPECT_EQ(fingerprint(sql), fingerprint(sql));
        EXPECT_FALSE(normalise(sql).empty());
        EXPECT_EQ(split_statements(sql).size(), 1U);
        EXPECT_TRUE(traits(sql).outside_effects.empty());
    }
}

}  // namespace
}  // namespace understudy::sql
