#include "core/sql/lexer.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace understudy::sql {
namespace {

using Kind = TokenKind;

struct Expected {
    Kind kind;
    BytesView text;

    friend bool operator==(const Expected&, const Expected&) = default;
    friend void PrintTo(const Expected& e, std::ostream* out) { *out << static_cast<int>(e.kind) << ' ' << e.text; }
};

std::vector<Expected> scan(BytesView sql) {
    std::vector<Expected> tokens;
    for (const Token& token : Tokens(sql)) tokens.push_back({token.kind, token.text});
    return tokens;
}

using List = std::vector<Expected>;

TEST(Lexer, WordsNumbersAndPunctuation) {
    EXPECT_EQ(scan("SELECT a_1$, 42 ,4.2e-1,.5 FROM t;"), (List{{Kind::word, "SELECT"},
                                                                {Kind::word, "a_1$"},
                                                                {Kind::punctuation, ","},
                                                                {Kind::integer, "42"},
                                                                {Kind::punctuation, ","},
                                                                {Kind::numeric, "4.2e-1"},
                                                                {Kind::punctuation, ","},
                                                                {Kind::numeric, ".5"},
                                                                {Kind::word, "FROM"},
                                                                {Kind::word, "t"},
                                                                {Kind::punctuation, ";"}}));
    EXPECT_EQ(scan("1..10"), (List{{Kind::integer, "1"}, {Kind::punctuation, ".."}, {Kind::integer, "10"}}));
    EXPECT_EQ(scan("0x1F 1_000 1e"),
              (List{{Kind::integer, "0x1F"}, {Kind::integer, "1_000"}, {Kind::integer, "1"}, {Kind::word, "e"}}));
}

TEST(Lexer, StringsOfAllKinds) {
    EXPECT_EQ(scan("'it''s'"), (List{{Kind::string, "'it''s'"}}));
    EXPECT_EQ(scan(R"('a\' b)"), (List{{Kind::string, R"('a\')"}, {Kind::word, "b"}}));
    EXPECT_EQ(scan(R"(E'a\'b' c)"), (List{{Kind::string, R"(E'a\'b')"}, {Kind::word, "c"}}));
    EXPECT_EQ(scan("U&'\\0041' n'x' B'01' X'1F'"), (List{{Kind::string, "U&'\\0041'"},
                                                         {Kind::string, "n'x'"},
                                                         {Kind::bit_string, "B'01'"},
                                                         {Kind::bit_string, "X'1F'"}}));
    EXPECT_EQ(scan("U&\"a\" \"b\"\"c\""),
              (List{{Kind::quoted_identifier, "U&\"a\""}, {Kind::quoted_identifier, "\"b\"\"c\""}}));
    EXPECT_EQ(next_token("U&\"ab\"", 0).body, "ab");
}

TEST(Lexer, AStringGoesOnAfterALineBreakOnly) {
    EXPECT_EQ(scan("'a'\n 'b'"), (List{{Kind::string, "'a'\n 'b'"}}));
    EXPECT_EQ(scan("'a' -- c\n'b'"), (List{{Kind::string, "'a' -- c\n'b'"}}));
    EXPECT_EQ(scan("'a' 'b'"), (List{{Kind::string, "'a'"}, {Kind::string, "'b'"}}));
}

TEST(Lexer, DollarQuotesAndParameters) {
    EXPECT_EQ(
        scan("$$a'b$$ $f$ $$ ; $f$ $12"),
        (List{{Kind::dollar_string, "$$a'b$$"}, {Kind::dollar_string, "$f$ $$ ; $f$"}, {Kind::parameter, "$12"}}));
    EXPECT_EQ(next_token("$f$ x $f$", 0).body, " x ");
    EXPECT_EQ(scan("a$$b"), (List{{Kind::word, "a$$b"}}));
    EXPECT_EQ(scan("$ a"), (List{{Kind::punctuation, "$"}, {Kind::word, "a"}}));
}

TEST(Lexer, CommentsNest) {
    EXPECT_EQ(scan("a /* b /* c */ d */ e -- f\ng"), (List{{Kind::word, "a"},
                                                           {Kind::comment, "/* b /* c */ d */"},
                                                           {Kind::word, "e"},
                                                           {Kind::comment, "-- f"},
                                                           {Kind::word, "g"}}));
}

TEST(Lexer, OperatorsFollowTheRuleOfTheFinalSign) {
    EXPECT_EQ(scan("=-1"), (List{{Kind::punctuation, "="}, {Kind::punctuation, "-"}, {Kind::integer, "1"}}));
    EXPECT_EQ(scan("@-1"), (List{{Kind::punctuation, "@-"}, {Kind::integer, "1"}}));
    EXPECT_EQ(scan("a<=--c"), (List{{Kind::word, "a"}, {Kind::punctuation, "<="}, {Kind::comment, "--c"}}));
    EXPECT_EQ(scan("a::b"), (List{{Kind::word, "a"}, {Kind::punctuation, "::"}, {Kind::word, "b"}}));
}

TEST(Lexer, UnterminatedTokensReachTheEnd) {
    for (const BytesView sql : {"'abc", "\"abc", "E'a\\", "$x$abc", "/* abc", "U&'abc", "'a'\n'b"}) {
        ASSERT_EQ(scan(sql).size(), 1U) << sql;
        EXPECT_EQ(scan(sql)[0].text, sql);
    }
    EXPECT_EQ(next_token("E'a\\", 0).body, "a\\");
}

TEST(Lexer, WordsCompareWithoutCase) {
    EXPECT_TRUE(is_word(next_token("SeLeCt", 0), "select"));
    EXPECT_FALSE(is_word(next_token("selects", 0), "select"));
    EXPECT_FALSE(is_word(next_token("\"select\"", 0), "select"));
}

TEST(Lexer, AnyBytesAreCoveredInOrder) {
    std::mt19937_64 random(1);
    constexpr BytesView kAlphabet = "aEuUxB'\"$-/*&.1e_;(\\\n \t+=\x80\xff";
    for (int round = 0; round < 10000; ++round) {
        Bytes sql;
        for (auto n = random() % 40; n > 0; --n) sql += kAlphabet[random() % kAlphabet.size()];
        if (round % 7 == 0) sql += '\0';
        std::size_t end = 0;
        for (const Token& token : Tokens(sql)) {
            ASSERT_GE(token.offset, end);
            ASSERT_FALSE(token.text.empty());
            for (std::size_t i = end; i < token.offset; ++i) ASSERT_TRUE(is_space(sql[i]));
            end = token.end();
        }
        for (std::size_t i = end; i < sql.size(); ++i) ASSERT_TRUE(is_space(sql[i]));
    }
}

}  // namespace
}  // namespace understudy::sql
