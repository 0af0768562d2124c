// A conversation as a network and a capture may disturb it: cut anywhere, retransmitted with other cuts,
// reordered within bounds, duplicated, partly lost, partly cut off, with sequence numbers that wrap. Whatever
// was captured must come out, whatever was not must be a gap of exactly that length.

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "tests/support/packet_builder.hpp"
#include "tests/unit/capture/stream/recording_listener.hpp"

namespace understudy::capture {
namespace {

constexpr int kSeeds = 300;

class Disturbed {
public:
    explicit Disturbed(std::uint32_t seed) : random_(seed) {
        losses_ = chance(50) ? 0 : 8;
        cuts_ = chance(70) ? 0 : 10;
        reach_ = chance(30) ? 0 : below(10);
        for (std::size_t side = 0; side < 2; ++side) {
            isn_[side] = 0U - below(4000);
            data_[side].resize(below(20'000));
            for (char& c : data_[side]) c = static_cast<char>('a' + below(26));
        }
    }

    void build() {
        const std::uint32_t unseen_syn = losses_ == 0 ? 2 : below(3);  // one of both may be lost
        add(0, 0, 0, unseen_syn != 0).syn = true;
        segments_.back().ack = false;
        add(1, 0, 0, unseen_syn != 1).syn = true;
        add(0, 0, 0, true);
        first_movable_ = segments_.size();
        while (sent_[0] < data_[0].size() || sent_[1] < data_[1].size()) {
            const std::size_t side = below(2);
            const std::size_t length = std::min<std::size_t>(1 + below(400), data_[side].size() - sent_[side]);
            if (length > 0) {
                sent_[side] += length;
                add(side, sent_[side] - length, length, !chance(losses_));
            }
            if (chance(10)) retransmit(side);
            if (chance(30)) add(1 - side, sent_[1 - side], 0, true);  // a bare acknowledgement
        }
        const bool reset = chance(20);
        if (!reset) {
            add(0, sent_[0], 0, true).fin = true;
            add(1, sent_[1], 0, true).fin = true;
            finned_ = true;
            add(0, sent_[0], 0, true).sequence += 1;
        }
        std::vector<Segment> bare{add(0, sent_[0], 0, true), add(1, sent_[1], 0, true)};
        shuffle();
        if (reset) {  // what was in flight has arrived, and the last acknowledgements say so
            captured_.insert(captured_.end(), bare.begin(), bare.end());
            bare[0].rst = true;
            captured_.push_back(bare[0]);
        }
    }

    const std::vector<Segment>& captured() const { return captured_; }
    /// What must come out: by direction (0 to the server), the bytes whose first captured copy was not cut
    /// there.
    std::vector<std::optional<char>> expected(std::size_t side) const {
        std::vector<std::optional<char>> result(data_[side].size());
        std::vector<bool> decided(result.size());
        for (const Segment& segment : captured_) {
            if (segment.source.port != ends_[side].port || segment.syn) continue;
            const std::uint32_t from = segment.sequence - (isn_[side] + 1);
            for (std::size_t i = 0; i < segment.payload.size() + segment.missing_payload; ++i) {
                if (decided[from + i]) continue;
                decided[from + i] = true;
                if (i < segment.payload.size()) result[from + i] = segment.payload[i];
            }
        }
        // Of one acknowledged byte at the very end nobody can say whether it was one or an unseen FIN.
        const auto end = result.size();
        if (!finned_ && end > 0 && !decided[end - 1] && (end == 1 || decided[end - 2])) result.pop_back();
        return result;
    }

private:
    std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
    bool chance(std::uint32_t percent) { return below(100) < percent; }

    Segment& add(std::size_t side, std::size_t offset, std::size_t length, bool seen) {
        Segment& segment = segments_.emplace_back();
        segment.source = ends_[side];
        segment.destination = ends_[1 - side];
        const bool is_syn = segments_.size() <= 2;
        segment.sequence = isn_[side] + static_cast<std::uint32_t>(offset) + (is_syn ? 0 : 1);
        segment.ack = true;
        segment.acknowledgement = isn_[1 - side] + 1 + static_cast<std::uint32_t>(sent_[1 - side]) + (finned_ ? 1 : 0);
        segment.payload = BytesView(data_[side]).substr(offset, length);
        if (length > 0 && chance(cuts_)) {
            segment.missing_payload = 1 + below(static_cast<std::uint32_t>(length));
            segment.payload.remove_suffix(segment.missing_payload);
        }
        seen_.push_back(seen);
        return segment;
    }
    /// Some of what was sent lately, cut elsewhere.
    void retransmit(std::size_t side) {
        const std::size_t back = std::min<std::size_t>(sent_[side], 1 + below(600));
        if (back > 0) add(side, sent_[side] - back, 1 + below(static_cast<std::uint32_t>(back)), true);
    }
    void shuffle() {
        std::vector<std::size_t> order(segments_.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::vector<std::size_t> rank = order;
        for (std::size_t i = first_movable_; i < rank.size(); ++i) rank[i] += reach_ == 0 ? 0 : below(reach_);
        std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return rank[a] < rank[b]; });
        for (const std::size_t i : order) {
            if (!seen_[i]) continue;
            captured_.push_back(segments_[i]);
            if (chance(5)) captured_.push_back(segments_[i]);
        }
    }

    std::mt19937 random_;
    std::uint32_t losses_;
    std::uint32_t cuts_;
    std::uint32_t reach_;
    std::array<Endpoint, 2> ends_{testing::endpoint("10.0.0.2", 40'000), testing::endpoint("10.0.0.1", 5432)};
    std::array<std::uint32_t, 2> isn_{};
    std::array<Bytes, 2> data_;
    std::array<std::size_t, 2> sent_{};
    bool finned_ = false;
    std::size_t first_movable_ = 0;
    std::vector<Segment> segments_;
    std::vector<bool> seen_;
    std::vector<Segment> captured_;
};

TEST(FlowProperty, WhatWasCapturedComesOutAndTheRestIsAGap) {
    std::uint64_t gaps = 0;
    std::uint64_t buffered = 0;
    for (std::uint32_t seed = 0; seed < kSeeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Disturbed talk(seed);
        talk.build();
        RecordingListener seen;
        FlowTableOptions options;
        options.server_ports = {5432};
        FlowTable table(options, seen);
        Timestamp now = Timestamp::from_ns(1'700'000'000'000'000'000);
        std::uint64_t segments = 0;
        for (const Segment& segment : talk.captured()) {
            now = now + Duration::microseconds(50);
            table.on_segment(segment, now);
            ++segments;
        }
        table.advance(now + Duration::seconds(1));
        table.finish(now + Duration::seconds(1));

        ASSERT_EQ(seen.flows.size(), 1U);
        EXPECT_TRUE(seen.flows[0].opened.saw_syn);
        for (std::size_t side = 0; side < 2; ++side) {
            ASSERT_TRUE(seen.flows[0].bytes[side] == talk.expected(side)) << "side " << side;
        }
        const StreamCounters& counters = table.counters();
        EXPECT_EQ(std::accumulate(counters.segments.begin(), counters.segments.end(), std::uint64_t{0}), segments);
        EXPECT_EQ(counters.segments[static_cast<std::size_t>(SegmentVerdict::overlap_conflict)], 0U);
        EXPECT_EQ(table.buffered_bytes(), 0U);
        gaps += counters.gaps;
        buffered += counters.segments[static_cast<std::size_t>(SegmentVerdict::buffered)];
        if (::testing::Test::HasFailure()) return;
    }
    EXPECT_GT(gaps, 500U) << "the disturbances did not disturb";
    EXPECT_GT(buffered, 500U);
}

}  // namespace
}  // namespace understudy::capture
