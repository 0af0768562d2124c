#include "app/time_option.hpp"

#include <gtest/gtest.h>

namespace understudy::app {
namespace {

constexpr Timestamp kStart = Timestamp::from_ns(1'709'210'096'000'000'000);  // 2024-02-29 12:34:56 UTC

std::int64_t after_start(const std::string& text) {
    const auto option = TimeOption::parse(text);
    EXPECT_TRUE(option) << text;
    return option ? (option->resolve(kStart) - kStart).count_ns() : -1;
}

TEST(TimeOption, ReadsInstants) {
    EXPECT_EQ(after_start("2024-02-29T12:34:56Z"), 0);
    EXPECT_EQ(after_start("2024-02-29 12:34:57"), 1'000'000'000);
    EXPECT_EQ(after_start("2024-02-29T14:34:56.5+02:00"), 500'000'000);
    EXPECT_EQ(after_start("2024-02-29T07:04:56-0530"), 0);
    EXPECT_EQ(after_start("2024-02-29T12:35"), 4'000'000'000);
    EXPECT_EQ(after_start("2024-03-01"), (11 * 3600 + 25 * 60 + 4) * 1'000'000'000LL);
    EXPECT_EQ(after_start("2024-02-29T12:34:56.000000001Z"), 1);
}

TEST(TimeOption, ReadsTimesFromTheStart) {
    EXPECT_EQ(after_start("+90s"), 90'000'000'000);
    EXPECT_EQ(after_start("10m"), 600'000'000'000);
    EXPECT_EQ(after_start("0"), 0);
}

TEST(TimeOption, RefusesWhatIsNoTime) {
    for (const char* text :
         {"", "+", "yesterday", "2024-02-30", "2024-13-01", "2024-02-29T24:00", "2024-02-29T12:34:56X", "1969-12-31",
          "2262-01-01", "2024-02-29T12:34:56+99:00", "-5s", "2024-2-29"}) {
        EXPECT_FALSE(TimeOption::parse(text)) << text;
    }
}

TEST(TimeOption, UnknownWhereNotGiven) {
    EXPECT_FALSE(TimeOption().given());
    EXPECT_FALSE(TimeOption().resolve(kStart).known());
}

}  // namespace
}  // namespace understudy::app
