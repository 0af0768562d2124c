#include "capture/log/log_clock.hpp"

#include <gtest/gtest.h>

namespace understudy::capture {
namespace {

constexpr std::int64_t kMilli = 1'000'000;
// date -u -d '2026-03-01 12:00:00' +%s
constexpr std::int64_t kNoon = 1'772'366'400'000 * kMilli;

TEST(LogClock, ReadsZonesAndOffsets) {
    LogClock clock;
    EXPECT_EQ(clock.read("2026-03-01 12:00:00.123 UTC")->ns(), kNoon + 123 * kMilli);
    EXPECT_EQ(clock.read("2026-03-01 13:00:00 CET")->ns(), kNoon);
    EXPECT_EQ(clock.read("2026-03-01 14:00:00 CEST")->ns(), kNoon);
    EXPECT_EQ(clock.read("2026-03-01 07:00:00 EST")->ns(), kNoon);
    EXPECT_EQ(clock.read("2026-03-01 15:00:00.000 +03")->ns(), kNoon);
    EXPECT_EQ(clock.read("2026-03-01 08:30:00.000 -0330")->ns(), kNoon);
    EXPECT_EQ(clock.read("2026-03-01 17:45:00 +05:45")->ns(), kNoon);
    EXPECT_EQ(clock.read("2026-03-01 21:30:00 ACST")->ns(), kNoon);
    EXPECT_EQ(clock.read_epoch("1772366400.123")->ns(), kNoon + 123 * kMilli);
    EXPECT_EQ(clock.unknown_zones(), 0U);
}

TEST(LogClock, UnknownZonesTakeTheGivenOffsetAndAreCounted) {
    LogClock clock(5 * 3600 + 1800);
    EXPECT_EQ(clock.read("2026-03-01 17:30:00.000 IST")->ns(), kNoon);
    EXPECT_EQ(clock.read("2026-03-01 17:30:00.000 IST")->ns(), kNoon);
    EXPECT_EQ(clock.unknown_zones(), 2U);
    EXPECT_GE(clock.uncertainty(), Duration::seconds(3600));
}

TEST(LogClock, UncertaintyIsThatOfWhatWasRead) {
    LogClock whole;
    whole.read("2026-03-01 12:00:00 UTC");
    EXPECT_EQ(whole.uncertainty(), Duration::seconds(1));
    LogClock fine;
    fine.read("2026-03-01 12:00:00.000 UTC");
    EXPECT_EQ(fine.uncertainty(), Duration::milliseconds(1));
}

TEST(LogClock, RefusesWhatIsNoTime) {
    LogClock clock;
    for (const char* text :
         {"", "2026-03-01", "2026-03-01 12:00:00", "2026-03-01 12:00:00.123", "2026-13-01 12:00:00 UTC",
          "2026-03-01 12:00:00 ", "2026-03-01 12:00:00 not a zone", "yyyy-mm-dd hh:mm:ss UTC"}) {
        EXPECT_FALSE(clock.read(text)) << text;
    }
    for (const char* text : {"", "177236640", "1772366400.12x", "99999999999999999999.1"}) {
        if (BytesView(text) == "177236640") continue;
        EXPECT_FALSE(clock.read_epoch(text)) << text;
    }
}

TEST(LogClock, RefusesYearsThatNanosecondsCannotCount) {
    LogClock clock;
    EXPECT_FALSE(clock.read("3026-11-23 03:14:19.624 UTC"));
    EXPECT_FALSE(clock.read_epoch("9999999999.0"));
}

TEST(LogClock, AZoneEndsBeforeWhatThePrefixPutsBehindIt) {
    EXPECT_EQ(log_time_length("2026-03-01 12:00:00 UTC-6b03af66.1-LOG"), 23U);
    EXPECT_EQ(log_time_length("2026-03-01 12:00:00 UTC:10.0.0.7(1):"), 23U);
    EXPECT_EQ(log_time_length("2026-03-01 12:00:00.123 +03 [1]"), 27U);
    EXPECT_EQ(log_time_length("2026-03-01 12:00:00 -03:30:x"), 26U);
    EXPECT_EQ(log_time_length("2026-03-01 12:00:00 +03:[1]"), 23U);
    EXPECT_EQ(log_time_length("nothing"), 0U);
}

}  // namespace
}  // namespace understudy::capture
