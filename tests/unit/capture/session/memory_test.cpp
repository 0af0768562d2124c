// What many sessions, and peers that never acknowledge, may cost. Measured from the allocator.

#include <gtest/gtest.h>
#include <malloc.h>

#include "capture/pipeline.hpp"
#include "tests/unit/capture/session/session_fixture.hpp"

namespace understudy::capture {
namespace {

using testing::endpoint;

constexpr std::size_t kSessions = 10'000;
/// The stated limit for a session with a few prepared statements, between two exchanges.
constexpr std::size_t kBytesPerSession = std::size_t{12} << 10U;

std::size_t allocated() {
    const auto info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
}

class NoEvents final : public EventSink {
public:
    void on_event(Event&&) override {}
};

/// Both directions of one connection, in order.
class Line {
public:
    explicit Line(std::uint32_t number)
        : client_(endpoint("10.0." + std::to_string(number / 250 % 250) + "." + std::to_string(1 + number % 250),
                           static_cast<std::uint16_t>(20'000 + number / 62'500))) {}

    void open(CapturePipeline& pipeline, Timestamp now) {
        send(pipeline, now, true, {}, true);
        send(pipeline, now, false, {}, true);
    }
    void send(CapturePipeline& pipeline, Timestamp now, bool from_client, BytesView bytes, bool syn = false,
              bool lost = false) {
        const std::size_t side = from_client ? 0 : 1;
        Segment segment;
        segment.source = from_client ? client_ : server_;
        segment.destination = from_client ? server_ : client_;
        segment.sequence = next_[side];
        segment.acknowledgement = next_[1 - side];
        segment.syn = syn;
        segment.ack = !from_client || !syn;
        segment.payload = bytes;
        next_[side] += static_cast<std::uint32_t>(bytes.size()) + (syn ? 1 : 0);
        if (lost) return;
        const Bytes packet = testing::ethernet_packet(segment);
        pipeline.on_packet(testing::kLinkEthernet, packet, static_cast<std::uint32_t>(packet.size()), now);
    }

private:
    Endpoint client_;
    Endpoint server_ = endpoint("10.9.9.9", 5432);
    std::array<std::uint32_t, 2> next_{1000, 5000};
};

PipelineOptions options() {
    PipelineOptions options;
    options.flows.server_ports = {5432};
    return options;
}

TEST(Memory, OfTenThousandSessionsIsBounded) {
    NoEvents sink;
    CapturePipeline pipeline(options(), testing::test_digester(), sink);
    std::vector<Line> lines;
    for (std::uint32_t i = 0; i < kSessions; ++i) lines.emplace_back(i);
    const std::size_t before = allocated();
    std::int64_t ms = 0;
    for (Line& line : lines) {
        line.open(pipeline, testing::at_ms(++ms / 10));
        line.send(pipeline, testing::at_ms(ms / 10), true, wire::startup());
        line.send(pipeline, testing::at_ms(ms / 10), false, wire::logged_in(static_cast<std::uint32_t>(ms)));
        for (const char* name : {"S_1", "S_2", "S_3"}) {
            line.send(
                pipeline, testing::at_ms(ms / 10), true,
                fe::parse(name, "select * from orders where id = $1") + fe::describe_statement(name) + fe::sync());
            line.send(pipeline, testing::at_ms(ms / 10), false,
                      wire::frame('1', "") + be::parameter_description({23}) +
                          be::row_description({{"id"}, {"name"}, {"price"}}) + be::ready());
        }
    }
    const auto round = [&] {
        for (Line& line : lines) {
            line.send(pipeline, testing::at_ms(++ms / 10), true, fe::bind("", "S_2") + fe::execute() + fe::sync());
            line.send(pipeline, testing::at_ms(ms / 10), false,
                      wire::frame('2', "") + be::row({"1", "two", "3"}) + be::complete("SELECT 1") + be::ready());
        }
    };
    round();
    EXPECT_EQ(pipeline.progress().open_sessions, kSessions);
    const std::size_t once = allocated() - before;
    RecordProperty("bytes_per_session", std::to_string(once / kSessions));
    EXPECT_LT(once / kSessions, kBytesPerSession);
    round();
    round();
    EXPECT_LT(allocated() - before, once + once / 20) << "traffic does not add up";
    pipeline.finish(PcapStats{});
    EXPECT_EQ(pipeline.progress().open_sessions, 0U);
    EXPECT_LT((allocated() - before) / kSessions, kBytesPerSession / 4) << "ended sessions are given back";
}

/// One side of the capture is missing, or a segment never comes, or nothing is ever acknowledged.
TEST(Memory, OfPeersThatDoNotAcknowledgeIsBounded) {
    PipelineOptions small = options();
    small.flows.reassembly.max_buffered_bytes = std::size_t{1} << 20U;
    small.flows.max_buffered_bytes = std::size_t{2} << 20U;
    const Bytes rows = [] {
        Bytes bytes;
        while (bytes.size() < 1400) bytes += be::row({Bytes(100, 'v')});
        return bytes;
    }();
    for (const int kind : {0, 1, 2}) {
        SCOPED_TRACE(kind);
        NoEvents sink;
        CapturePipeline pipeline(small, testing::test_digester(), sink);
        std::vector<Line> lines;
        for (std::uint32_t i = 0; i < 10; ++i) lines.emplace_back(i);
        const std::size_t before = allocated();
        std::size_t highest = 0;
        for (Line& line : lines) {
            line.open(pipeline, testing::at_ms(0));
            line.send(pipeline, testing::at_ms(0), true, wire::startup());
            line.send(pipeline, testing::at_ms(0), false, wire::logged_in());
        }
        for (int i = 0; i < 800; ++i) {
            for (Line& line : lines) {
                const Timestamp now = testing::at_ms(i / 100);  // within the patience for gaps
                // Each answer acknowledges another request; with kind 0 that side is not captured.
                line.send(pipeline, now, true, fe::query("select 1"), false, kind == 0 || (kind == 1 && i == 0));
                line.send(pipeline, now, false, rows, false, kind == 2 && i == 0);
            }
            if (i % 50 == 0) highest = std::max(highest, allocated() - before);
        }
        ::testing::Test::RecordProperty("highest" + std::to_string(kind), std::to_string(highest));
        EXPECT_LT(highest, std::size_t{8} << 20U);
        pipeline.finish(PcapStats{});
    }
}

}  // namespace
}  // namespace understudy::capture
