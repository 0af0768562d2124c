#include "capture/proxy/session_tap.hpp"

#include <gtest/gtest.h>

#include <random>
#include <thread>

namespace understudy::capture {
namespace {

using Kind = RecordItem::Kind;
constexpr std::size_t kSmallest = 4 * RecordRing::kReserve;

TEST(RecordRingTest, AnotherThreadReadsWhatWasWritten) {
    RecordRing ring(kSmallest);
    constexpr std::uint64_t kPieces = 200'000;
    std::thread writer([&] {
        std::mt19937 dice(1);
        for (std::uint64_t i = 0; i < kPieces; ++i) {
            const Bytes bytes(dice() % 3000, static_cast<char>(i));
            RecordItem item;
            item.kind = Kind::data;
            item.gap_length = i;
            while (!ring.push(item, bytes)) std::this_thread::yield();
        }
    });
    std::mt19937 dice(1);
    for (std::uint64_t i = 0; i < kPieces; ++i) {
        BytesView bytes;
        std::optional<RecordItem> item;
        while (!(item = ring.front(bytes))) std::this_thread::yield();
        ASSERT_EQ(item->gap_length, i);
        ASSERT_EQ(bytes, Bytes(dice() % 3000, static_cast<char>(i)));
        ring.pop(*item);
    }
    writer.join();
    BytesView bytes;
    EXPECT_FALSE(ring.front(bytes));
}

class SessionTapTest : public ::testing::Test {
protected:
    std::optional<RecordItem> take() {
        BytesView bytes;
        const auto item = writer_.ring().front(bytes);
        if (item) writer_.ring().pop(*item);
        if (item && item->kind == Kind::opened) session_.reset(item->session);
        return item;
    }

    ProxyCounts counts_;
    RingWriter writer_{kSmallest, counts_};
    std::unique_ptr<TappedSession> session_;
    Timestamp now_ = Timestamp::from_ns(5);
};

TEST_F(SessionTapTest, WhatFindsNoRoomIsOneGapBeforeTheNextPiece) {
    SessionTap tap(writer_, FlowOpened{});
    const Bytes piece(10'000, 'x');
    std::uint64_t sent = 0;
    for (; sent < 100; ++sent) tap.on_data(Direction::to_client, piece, now_);
    std::uint64_t got = 0;
    EXPECT_EQ(take()->kind, Kind::opened);
    while (const auto item = take()) {
        ASSERT_EQ(item->kind, Kind::data);
        ++got;
    }
    ASSERT_LT(got, sent);
    EXPECT_EQ(counts_.queue_bytes, (sent - got) * piece.size());
    EXPECT_EQ(counts_.queue_gaps, 1U);
    tap.on_data(Direction::to_server, "q", now_);
    const auto question = take();
    EXPECT_EQ(question->kind, Kind::data) << "the other direction has no gap";
    tap.on_data(Direction::to_client, piece, now_);
    const auto gap = take();
    ASSERT_EQ(gap->kind, Kind::gap);
    EXPECT_EQ(gap->gap_length, (sent - got) * piece.size());
    EXPECT_EQ(gap->direction, Direction::to_client);
    EXPECT_EQ(take()->kind, Kind::data);
}

TEST_F(SessionTapTest, TheEndOfASessionIsNeverLost) {
    SessionTap tap(writer_, FlowOpened{});
    for (int i = 0; i < 100; ++i) tap.on_data(Direction::to_client, Bytes(10'000, 'x'), now_);
    while (writer_.ring().push({nullptr, now_, 0, 0, Kind::gap, Direction::to_client, false}, {})) continue;
    tap.on_close(true, now_);
    RecordItem last;
    bool gap = false;
    for (int round = 0; round < 2; ++round) {
        while (const auto item = take()) {
            gap = gap || (item->kind == Kind::gap && item->session != nullptr);
            last = *item;
        }
        writer_.push_waiting();
    }
    EXPECT_EQ(last.kind, Kind::closed);
    EXPECT_TRUE(last.reset);
    EXPECT_TRUE(gap);
}

TEST_F(SessionTapTest, ASessionThatFindsNoRoomIsCountedWhole) {
    while (writer_.ring().push({nullptr, now_, 0, 0, Kind::gap, Direction::to_client, false}, {})) continue;
    SessionTap tap(writer_, FlowOpened{});
    tap.on_data(Direction::to_server, "hello", now_);
    tap.on_close(false, now_);
    EXPECT_EQ(counts_.queue_sessions, 1U);
    EXPECT_EQ(counts_.queue_bytes, 5U);
    EXPECT_TRUE(writer_.push_waiting());
}

}  // namespace
}  // namespace understudy::capture
