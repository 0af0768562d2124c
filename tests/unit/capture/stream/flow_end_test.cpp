// How connections end, what their last packets may not do, and when the same ports are a new connection.

#include <gtest/gtest.h>

#include "tests/unit/capture/stream/flow_table_fixture.hpp"

namespace understudy::capture {
namespace {

using FlowEnd = FlowTableTest;

TEST_F(FlowEnd, AHalfClosedConnectionGoesOn) {
    handshake();
    fin(client, kClientIsn + 1, "last words");
    from_server(0, "long answer");
    EXPECT_FALSE(seen.flows.at(0).closed);
    fin(server, kServerIsn + 12, "!");
    EXPECT_EQ(to_server(), "last words");
    EXPECT_EQ(to_client(), "long answer!");
    EXPECT_EQ(seen.flows.at(0).closed, CloseReason::fin);
}

TEST_F(FlowEnd, ALostEndIsAGapAndThenTheEnd) {
    handshake();
    fin(client, kClientIsn + 1);
    fin(server, kServerIsn + 1 + 5);
    client_acks(6, 1);
    EXPECT_FALSE(seen.flows.at(0).closed);
    table->advance(ms(200));
    EXPECT_FALSE(seen.flows.at(0).closed);
    table->advance(ms(201));
    EXPECT_EQ(to_client(), "[5]");
    EXPECT_EQ(seen.flows.at(0).closed, CloseReason::fin);
}

TEST_F(FlowEnd, AResetEndsBothDirections) {
    handshake();
    from_server(4, "tail");
    EXPECT_EQ(rst(kClientIsn + 1), SegmentVerdict::reset);
    EXPECT_EQ(to_client(), "[4]tail");
    EXPECT_EQ(seen.flows.at(0).closed, CloseReason::reset);
    EXPECT_EQ(from_server(0, "miss"), SegmentVerdict::after_close);
    EXPECT_EQ(table->buffered_bytes(), 0U);
}

TEST_F(FlowEnd, AResetFromFarAwayIsNotBelieved) {
    handshake();
    EXPECT_EQ(rst(kClientIsn + 0x70000000), SegmentVerdict::beyond_window);
    EXPECT_EQ(from_client(0, "alive"), SegmentVerdict::delivered);
}

TEST_F(FlowEnd, TheTailOfAnEndedConnectionOpensNone) {
    handshake();
    from_client(0, "bye");
    rst(kClientIsn + 4);
    EXPECT_EQ(from_client(0, "bye"), SegmentVerdict::after_close);
    EXPECT_EQ(from_server(0, "still in flight"), SegmentVerdict::after_close);
    EXPECT_EQ(rst(kClientIsn + 4), SegmentVerdict::after_close);
    EXPECT_EQ(seen.flows.size(), 1U);
    EXPECT_EQ(from_client(0x30000000, "of another"), SegmentVerdict::delivered);
    ASSERT_EQ(seen.flows.size(), 2U);
    EXPECT_NE(seen.flows[0].opened.id, seen.flows[1].opened.id);
}

TEST_F(FlowEnd, AnEndedConnectionIsForgottenInTime) {
    handshake();
    rst(kClientIsn + 1);
    EXPECT_EQ(from_client(0, "xy", 119'999), SegmentVerdict::after_close);
    EXPECT_EQ(from_client(0, "xy", 120'000), SegmentVerdict::delivered);
}

TEST_F(FlowEnd, EndedConnectionsAreForgottenAtTheLimit) {
    FlowTableOptions options;
    options.max_closed_flows = 1;
    use(options);
    handshake();
    rst(kClientIsn + 1);
    EXPECT_EQ(from_client(0, "xy"), SegmentVerdict::after_close);
    client = endpoint("10.0.0.77", 40'000);
    handshake();
    rst(kClientIsn + 1);
    client = endpoint("10.0.0.2", 40'000);
    EXPECT_EQ(from_client(0, "xy"), SegmentVerdict::delivered);
}

TEST_F(FlowEnd, ANewSynIsANewConnection) {
    handshake();
    from_client(0, "old");
    from_server(3, "unfinished");
    EXPECT_EQ(syn(), SegmentVerdict::retransmission);
    syn(77'000'000);
    EXPECT_EQ(seen.flows.at(0).closed, CloseReason::reuse);
    EXPECT_EQ(to_client(0), "[3]unfinished");
    syn_ack(99'000'000, 77'000'000);
    put(segment_of(client, server, 77'000'001, "new"));
    ASSERT_EQ(seen.flows.size(), 2U);
    EXPECT_EQ(to_server(1), "new");
    EXPECT_EQ(table->open_flows(), 1U);
}

TEST_F(FlowEnd, ASynAfterTheEndIsANewConnection) {
    handshake();
    rst(kClientIsn + 1);
    syn();
    EXPECT_EQ(seen.flows.size(), 2U);
}

TEST_F(FlowEnd, AtTheLimitTheLongestIdleFlowGoes) {
    FlowTableOptions options;
    options.max_open_flows = 2;
    use(options);
    const auto from = [&](std::uint16_t port, std::uint32_t sequence, std::int64_t at_ms) {
        put(segment_of(endpoint("10.0.0.2", port), server, sequence, "hi"), at_ms);
    };
    from(1, 1, 0);
    from(2, 1, 2000);
    from(1, 3, 4000);
    EXPECT_EQ(table->open_flows(), 2U);
    from(3, 1, 6000);
    EXPECT_EQ(table->open_flows(), 2U);
    EXPECT_EQ(seen.flows.at(1).closed, CloseReason::idle_limit);
    EXPECT_FALSE(seen.flows.at(0).closed);
    from(2, 3, 8000);
    EXPECT_EQ(seen.flows.at(0).closed, CloseReason::idle_limit);
    ASSERT_EQ(seen.flows.size(), 4U) << "one closed for the limit is joined again";
    EXPECT_EQ(to_server(3), "hi");
}

TEST_F(FlowEnd, FinishClosesWhatIsOpen) {
    handshake();
    from_server(4, "tail");
    table->finish(ms(5));
    EXPECT_EQ(to_client(), "[4]tail");
    EXPECT_EQ(seen.flows.at(0).closed, CloseReason::end_of_capture);
    EXPECT_EQ(table->open_flows(), 0U);
}

}  // namespace
}  // namespace understudy::capture
