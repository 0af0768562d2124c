#include "app/inspect/format.hpp"

#include <gtest/gtest.h>

namespace understudy::app::inspect {
namespace {

TEST(Printable, IsOneLineThatDoesNothingToATerminal) {
    EXPECT_EQ(printable("SELECT\n\t 1"), "SELECT 1");
    EXPECT_EQ(printable("a\x1b[31mb"), "a\\x1b[31mb");
    EXPECT_EQ(printable("\x7f"), "\\x7f");
    EXPECT_EQ(printable("naïve €"), "naïve €");
    EXPECT_EQ(printable("caf\xe9!"), "caf\\xe9!");
    EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b") << "C1 control characters";
    EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "surrogate";
    EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82") << "cut character";
}

TEST(Printable, CutsAtACharacter) {
    EXPECT_EQ(printable("12345", 5), "12345");
    EXPECT_EQ(printable("123456", 5), "1234…");
    EXPECT_EQ(printable("ääääää", 5), "ääää…");
    EXPECT_EQ(printable("123\x01\x02", 5), "123…");
}

TEST(Format, Durations) {
    EXPECT_EQ(duration_text(Duration::nanoseconds(850)), "850 ns");
    EXPECT_EQ(duration_text(Duration::microseconds(12)), "12.0 µs");
    EXPECT_EQ(duration_text(Duration::microseconds(1230)), "1.23 ms");
    EXPECT_EQ(duration_text(Duration::seconds(119)), "119.00 s");
    EXPECT_EQ(duration_text(Duration::seconds(3723)), "62 min 3 s");
    EXPECT_EQ(milliseconds(Duration::nanoseconds(1'234'567)), 1.235);
}

TEST(Format, CountsAndTimes) {
    EXPECT_EQ(count_text(0), "0");
    EXPECT_EQ(count_text(999), "999");
    EXPECT_EQ(count_text(1'000), "1,000");
    EXPECT_EQ(count_text(1'234'567), "1,234,567");
    EXPECT_EQ(counted(1, "chunk"), "1 chunk");
    EXPECT_EQ(counted(2, "chunk"), "2 chunks");
    EXPECT_EQ(session_text(SessionId(0xab)), "00000000000000ab");
    EXPECT_EQ(utc_text(Timestamp()), "unknown");
    EXPECT_EQ(utc_text(Timestamp::from_ns(1'709'210'096'000'000'000)), "2024-02-29 12:34:56 UTC");
    EXPECT_FALSE(utc_text(Timestamp::from_ns(INT64_MIN)).empty());
}

TEST(Format, JsonOfBytesThatAreNotUtf8) {
    Json json;
    json["sql"] = "caf\xe9";
    EXPECT_EQ(dump(json), "{\"sql\":\"caf\xef\xbf\xbd\"}");
}

}  // namespace
}  // namespace understudy::app::inspect
