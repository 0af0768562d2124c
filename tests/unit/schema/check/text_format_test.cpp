#include "schema/check/text_format.hpp"

#include <gtest/gtest.h>

namespace understudy::schema {
namespace {

TEST(CaretLines, CountCharactersNotBytes) {
    const CaretLines lines = caret_lines("select 'ü', wrong", 13);
    EXPECT_EQ(lines.line, "select 'ü', wrong");
    EXPECT_EQ(lines.caret, "            ^");
}

TEST(CaretLines, CutLongLines) {
    const Bytes sql = "select " + Bytes(300, 'a') + ", wrong, " + Bytes(300, 'b');
    const CaretLines lines = caret_lines(sql, 310, 40);
    EXPECT_EQ(lines.line.substr(lines.caret.size() - 1, 5), "wrong");
    EXPECT_EQ(lines.line.size(), 46U);
    EXPECT_TRUE(lines.line.starts_with("...a"));
    EXPECT_TRUE(lines.line.ends_with("b..."));
}

TEST(CaretLines, StandBehindTheEndAndNotBeyond) {
    EXPECT_EQ(caret_lines("abc", 4).caret, "   ^");
    EXPECT_EQ(caret_lines("abc", 5).caret, "");
    EXPECT_EQ(caret_lines("abc\ndef", 0).line, "abc");
    EXPECT_EQ(caret_lines("", 1).caret, "^");
}

TEST(CaretLines, StandUnderWhatIsShown) {
    const CaretLines lines = caret_lines("\x1b\xffx", 3);
    EXPECT_EQ(lines.line, "\\x1b\\xffx");
    EXPECT_EQ(lines.caret, "        ^");
}

TEST(Printable, KeepsTextAndEscapesTheRest) {
    EXPECT_EQ(printable("a\tü\n€"), "a ü €");
    EXPECT_EQ(printable("\x7f\xc2\x85\xc3"), "\\x7f\\xc2\\x85\\xc3");
    EXPECT_EQ(printable(BytesView("\0x", 2)), "\\x00x");
}

TEST(CountText, SeparatesThousands) {
    EXPECT_EQ(count_text(0), "0");
    EXPECT_EQ(count_text(999), "999");
    EXPECT_EQ(count_text(1000), "1,000");
    EXPECT_EQ(count_text(1234567), "1,234,567");
}

}  // namespace
}  // namespace understudy::schema
