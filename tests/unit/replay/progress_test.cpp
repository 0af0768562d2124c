#include "replay/progress.hpp"

#include <gtest/gtest.h>

namespace understudy::replay {
namespace {

constexpr Timestamp kStart = Timestamp::from_ns(1'800'000'000'000'000'000);

TEST(Progress, BeforeTheFirstEventNothingIsKnown) {
    const ReplayStats stats;
    EXPECT_FALSE(progress_of(stats, kStart).share);
    EXPECT_FALSE(progress_of(stats, kStart).left);
}

TEST(Progress, PacedItIsTheTimeUntilTheLastEventIsDue) {
    ReplayStats stats;
    stats.start_ns = kStart.ns();
    stats.end_due_ns = (kStart + Duration::seconds(100)).ns();
    const ReplayedShare progress = progress_of(stats, kStart + Duration::seconds(30));
    EXPECT_DOUBLE_EQ(progress.share.value(), 0.3);
    EXPECT_EQ(progress.left.value(), Duration::seconds(70));
    const ReplayedShare late = progress_of(stats, kStart + Duration::seconds(130));
    EXPECT_DOUBLE_EQ(late.share.value(), 1.0);
    EXPECT_EQ(late.left.value(), Duration());
    EXPECT_DOUBLE_EQ(progress_of(stats, kStart + Duration::milliseconds(-100)).share.value(), 0.0) << "connecting";
    stats.paused = true;
    EXPECT_FALSE(progress_of(stats, kStart + Duration::seconds(30)).left);
}

TEST(Progress, UnpacedItIsWhatWasReadTimesWhatOfThatIsDone) {
    ReplayStats stats;
    stats.start_ns = kStart.ns();
    stats.capture_chunks = 1000;
    stats.capture_chunks_read = 500;
    stats.requests_read = 100;
    stats.requests_sent = 40;
    stats.requests_not_sent = 10;
    const ReplayedShare progress = progress_of(stats, kStart + Duration::seconds(10));
    EXPECT_DOUBLE_EQ(progress.share.value(), 0.25);
    EXPECT_EQ(progress.left.value(), Duration::seconds(30));
    stats.capture_chunks_read = 1;
    EXPECT_FALSE(progress_of(stats, kStart + Duration::seconds(10)).left) << "too early to tell";
}

}  // namespace
}  // namespace understudy::replay
