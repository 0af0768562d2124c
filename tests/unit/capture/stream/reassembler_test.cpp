#include "capture/stream/reassembler.hpp"

#include <gtest/gtest.h>

#include "tests/unit/capture/stream/reassembler_fixture.hpp"

namespace understudy::capture {
namespace {

TEST_F(ReassemblerTest, InOrderIsNotCopied) {
    const Bytes payload = "abcdefgh";
    EXPECT_EQ(data(0, payload), SegmentVerdict::delivered);
    EXPECT_EQ(sink.text, payload);
    EXPECT_EQ(sink.views.at(0).data(), payload.data());
    EXPECT_EQ(stream.next_offset(), 8U);
    EXPECT_EQ(stream.buffered_bytes(), 0U);
}

TEST_F(ReassemblerTest, FillingAHoleIsNotCopiedEither) {
    const Bytes first = "abcd";
    data(4, "efgh");
    data(0, first);
    EXPECT_EQ(sink.views.at(0).data(), first.data());
    EXPECT_EQ(sink.text, "abcdefgh");
}

TEST_F(ReassemblerTest, OutOfOrderWaitsForWhatIsMissing) {
    EXPECT_EQ(data(6, "gh", ms(1)), SegmentVerdict::buffered);
    EXPECT_EQ(data(3, "def", ms(2)), SegmentVerdict::buffered);
    EXPECT_EQ(sink.text, "");
    EXPECT_EQ(stream.buffered_bytes(), 5 + 2 * kPieceOverhead);
    EXPECT_EQ(data(0, "abc", ms(3)), SegmentVerdict::delivered);
    EXPECT_EQ(sink.text, "abcdefgh");
    EXPECT_EQ(stream.buffered_bytes(), 0U);
    EXPECT_EQ(sink.times, std::vector<Timestamp>(3, ms(3))) << "the receiver could not read them before";
}

TEST_F(ReassemblerTest, SeenAgainIsARetransmission) {
    data(0, "abcd");
    data(6, "gh");
    EXPECT_EQ(data(0, "abcd"), SegmentVerdict::retransmission);
    EXPECT_EQ(data(2, "cd"), SegmentVerdict::retransmission);
    EXPECT_EQ(data(6, "gh"), SegmentVerdict::retransmission) << "buffered, not delivered";
    EXPECT_EQ(data(2, "cdef"), SegmentVerdict::delivered) << "new bytes in its second half";
    EXPECT_EQ(sink.text, "abcdefgh");
}

TEST_F(ReassemblerTest, BytesBeforeTheStartAreARetransmission) {
    EXPECT_EQ(data(0xfffffff0, "before"), SegmentVerdict::retransmission);
    EXPECT_EQ(data(0xfffffffe, "xyab"), SegmentVerdict::delivered);
    EXPECT_EQ(sink.text, "ab");
}

TEST_F(ReassemblerTest, KeepAliveProbesAreRetransmissions) {
    data(0, "abcd");
    EXPECT_EQ(data(3, ""), SegmentVerdict::retransmission);
    EXPECT_EQ(data(3, BytesView("\0", 1)), SegmentVerdict::retransmission);
    EXPECT_EQ(data(4, ""), SegmentVerdict::empty);
    EXPECT_EQ(sink.text, "abcd");
}

TEST_F(ReassemblerTest, OfOverlapsTheFirstWins) {
    EXPECT_EQ(data(4, "EF"), SegmentVerdict::buffered);
    EXPECT_EQ(data(3, "defgh"), SegmentVerdict::overlap_conflict);
    EXPECT_EQ(data(4, "EFgh"), SegmentVerdict::retransmission);
    EXPECT_EQ(data(0, "abc"), SegmentVerdict::delivered);
    EXPECT_EQ(sink.text, "abcdEFgh");
}

TEST_F(ReassemblerTest, ASegmentFillsSeveralHoles) {
    data(2, "c");
    data(5, "f");
    EXPECT_EQ(data(0, "abcdefgh"), SegmentVerdict::delivered);
    EXPECT_EQ(sink.text, "abcdefgh");
}

TEST_F(ReassemblerTest, AFinEndsTheStreamWhereItsDataEnds) {
    EXPECT_EQ(data(0, "abcd", ms(0), true), SegmentVerdict::delivered);
    EXPECT_TRUE(stream.finished());
    EXPECT_EQ(fin(4), SegmentVerdict::empty);
    EXPECT_EQ(data(5, "more"), SegmentVerdict::after_close);
    EXPECT_EQ(data(2, "cdxx"), SegmentVerdict::after_close);
    EXPECT_EQ(sink.text, "abcd");
}

TEST_F(ReassemblerTest, AFinWaitsForItsData) {
    EXPECT_EQ(fin(4), SegmentVerdict::empty);
    EXPECT_FALSE(stream.finished());
    data(0, "abcdef");
    EXPECT_TRUE(stream.finished());
    EXPECT_EQ(sink.text, "abcd");
}

TEST_F(ReassemblerTest, AFinBeforeSeenDataIsNotBelieved) {
    data(0, "abcd");
    data(6, "gh");
    fin(2);
    fin(7);
    EXPECT_EQ(data(4, "ef"), SegmentVerdict::delivered);
    EXPECT_EQ(sink.text, "abcdefgh");
    EXPECT_FALSE(stream.finished());
}

TEST_F(ReassemblerTest, OutsideEveryWindowIsDropped) {
    const auto window = static_cast<std::uint32_t>(kMaxWindow);
    EXPECT_EQ(data(window + 1, "x"), SegmentVerdict::beyond_window);
    EXPECT_EQ(data(0U - window - 1, "x"), SegmentVerdict::beyond_window);
    EXPECT_EQ(data(window, "x"), SegmentVerdict::buffered);
    EXPECT_EQ(data(0U - window, "x"), SegmentVerdict::retransmission);
    ack(window + 1);
    EXPECT_FALSE(stream.waiting());
    EXPECT_EQ(sink.text, "");
}

TEST_F(ReassemblerTest, StraysBetweenGoodSegmentsAreNoReasonToJoinAnew) {
    for (std::uint32_t i = 0; i < 2 * kResyncSegments; ++i) {
        EXPECT_EQ(data(0x60000000, "x"), SegmentVerdict::beyond_window);
        EXPECT_EQ(data(i, "."), SegmentVerdict::delivered);
    }
    EXPECT_EQ(sink.text, std::string(2 * kResyncSegments, '.'));
}

TEST(ReassemblerAnchor, TheSynComesBeforeTheFirstByte) {
    const ReassemblyLimits limits;
    Reassembler stream(limits);
    Recorder sink;
    Segment segment;
    segment.sequence = 0xffffffff;
    segment.syn = true;
    EXPECT_EQ(stream.on_segment(segment, ms(0), sink), SegmentVerdict::empty);
    EXPECT_EQ(stream.on_segment(segment, ms(0), sink), SegmentVerdict::retransmission);
    segment.payload = "fast open";  // RFC 7413
    EXPECT_EQ(stream.on_segment(segment, ms(0), sink), SegmentVerdict::delivered);
    EXPECT_EQ(stream.next().sequence(), 9U);
}

TEST(ReassemblerAnchor, WithoutASynTheFirstPayloadIsTheStart) {
    const ReassemblyLimits limits;
    Reassembler stream(limits);
    Recorder sink;
    Segment segment;
    segment.sequence = 99;
    EXPECT_EQ(stream.on_segment(segment, ms(0), sink), SegmentVerdict::empty);
    stream.on_peer_ack(500, ms(0), sink);
    stream.close(ms(0), sink);
    EXPECT_FALSE(stream.anchored());
    EXPECT_EQ(sink.text, "");
    segment.payload = "here";
    segment.sequence = 100;
    EXPECT_EQ(stream.on_segment(segment, ms(0), sink), SegmentVerdict::delivered);
    EXPECT_EQ(sink.text, "here");
    EXPECT_EQ(stream.next_offset(), 4U);
}

}  // namespace
}  // namespace understudy::capture
