#include <gtest/gtest.h>

#include "compare/diff/step_diff.hpp"

namespace understudy::compare {
namespace {

StepResult notified(std::vector<std::uint64_t> own, std::size_t channels) {
    StepResult result;
    result.kind = StepKind::statement;
    result.command_tag = "INSERT 0 1";
    result.own_notifications = std::move(own);
    result.notified_channels.assign(channels, "placed");
    return result;
}

/// The place of the only difference; empty: there is none.
Bytes difference(const StepResult& a, const StepResult& b) {
    const TypeNames none;
    ShapeComparer shapes(none, none);
    StepDiffTools tools;
    tools.shapes = &shapes;
    tools.order = [] { return StatementOrder(); };
    EXPECT_TRUE(!surely_same(a, b) || diff_step(a, b, tools).empty());
    const auto found = diff_step(a, b, tools);
    EXPECT_LE(found.size(), 1U);
    return found.empty() ? Bytes() : found.front().place;
}

TEST(NotificationDiff, OfTheSessionItself) {
    EXPECT_EQ(difference(notified({1}, 1), notified({1}, 1)), "");
    EXPECT_EQ(difference(notified({1}, 1), notified({2}, 1)), "notification");
    EXPECT_EQ(difference(notified({}, 0), notified({2}, 1)), "notification");
    EXPECT_EQ(difference(notified({1}, 1), notified({}, 0)), "notification");
    EXPECT_EQ(difference(notified({1, 2}, 2), notified({1}, 1)), "notification");
}

TEST(NotificationDiff, AFileThatIsWrong) { EXPECT_EQ(difference(notified({1}, 0), notified({2}, 0)), "notification"); }

TEST(NotificationDiff, ThoseOfOthersComeAtAnyTime) {
    EXPECT_EQ(difference(notified({1}, 3), notified({1}, 1)), "");
    EXPECT_EQ(difference(notified({}, 1), notified({2}, 1)), "");  // whose the first is was not recorded
    EXPECT_EQ(difference(notified({}, 1), notified({}, 0)), "");
}

StepResult left_with(std::vector<std::pair<Bytes, Bytes>> settings) {
    StepResult result = notified({}, 0);
    result.parameters = std::move(settings);
    return result;
}

TEST(SettingDiff, ByWhichClientsReadValues) {
    EXPECT_EQ(difference(left_with({{"TimeZone", "UTC"}}), left_with({{"TimeZone", "UTC"}})), "");
    EXPECT_EQ(difference(left_with({{"TimeZone", "UTC"}}), left_with({{"TimeZone", "Asia/Tokyo"}})), "setting TimeZone");
    EXPECT_EQ(difference(left_with({}), left_with({{"DateStyle", "German, DMY"}})), "setting DateStyle");
    EXPECT_EQ(difference(left_with({{"DateStyle", "ISO, DMY"}}), left_with({})), "setting DateStyle");
    EXPECT_EQ(difference(left_with({{"TimeZone", "UTC"}, {"TimeZone", "GMT"}}), left_with({{"TimeZone", "GMT"}})), "")
        << "the last value counts";
}

TEST(SettingDiff, NotWhoTheSessionIs) {
    EXPECT_EQ(difference(left_with({{"is_superuser", "on"}}), left_with({{"is_superuser", "off"}})), "");
    EXPECT_EQ(difference(left_with({{"application_name", "a"}}), left_with({})), "");
}

}  // namespace
}  // namespace understudy::compare
