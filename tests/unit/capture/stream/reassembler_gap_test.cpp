// When missing bytes are called a gap, and when not yet.

#include <gtest/gtest.h>

#include "tests/unit/capture/stream/reassembler_fixture.hpp"

namespace understudy::capture {
namespace {

using ReassemblerGap = ReassemblerTest;

TEST_F(ReassemblerGap, AnAcknowledgementAloneMakesNoGap) {
    ack(4);
    stream.on_time(ms(10'000), sink);
    EXPECT_EQ(sink.text, "") << "nothing later is there: the segment may still come";
    EXPECT_FALSE(stream.waiting());
    data(0, "abcd");
    EXPECT_EQ(sink.text, "abcd");
}

TEST_F(ReassemblerGap, LaterDataAloneMakesNoGap) {
    data(4, "efgh");
    stream.on_time(ms(10'000), sink);
    EXPECT_EQ(sink.text, "") << "the receiver has not got them either";
    EXPECT_FALSE(stream.waiting());
}

TEST_F(ReassemblerGap, AcknowledgedAndOverdueIsAGap) {
    data(4, "efgh", ms(1));
    ack(8, ms(2));
    EXPECT_TRUE(stream.waiting());
    stream.on_time(ms(201), sink);
    EXPECT_EQ(sink.text, "");
    stream.on_time(ms(202), sink);
    EXPECT_EQ(sink.text, "[4]efgh");
    EXPECT_EQ(sink.times, std::vector<Timestamp>(2, ms(1))) << "the receiver had it all then";
    EXPECT_FALSE(stream.waiting());
}

TEST_F(ReassemblerGap, PatienceIsOverAfterManySegments) {
    limits.gap_patience_segments = 3;
    data(4, "e");
    ack(5);
    data(5, "f");
    data(6, "g");
    EXPECT_EQ(sink.text, "");
    data(7, "h");
    EXPECT_EQ(sink.text, "[4]efgh");
}

TEST_F(ReassemblerGap, CapturedBeforeItsAcknowledgementIsOverdueNoGap) {
    data(4, "efgh", ms(1));
    ack(8, ms(2));
    EXPECT_EQ(data(0, "abcd", ms(100)), SegmentVerdict::delivered);
    stream.on_time(ms(10'000), sink);
    EXPECT_EQ(sink.text, "abcdefgh");
}

TEST_F(ReassemblerGap, OnlyAcknowledgedBytesAreGivenUp) {
    data(6, "gh");
    ack(4);
    stream.on_time(ms(300), sink);
    EXPECT_EQ(sink.text, "[4]");
    EXPECT_EQ(data(4, "ef", ms(301)), SegmentVerdict::delivered);
    EXPECT_EQ(sink.text, "[4]efgh");
}

TEST_F(ReassemblerGap, WhatIsAcknowledgedLaterHasItsOwnPatience) {
    data(2, "c", ms(0));
    ack(3, ms(0));
    data(6, "g", ms(150));
    ack(7, ms(150));
    stream.on_time(ms(200), sink);
    EXPECT_EQ(sink.text, "[2]c");
    stream.on_time(ms(399), sink);
    EXPECT_EQ(sink.text, "[2]c");
    stream.on_time(ms(400), sink);
    EXPECT_EQ(sink.text, "[2]c[3]g");
}

TEST_F(ReassemblerGap, WhatComesAfterItsGapIsLate) {
    data(4, "efgh");
    ack(8);
    stream.on_time(ms(300), sink);
    EXPECT_EQ(data(0, "abcd"), SegmentVerdict::late);
    EXPECT_EQ(data(4, "ef"), SegmentVerdict::retransmission);
    EXPECT_EQ(sink.text, "[4]efgh");
}

TEST_F(ReassemblerGap, BytesThatWereCutOffAreAGap) {
    EXPECT_EQ(data(0, "ab", ms(0), false, 6), SegmentVerdict::delivered);
    EXPECT_EQ(data(8, "ij"), SegmentVerdict::delivered);
    EXPECT_EQ(sink.text, "ab[6]ij");
    EXPECT_EQ(data(12, "mn", ms(0), false, 2), SegmentVerdict::buffered);
    EXPECT_EQ(data(10, "", ms(0), false, 2), SegmentVerdict::delivered);
    EXPECT_EQ(data(16, "q"), SegmentVerdict::delivered);
    EXPECT_EQ(sink.text, "ab[6]ij[2]mn[2]q");
}

TEST_F(ReassemblerGap, TheLimitOfBytesGivesUpTheHole) {
    ReassemblyLimits small;
    small.max_buffered_bytes = 4 + kPieceOverhead;
    set_limits(small);
    data(4, "efgh");
    EXPECT_EQ(sink.text, "") << "at the limit";
    data(9, "j");
    EXPECT_EQ(sink.text, "[4]efgh") << "over it; the next hole fits again";
    EXPECT_EQ(stream.buffered_bytes(), 1 + kPieceOverhead);
}

TEST_F(ReassemblerGap, TheLimitOfPiecesGivesUpTheHole) {
    ReassemblyLimits small;
    small.max_buffered_pieces = 2;
    set_limits(small);
    data(2, "c");
    data(4, "e");
    EXPECT_EQ(sink.text, "");
    data(6, "g");
    EXPECT_EQ(sink.text, "[2]c");
}

TEST_F(ReassemblerGap, AFinIsLaterDataToo) {
    data(0, "ab");
    fin(4);
    ack(5);
    stream.on_time(ms(300), sink);
    EXPECT_EQ(sink.text, "ab[2]");
    EXPECT_TRUE(stream.finished());
}

TEST_F(ReassemblerGap, CloseHandsOutWhatIsLeft) {
    data(0, "ab");
    data(4, "ef");
    data(8, "ij");
    stream.close(ms(5), sink);
    EXPECT_EQ(sink.text, "ab[2]ef[2]ij");
    EXPECT_EQ(stream.buffered_bytes(), 0U);
}

TEST_F(ReassemblerGap, CloseReportsAnAcknowledgedTail) {
    data(0, "ab");
    ack(7);
    stream.close(ms(5), sink);
    EXPECT_EQ(sink.text, "ab[5]");
}

TEST_F(ReassemblerGap, CloseTakesOneAcknowledgedNumberForAnUnseenFin) {
    data(0, "ab");
    ack(3);
    stream.close(ms(5), sink);
    EXPECT_EQ(sink.text, "ab");
}

TEST_F(ReassemblerGap, CloseReportsWhatIsMissingBeforeTheFin) {
    data(0, "ab");
    fin(4);
    stream.close(ms(5), sink);
    EXPECT_EQ(sink.text, "ab[2]");
}

TEST_F(ReassemblerGap, ManyOutsideTheWindowJoinTheStreamAnew) {
    data(0, "ab");
    data(4, "ef");
    for (std::uint32_t i = 1; i < kResyncSegments; ++i) {
        EXPECT_EQ(data(0x60000000 + i, "x"), SegmentVerdict::beyond_window);
    }
    EXPECT_EQ(data(0x60000000, "again"), SegmentVerdict::delivered);
    EXPECT_EQ(sink.text, "ab[2]ef[0]again");
    EXPECT_EQ(data(0x60000005, "!"), SegmentVerdict::delivered);
    EXPECT_EQ(sink.text, "ab[2]ef[0]again!");
}

}  // namespace
}  // namespace understudy::capture
