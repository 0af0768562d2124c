#include "replay/plan/pacing.hpp"

#include <gtest/gtest.h>

namespace understudy::replay {
namespace {

constexpr Timestamp kRecorded = Timestamp::from_ns(1'700'000'000'000'000'000);
constexpr Timestamp kReplay = Timestamp::from_ns(1'800'000'000'000'000'000);

Timestamp recorded_at(std::int64_t ms) { return kRecorded + Duration::milliseconds(ms); }
std::int64_t due_ms(double speed, std::int64_t ms) {
    return (Pacing(speed, kRecorded, kReplay).due(recorded_at(ms)) - kReplay).count_ns() / 1'000'000;
}

TEST(Pacing, SpeedScalesTheDistanceFromTheStart) {
    EXPECT_EQ(due_ms(1, 1000), 1000);
    EXPECT_EQ(due_ms(2, 1000), 500);
    EXPECT_EQ(due_ms(0.5, 1000), 2000);
    EXPECT_EQ(due_ms(1, 0), 0);
}

TEST(Pacing, WhatWasRecordedBeforeTheStartIsDueBeforeIt) { EXPECT_EQ(due_ms(2, -100), -50); }

TEST(Pacing, AtMaxEverythingIsDueAtTheStart) {
    EXPECT_EQ(due_ms(0, 1000), 0);
    EXPECT_TRUE(Pacing(0, kRecorded, kReplay).unpaced());
    EXPECT_FALSE(Pacing(0.5, kRecorded, kReplay).unpaced());
}

TEST(Pacing, AWeekKeepsItsMicroseconds) {
    constexpr std::int64_t kWeek = 7LL * 24 * 3600 * 1'000'000;
    for (const double speed : {0.5, 1.0, 2.0, 3.0}) {
        const Duration due = Pacing(speed, kRecorded, kReplay).due(kRecorded + Duration::microseconds(kWeek)) - kReplay;
        EXPECT_NEAR(static_cast<double>(due.count_ns()) / 1000, static_cast<double>(kWeek) / speed, 1.0) << speed;
    }
}

TEST(Pacing, ADelayMovesWhatIsDueAndNothingElse) {
    Pacing pacing(2, kRecorded, kReplay);
    pacing.delay(Duration::milliseconds(70));
    pacing.delay(Duration::milliseconds(30));
    EXPECT_EQ(pacing.due(recorded_at(1000)) - kReplay, Duration::milliseconds(600));
    EXPECT_EQ(pacing.stretch(Duration::seconds(1)), Duration::milliseconds(500));
    Pacing unpaced(0, kRecorded, kReplay);
    unpaced.delay(Duration::seconds(1));
    EXPECT_EQ(unpaced.due(recorded_at(1000)), kReplay);
}

TEST(Pacing, StretchIsOfADuration) {
    const Duration second = Duration::seconds(1);
    EXPECT_EQ(Pacing(2, kRecorded, kReplay).stretch(second), Duration::milliseconds(500));
    EXPECT_EQ(Pacing(0.5, kRecorded, kReplay).stretch(second), Duration::seconds(2));
    EXPECT_EQ(Pacing(0, kRecorded, kReplay).stretch(second), second);
}

}  // namespace
}  // namespace understudy::replay
