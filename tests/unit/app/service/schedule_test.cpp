#include "app/service/schedule.hpp"

#include <gtest/gtest.h>

namespace understudy::app::service {
namespace {

constexpr std::int64_t kHour = 3600;
Timestamp hour(std::int64_t hours) {
    return Timestamp() + Duration::seconds(1'767'225'600 + hours * kHour);
}  // of 2026

const std::map<std::string, std::string> kTargets = {{"a", "one"}, {"b", "one"}, {"c", "two"}};

std::vector<DueStart> due(const std::vector<Schedule>& schedules, Timestamp now, std::set<std::string> busy = {}) {
    return due_starts(schedules, now, no_offset, kTargets, std::move(busy));
}

TEST(Schedule, NothingBeforeItIsDue) {
    const std::vector<Schedule> schedules = {{"a", "0 2 * * *", hour(0), {}}};
    EXPECT_TRUE(due(schedules, hour(1)).empty());
    ASSERT_EQ(due(schedules, hour(2)).size(), 1U);
    EXPECT_EQ(due(schedules, hour(2))[0].due, hour(2));
    EXPECT_EQ(due(schedules, hour(2))[0].missed, 0U);
}

TEST(Schedule, MissedOnesAreMadeUpForOnce) {
    const std::vector<Schedule> schedules = {{"a", "0 * * * *", hour(0), {}}};
    const auto starts = due(schedules, hour(5));
    ASSERT_EQ(starts.size(), 1U);
    EXPECT_EQ(starts[0].due, hour(1));
    EXPECT_EQ(starts[0].missed, 4U);
    EXPECT_EQ(due({{"a", "* * * * *", hour(0), {}}}, hour(1000))[0].missed, kMaxMissed);
}

TEST(Schedule, OneAtATimeATarget) {
    const std::vector<Schedule> schedules = {
        {"a", "0 2 * * *", hour(0), {}}, {"b", "0 1 * * *", hour(0), {}}, {"c", "0 2 * * *", hour(0), {}}};
    const auto starts = due(schedules, hour(2));
    ASSERT_EQ(starts.size(), 2U);
    EXPECT_EQ(starts[0].rehearsal, "b");  // the longest waiting
    EXPECT_EQ(starts[1].rehearsal, "c");
    const auto busy = due(schedules, hour(2), {"one"});
    ASSERT_EQ(busy.size(), 1U);
    EXPECT_EQ(busy[0].rehearsal, "c");
    EXPECT_EQ(due(schedules, hour(3), {"two"})[0].due, hour(1)) << "what found its target busy stays due";
}

TEST(Schedule, WhatIsNotConfiguredAnyMoreIsLeftAlone) {
    EXPECT_TRUE(due({{"gone", "* * * * *", hour(0), {}}}, hour(9)).empty());
}

TEST(Schedule, FileIsReadAsWritten) {
    const std::vector<Schedule> schedules = {{"a", "0 2 * * 1-5", hour(7), "anna"}, {"b", "@daily", hour(8), {}}};
    const auto again = parse_schedules(schedules_json(schedules));
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, schedules);
    for (const char* wrong : {"", "{}", "[1]", R"([{"rehearsal":"a","cron":"0 2 * * *"}])",
                              R"([{"rehearsal":"../a","cron":"@daily","handled_ns":1}])",
                              R"([{"rehearsal":"a","cron":"x","handled_ns":1}])",
                              R"([{"rehearsal":"a","cron":"@daily","handled_ns":1.5}])"}) {
        EXPECT_FALSE(parse_schedules(wrong)) << wrong;
    }
}

}  // namespace
}  // namespace understudy::app::service
