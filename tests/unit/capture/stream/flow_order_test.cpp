// Data waits for the data of the other direction that its segment acknowledges.

#include <gtest/gtest.h>

#include "tests/unit/capture/stream/flow_table_fixture.hpp"

namespace understudy::capture {
namespace {

class FlowOrder : public FlowTableTest {
protected:
    void SetUp() override {
        FlowTableTest::SetUp();
        handshake();
    }
    /// `acked`: bytes of the other side that the sender has read.
    SegmentVerdict client_says(std::uint32_t offset, BytesView text, std::uint32_t acked, std::int64_t at_ms = 0) {
        return put(acking(segment_of(client, server, kClientIsn + 1 + offset, text), kServerIsn + 1 + acked), at_ms);
    }
    SegmentVerdict server_says(std::uint32_t offset, BytesView text, std::uint32_t acked, std::int64_t at_ms = 0) {
        return put(acking(segment_of(server, client, kServerIsn + 1 + offset, text), kClientIsn + 1 + acked), at_ms);
    }
    std::string order() { return seen.flows.at(0).order; }

private:
    static Segment acking(Segment segment, std::uint32_t acknowledgement) {
        segment.ack = true;
        segment.acknowledgement = acknowledgement;
        return segment;
    }
};

TEST_F(FlowOrder, AnAnswerCapturedFirstWaitsForWhatItAnswers) {
    EXPECT_EQ(server_says(0, "one", 3, 1), SegmentVerdict::buffered);
    EXPECT_EQ(order(), "");
    EXPECT_EQ(client_says(0, "ask", 0, 2), SegmentVerdict::delivered);
    EXPECT_EQ(order(), ">ask<one");
    EXPECT_EQ(seen.flows.at(0).times, (std::vector<Timestamp>{ms(2), ms(2)})) << "it is not older than the question";
    EXPECT_EQ(table->buffered_bytes(), 0U);
}

TEST_F(FlowOrder, ARequestWaitsForTheAnswerThatItsClientHadRead) {
    client_says(0, "a", 0);
    client_says(1, "b", 3, 1);
    server_says(3, "two", 2, 2);
    EXPECT_EQ(order(), ">a");
    server_says(0, "one", 1, 3);
    EXPECT_EQ(order(), ">a<one>b<two");
}

TEST_F(FlowOrder, AnswersWaitBehindAHoleOfTheClient) {
    client_says(3, "second", 0);
    server_says(0, "one", 3);
    server_says(3, "two", 9);
    EXPECT_EQ(order(), "");
    client_says(0, "ask", 0);
    EXPECT_EQ(order(), ">ask>second<one<two");
}

TEST_F(FlowOrder, WhatNeverComesIsGivenUpAfterTheUsualPatience) {
    server_says(0, "one", 3, 1);
    table->advance(ms(200));
    EXPECT_EQ(order(), "");
    table->advance(ms(201));
    EXPECT_EQ(order(), ">[3]<one");
    EXPECT_EQ(seen.flows.at(0).times.back(), ms(1)) << "the answer keeps its own time";
    EXPECT_EQ(server_says(3, "more", 3, 202), SegmentVerdict::delivered);
}

/// What lies in the hole of one side is told apart by what the other side had read when it sent.
TEST_F(FlowOrder, AHoleIsGivenUpOnlyAsFarAsTheOtherSideHadReadIt) {
    client_says(0, "a", 0);
    client_says(1, "b", 4, 1);
    server_says(8, "end", 2, 2);
    table->finish(ms(3));
    EXPECT_EQ(order(), ">a<[4]>b<[4]<end");
}

TEST_F(FlowOrder, TheNumberOfAFinThatWasNotCapturedIsNoByte) {
    client_says(0, "bye", 0);
    server_says(0, "the end", 4, 1);
    table->advance(ms(201));
    EXPECT_EQ(order(), ">bye<the end");
    EXPECT_EQ(table->counters().gaps, 0U);
}

TEST_F(FlowOrder, AFinCapturedLateDoesNotHoldTheAnswerBack) {
    client_says(0, "bye", 0);
    server_says(0, "the end", 4, 1);
    fin(client, kClientIsn + 4);
    EXPECT_EQ(order(), ">bye<the end");
}

TEST_F(FlowOrder, TwoThatWaitForEachOtherGoOn) {
    client_says(0, "first", 6, 1);
    server_says(0, "second", 5, 2);
    EXPECT_EQ(order(), ">first<second");
    table->advance(ms(300));
    EXPECT_EQ(table->counters().gaps, 0U);
}

TEST_F(FlowOrder, WhatIsHeldIsBounded) {
    FlowTableOptions options;
    options.reassembly.max_buffered_bytes = 4096;
    use(options);
    handshake();
    const std::string piece(1000, 'r');
    for (std::uint32_t i = 0; i < 20; ++i) {
        server_says(i * 1000, piece, 7);
        EXPECT_LE(table->buffered_bytes(), 4096U);
    }
    EXPECT_EQ(to_server(1), "[7]");
    EXPECT_EQ(to_client(1).size(), 20'000U);
}

TEST_F(FlowOrder, WhatAllFlowsHoldIsBounded) {
    FlowTableOptions options;
    options.max_buffered_bytes = 10'000;
    use(options);
    for (std::uint16_t port = 1; port <= 40; ++port) {
        client = endpoint("10.0.0.2", port);
        handshake();
        server_says(0, std::string(1000, 'r'), 7);
        EXPECT_LE(table->buffered_bytes(), 10'000U);
    }
    EXPECT_GT(table->counters().gaps, 20U);
    table->finish(ms(5));
    EXPECT_EQ(table->buffered_bytes(), 0U);
}

}  // namespace
}  // namespace understudy::capture
