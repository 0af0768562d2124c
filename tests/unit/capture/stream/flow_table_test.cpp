#include "capture/stream/flow_table.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/unit/capture/stream/flow_table_fixture.hpp"

namespace understudy::capture {
namespace {

using testing::Conversation;

TEST_F(FlowTableTest, AWholeConversation) {
    Conversation talk(client, server, 0xfffffff0, 0xffffff00);
    talk.handshake();
    talk.client_sends("select 1");
    const Bytes rows(5000, 'r');
    talk.server_sends(rows);
    talk.client_sends("bye");
    talk.close();
    for (const auto& packet : talk.packets()) {
        table->on_packet(testing::kLinkEthernet, packet.bytes, static_cast<std::uint32_t>(packet.bytes.size()),
                         packet.time);
    }
    ASSERT_EQ(seen.flows.size(), 1U);
    EXPECT_EQ(seen.flows[0].opened.client, client);
    EXPECT_EQ(seen.flows[0].opened.server, server);
    EXPECT_EQ(seen.flows[0].opened.time, talk.packets()[0].time);
    EXPECT_TRUE(seen.flows[0].opened.saw_syn);
    EXPECT_EQ(to_server(), "select 1bye");
    EXPECT_EQ(to_client(), rows);
    EXPECT_EQ(seen.flows[0].closed, CloseReason::fin);
    EXPECT_EQ(table->open_flows(), 0U);
    EXPECT_EQ(table->counters().bytes_delivered, 11U + 5000);
    EXPECT_EQ(table->counters().gaps, 0U);
    EXPECT_EQ(count(SegmentVerdict::after_close), 1U) << "the last acknowledgement";
}

TEST_F(FlowTableTest, EveryPacketTwiceChangesNothing) {
    Conversation talk(client, server);
    talk.handshake();
    talk.client_sends("select 1");
    talk.server_sends(Bytes(3000, 'r'));
    talk.close();
    for (const auto& packet : talk.packets()) {
        for (int i = 0; i < 2; ++i) table->on_packet(testing::kLinkEthernet, packet.bytes, 0, packet.time);
    }
    ASSERT_EQ(seen.flows.size(), 1U);
    EXPECT_EQ(to_server(), "select 1");
    EXPECT_EQ(to_client(), Bytes(3000, 'r'));
    EXPECT_EQ(count(SegmentVerdict::delivered), 4U);
    EXPECT_EQ(count(SegmentVerdict::retransmission), 2U + 4) << "SYNs and data";
    EXPECT_EQ(table->counters().gaps, 0U);
}

TEST_F(FlowTableTest, TheListedPortIsTheServers) {
    const Endpoint low = endpoint("10.0.0.3", 80);
    put(segment_of(server, low, 1, "from the server"));
    EXPECT_EQ(seen.flows.at(0).opened.server, server);
    EXPECT_EQ(to_client(), "from the server");
}

TEST_F(FlowTableTest, OfTwoListedPortsTheSynDecides) {
    const Endpoint bouncer = endpoint("10.0.0.9", 6432);
    Segment segment = segment_of(server, bouncer, 1);
    segment.syn = true;
    put(segment);
    EXPECT_EQ(seen.flows.at(0).opened.server, bouncer);
    table->finish(ms(1));
    segment.ack = true;
    put(segment);
    EXPECT_EQ(seen.flows.at(1).opened.server, server);
}

TEST_F(FlowTableTest, OfTwoListedPortsWithoutSynTheLowerIsTheServers) {
    const Endpoint bouncer = endpoint("10.0.0.9", 6432);
    put(segment_of(server, bouncer, 1, "data"));
    EXPECT_EQ(seen.flows.at(0).opened.server, server);
    for (const auto& [from, to] :
         {std::pair(server, endpoint("10.0.0.9", 5432)), std::pair(endpoint("10.0.0.8", 5432), server)}) {
        put(segment_of(from, to, 1, "data"));
        EXPECT_EQ(seen.flows.back().opened.server, to) << "of equal ports, the first receiver";
    }
    EXPECT_EQ(seen.flows.size(), 3U);
}

TEST_F(FlowTableTest, OtherPortsAreNotWatched) {
    EXPECT_EQ(put(segment_of(endpoint("10.0.0.1", 80), client, 1, "x")), SegmentVerdict::not_watched);
    EXPECT_TRUE(seen.flows.empty());
}

TEST_F(FlowTableTest, FlowsOfOneClientDoNotMix) {
    const Endpoint other = endpoint("10.0.0.2", 40'001);
    const Endpoint sixth = endpoint("2001:db8::2", 40'000);
    from_client(0, "one");
    put(segment_of(other, server, 1, "two"));
    put(segment_of(sixth, endpoint("2001:db8::1", 5432), 1, "three"));
    from_client(3, "1");
    EXPECT_EQ(to_server(0), "one1");
    EXPECT_EQ(to_server(1), "two");
    EXPECT_EQ(to_server(2), "three");
}

TEST_F(FlowTableTest, JoinsMidwayAtAPayload) {
    EXPECT_EQ(client_acks(0), SegmentVerdict::no_flow);
    EXPECT_EQ(rst(1), SegmentVerdict::no_flow);
    EXPECT_EQ(fin(client, 1), SegmentVerdict::no_flow);
    EXPECT_EQ(from_client(0, "x"), SegmentVerdict::no_flow) << "may be a keep-alive probe";
    EXPECT_EQ(from_client(10, "xy"), SegmentVerdict::delivered);
    ASSERT_EQ(seen.flows.size(), 1U);
    EXPECT_FALSE(seen.flows[0].opened.saw_syn);
    EXPECT_EQ(table->counters().flows_joined_midway, 1U);
}

TEST_F(FlowTableTest, JoinedMidwayTheFirstAcknowledgementIsTheOtherSidesStart) {
    from_client(0, "query");
    client_acks(100);
    EXPECT_EQ(from_server(90, "before the"), SegmentVerdict::retransmission);
    from_server(104, "rows");
    client_acks(108);
    table->finish(ms(1000));
    EXPECT_EQ(to_client(), "[4]rows");
}

TEST_F(FlowTableTest, DataSayWhetherTheirSenderHadReceivedExactlyWhatCameBefore) {
    const auto send = [&](bool of_client, std::uint32_t offset, BytesView payload, std::uint32_t acknowledges) {
        Segment segment = of_client ? segment_of(client, server, kClientIsn + 1 + offset, payload)
                                    : segment_of(server, client, kServerIsn + 1 + offset, payload);
        segment.ack = true;
        segment.acknowledgement = (of_client ? kServerIsn : kClientIsn) + 1 + acknowledges;
        put(segment);
    };
    handshake();
    send(true, 0, "ask1", 0);
    send(true, 4, "ask2", 0);
    send(false, 0, "answer1", 4);
    send(false, 7, "answer2", 8);
    send(true, 8, "ask3", 7);
    send(true, 20, "ask5", 14);  // waits for the one before
    send(true, 12, "the ask4", 14);
    send(false, 20, "answer4", 24);  // its own hole is before it
    send(false, 14, "answer", 12);
    EXPECT_EQ(seen.flows.at(0).caught_up, (std::vector<bool>{true, true, false, true, false, true, true, false, true}));
}

TEST_F(FlowTableTest, ASynAckAloneIsAStartToo) {
    syn_ack();
    from_client(0, "startup");
    EXPECT_TRUE(seen.flows.at(0).opened.saw_syn);
    EXPECT_EQ(seen.flows.at(0).opened.client, client);
    EXPECT_EQ(syn(), SegmentVerdict::retransmission) << "captured after its answer";
    EXPECT_EQ(to_server(), "startup");
    EXPECT_EQ(seen.flows.size(), 1U);
}

TEST_F(FlowTableTest, AfterTheSynTheFirstAcknowledgementIsTheOtherSidesStart) {
    syn();
    client_acks(0);
    EXPECT_EQ(from_server(4, "late"), SegmentVerdict::buffered);
    EXPECT_EQ(from_server(0, "too "), SegmentVerdict::delivered);
    EXPECT_EQ(to_client(), "too late");
}

TEST_F(FlowTableTest, ASynOverAConnectionJoinedMidwayIsANewOne) {
    from_server(0, "rows");
    syn();
    ASSERT_EQ(seen.flows.size(), 2U);
    EXPECT_EQ(seen.flows[0].closed, CloseReason::reuse);
}

TEST_F(FlowTableTest, AQuietFlowGetsItsGapFromTheOthersTime) {
    handshake();
    from_server(4, "tail", 10);
    client_acks(8, 11);
    put(segment_of(endpoint("10.0.0.7", 40'000), server, 1, "xy"), 210);
    EXPECT_EQ(to_client(), "");
    put(segment_of(endpoint("10.0.0.7", 40'000), server, 3, "xy"), 211);
    EXPECT_EQ(to_client(), "[4]tail");
    EXPECT_EQ(seen.flows.at(0).times, std::vector<Timestamp>(2, ms(10)));
    EXPECT_EQ(table->counters().gaps, 1U);
    EXPECT_EQ(table->counters().gap_bytes, 4U);
    EXPECT_EQ(table->buffered_bytes(), 0U);
}

TEST_F(FlowTableTest, AllFlowsTogetherBufferNoMoreThanTheLimit) {
    FlowTableOptions options;
    options.max_buffered_bytes = 2 * (4 + kPieceOverhead);
    use(options);
    handshake();
    from_server(4, "tail");
    client = endpoint("10.0.0.3", 40'000);
    handshake();
    from_server(4, "tail");
    EXPECT_EQ(table->buffered_bytes(), options.max_buffered_bytes);
    from_server(9, "x");
    EXPECT_EQ(to_client(1), "[4]tail[1]x");
    EXPECT_EQ(to_client(0), "");
    EXPECT_EQ(table->buffered_bytes(), 4 + kPieceOverhead);
}

TEST_F(FlowTableTest, CountersNameEveryVerdict) {
    handshake();
    table->on_packet(testing::kLinkEthernet, "short", 60, ms(0));
    table->on_packet(77, "odd", 3, ms(0));
    rst(kClientIsn + 1);
    std::map<std::string, std::uint64_t> values;
    table->counters().for_each([&](std::string_view name, std::uint64_t value) {
        EXPECT_FALSE(name.empty() || name.back() == '.') << "a verdict without a name";
        EXPECT_TRUE(values.emplace(name, value).second) << name << " twice";
    });
    EXPECT_EQ(values.size(), 1 + kDissectVerdicts + kSegmentVerdicts + 6 + kCloseReasons);
    EXPECT_EQ(values.at("packets.total"), 2U);
    EXPECT_EQ(values.at("packets.truncated"), 1U);
    EXPECT_EQ(values.at("packets.unsupported_link"), 1U);
    EXPECT_EQ(values.at("segments.empty"), 3U);
    EXPECT_EQ(values.at("segments.reset"), 1U);
    EXPECT_EQ(values.at("flows.opened"), 1U);
    EXPECT_EQ(values.at("flows.closed_reset"), 1U);
}

}  // namespace
}  // namespace understudy::capture
