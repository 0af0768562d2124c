#include "capture/stream/sequence.hpp"

#include <gtest/gtest.h>

namespace understudy::capture {
namespace {

TEST(SequenceDistance, GoesTheShortWayRound) {
    EXPECT_EQ(sequence_distance(10, 15), 5);
    EXPECT_EQ(sequence_distance(15, 10), -5);
    EXPECT_EQ(sequence_distance(0xfffffffe, 3), 5);
    EXPECT_EQ(sequence_distance(3, 0xfffffffe), -5);
    EXPECT_EQ(sequence_distance(0, 0x7fffffff), 0x7fffffff);
}

TEST(SequenceCursor, CountsOnWhereSequenceNumbersWrap) {
    SequenceCursor cursor(0xfffffff0);
    EXPECT_EQ(cursor.offset_of(0xfffffff0), 0);
    EXPECT_EQ(cursor.offset_of(0x10), 0x20);
    EXPECT_EQ(cursor.offset_of(0xffffffef), -1);
    cursor.advance(0x20);
    EXPECT_EQ(cursor.sequence(), 0x10U);
    EXPECT_EQ(cursor.offset(), 0x20U);
    EXPECT_EQ(cursor.origin(), 0xfffffff0U);
    EXPECT_EQ(cursor.offset_of(0xfffffff5), 5);
}

TEST(SequenceCursor, KeepsItsOffsetOverManyWraps) {
    SequenceCursor cursor(7);
    for (int i = 0; i < 10; ++i) cursor.advance(std::uint64_t{3} << 30U);
    EXPECT_EQ(cursor.offset(), std::uint64_t{30} << 30U);
    EXPECT_EQ(cursor.origin(), 7U);
    EXPECT_EQ(cursor.offset_of(cursor.sequence() + 9), static_cast<std::int64_t>(cursor.offset()) + 9);
}

TEST(SequenceCursor, JumpKeepsTheOffset) {
    SequenceCursor cursor(100);
    cursor.advance(50);
    cursor.jump_to(0x80000000);
    EXPECT_EQ(cursor.offset(), 50U);
    EXPECT_EQ(cursor.offset_of(0x80000005), 55);
}

}  // namespace
}  // namespace understudy::capture
