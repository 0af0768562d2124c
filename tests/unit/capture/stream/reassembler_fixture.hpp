#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "capture/stream/reassembler.hpp"

namespace understudy::capture {

inline Timestamp ms(std::int64_t n) { return Timestamp::from_ns(1'000'000'000 + n * 1'000'000); }

/// A stream as text: data as it is, a gap as "[length]".
struct Recorder final : StreamSink {
    void on_data(BytesView bytes, Timestamp time) override {
        text += bytes;
        views.push_back(bytes);
        times.push_back(time);
        covered += bytes.size();
    }
    void on_gap(StreamGap gap, Timestamp time) override {
        EXPECT_EQ(gap.offset, covered);
        text += "[" + std::to_string(gap.length) + "]";
        times.push_back(time);
        covered += gap.length;
    }
    std::string text;
    std::vector<BytesView> views;
    std::vector<Timestamp> times;
    std::uint64_t covered = 0;
};

class ReassemblerTest : public ::testing::Test {
protected:
    static constexpr std::uint32_t kStart = 0xfffffffc;  // every test that goes on for four bytes wraps

    SegmentVerdict data(std::uint32_t offset, BytesView payload, Timestamp now = ms(0), bool fin = false,
                        std::uint32_t missing = 0) {
        Segment segment;
        segment.sequence = kStart + offset;
        segment.payload = payload;
        segment.fin = fin;
        segment.missing_payload = missing;
        return stream.on_segment(segment, now, sink);
    }
    SegmentVerdict fin(std::uint32_t offset, Timestamp now = ms(0)) { return data(offset, {}, now, true); }
    void ack(std::uint32_t offset, Timestamp now = ms(0)) { stream.on_peer_ack(kStart + offset, now, sink); }
    void set_limits(const ReassemblyLimits& value) {
        limits = value;
        stream = Reassembler(limits);
        stream.anchor(kStart);
    }
    void SetUp() override { stream.anchor(kStart); }

    ReassemblyLimits limits;
    Reassembler stream{limits};
    Recorder sink;
};

}  // namespace understudy::capture
