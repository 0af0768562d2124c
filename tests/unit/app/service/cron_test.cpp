#include "app/service/cron.hpp"

#include <gtest/gtest.h>

#include "app/time_option.hpp"
#include "compare/report/time_text.hpp"

namespace understudy::app::service {
namespace {

Timestamp at(const std::string& text) { return TimeOption::parse(text)->resolve({}); }

std::string next(const std::string& cron, const std::string& after, const ZoneOffset& zone = no_offset) {
    const auto due = next_due(*parse_cron(cron), at(after), zone);
    return due ? compare::utc_text(*due).substr(0, 16) : "never";
}

/// Berlin in 2026: an hour ahead, two from 29 March 01:00 to 25 October 01:00 UTC.
Duration berlin(Timestamp instant) {
    const bool summer = instant >= at("2026-03-29T01:00:00Z") && instant < at("2026-10-25T01:00:00Z");
    return Duration::seconds(summer ? 7200 : 3600);
}

TEST(Cron, FieldsListsRangesStepsAndNames) {
    EXPECT_EQ(next("30 2 * * *", "2026-11-28T02:30:00Z"), "2026-11-29T02:30");
    EXPECT_EQ(next("30 2 * * *", "2026-11-28T02:29:59Z"), "2026-11-28T02:30");
    EXPECT_EQ(next("*/15 * * * *", "2026-11-28T23:46:00Z"), "2026-11-29T00:00");
    EXPECT_EQ(next("5/20 8-9 * * *", "2026-11-28T08:26:00Z"), "2026-11-28T08:45");
    EXPECT_EQ(next("0 0 * feb-MAR *", "2026-11-28T00:00:00Z"), "2027-02-01T00:00");
    EXPECT_EQ(next("0 9 * * mon-fri", "2026-11-27T09:00:00Z"), "2026-11-30T09:00");  // a Friday
    EXPECT_EQ(next("0 9 * * 7", "2026-11-28T00:00:00Z"), "2026-11-29T09:00");
    EXPECT_EQ(next("0 9 * * 5-7", "2026-11-28T10:00:00Z"), "2026-11-29T09:00");
    EXPECT_EQ(next("@weekly", "2026-11-28T00:00:00Z"), "2026-11-29T00:00");
}

TEST(Cron, EitherDayWillDoWhenBothAreRestricted) {
    EXPECT_EQ(next("0 0 1 * mon", "2026-11-28T00:00:00Z"), "2026-11-30T00:00");
    EXPECT_EQ(next("0 0 1 * mon", "2026-11-30T00:00:00Z"), "2026-12-01T00:00");
    EXPECT_EQ(next("0 0 13 * *", "2026-11-28T00:00:00Z"), "2026-12-13T00:00");
}

TEST(Cron, LeapDaysAreFound) {
    EXPECT_EQ(next("0 0 29 2 *", "2026-11-28T00:00:00Z"), "2028-02-29T00:00");
    EXPECT_EQ(next("0 0 29 2 *", "2096-03-01T00:00:00Z"), "2104-02-29T00:00");
}

TEST(Cron, SkippedHourComesLater) {
    EXPECT_EQ(next("30 2 * * *", "2026-03-28T12:00:00Z", berlin), "2026-03-29T01:30");  // 03:30 summer time
    EXPECT_EQ(next("30 2 * * *", "2026-03-29T01:30:00Z", berlin), "2026-03-30T00:30");
    EXPECT_EQ(next("0 3 * * *", "2026-03-28T12:00:00Z", berlin), "2026-03-29T01:00");
    // What is skipped does not overtake what is not.
    EXPECT_EQ(next("30 2,3 * * *", "2026-03-29T00:00:00Z", berlin), "2026-03-29T01:30");
    EXPECT_EQ(next("45 1,2,3 * * *", "2026-03-29T00:45:00Z", berlin), "2026-03-29T01:45");
}

TEST(Cron, RepeatedHourCountsOnce) {
    EXPECT_EQ(next("30 2 * * *", "2026-10-24T12:00:00Z", berlin), "2026-10-25T00:30");
    EXPECT_EQ(next("30 2 * * *", "2026-10-25T00:30:00Z", berlin), "2026-10-26T01:30");
    EXPECT_EQ(next("0 * * * *", "2026-10-25T00:00:00Z", berlin), "2026-10-25T02:00");
}

TEST(Cron, WhatIsNoScheduleIsRefused) {
    for (const char* wrong :
         {"",           "* * * *",       "* * * * * *",  "60 * * * *",   "* 24 * * *",          "* * 0 * *",
          "* * * 13 *", "* * * * 8",     "*/0 * * * *",  "5-1 * * * *",  "1,,2 * * * *",        "1, * * * *",
          "a * * * *",  "1--2 * * * *",  "*-5 * * * *",  "* * 30 feb *", "* * 31 2,4,6,9,11 *", "@never",
          "-1 * * * *", "1/2/3 * * * *", "0001 * * * *", "* * * * mon-"}) {
        EXPECT_FALSE(parse_cron(wrong)) << wrong;
    }
    EXPECT_FALSE(parse_cron(std::string(kMaxCronText + 1, ' ')));
    std::string list = "1";
    for (std::size_t i = 0; i < kMaxCronList; ++i) list += ",1";
    EXPECT_FALSE(parse_cron(list + " * * * *"));
    EXPECT_NE(parse_cron("61 * * * *").error().message.find("minute"), std::string::npos);
}

}  // namespace
}  // namespace understudy::app::service
