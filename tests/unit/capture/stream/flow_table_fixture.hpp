#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "capture/stream/flow_table.hpp"
#include "tests/support/packet_builder.hpp"
#include "tests/unit/capture/stream/recording_listener.hpp"

namespace understudy::capture {

using testing::endpoint;

inline constexpr std::uint32_t kClientIsn = 1000;
inline constexpr std::uint32_t kServerIsn = 5000;

inline Timestamp ms(std::int64_t n) { return Timestamp::from_ns(1'700'000'000'000'000'000 + n * 1'000'000); }

inline Segment segment_of(const Endpoint& from, const Endpoint& to, std::uint32_t sequence, BytesView payload = {}) {
    Segment segment;
    segment.source = from;
    segment.destination = to;
    segment.sequence = sequence;
    segment.payload = payload;
    return segment;
}

class FlowTableTest : public ::testing::Test {
protected:
    void use(FlowTableOptions options) {
        options.server_ports = {5432, 6432};
        table.emplace(options, seen);
    }
    void SetUp() override { use({}); }

    SegmentVerdict put(Segment segment, std::int64_t at_ms = 0) { return table->on_segment(segment, ms(at_ms)); }
    SegmentVerdict from_client(std::uint32_t offset, BytesView payload, std::int64_t at_ms = 0) {
        return put(segment_of(client, server, kClientIsn + 1 + offset, payload), at_ms);
    }
    SegmentVerdict from_server(std::uint32_t offset, BytesView payload, std::int64_t at_ms = 0) {
        return put(segment_of(server, client, kServerIsn + 1 + offset, payload), at_ms);
    }
    SegmentVerdict client_acks(std::uint32_t offset, std::int64_t at_ms = 0) {
        Segment segment = segment_of(client, server, kClientIsn + 1);
        segment.ack = true;
        segment.acknowledgement = kServerIsn + 1 + offset;
        return put(segment, at_ms);
    }
    SegmentVerdict syn(std::uint32_t isn = kClientIsn, std::int64_t at_ms = 0) {
        Segment segment = segment_of(client, server, isn);
        segment.syn = true;
        return put(segment, at_ms);
    }
    SegmentVerdict syn_ack(std::uint32_t isn = kServerIsn, std::uint32_t client_isn = kClientIsn) {
        Segment segment = segment_of(server, client, isn);
        segment.syn = segment.ack = true;
        segment.acknowledgement = client_isn + 1;
        return put(segment);
    }
    SegmentVerdict fin(const Endpoint& from, std::uint32_t sequence, BytesView payload = {}) {
        Segment segment = segment_of(from, from == client ? server : client, sequence, payload);
        segment.fin = true;
        return put(segment);
    }
    SegmentVerdict rst(std::uint32_t sequence) {
        Segment segment = segment_of(client, server, sequence);
        segment.rst = true;
        return put(segment);
    }
    void handshake() {
        syn();
        syn_ack();
        client_acks(0);
    }
    std::uint64_t count(SegmentVerdict verdict) {
        return table->counters().segments[static_cast<std::size_t>(verdict)];
    }
    std::string to_server(std::size_t flow = 0) { return seen.flows.at(flow).text[0]; }
    std::string to_client(std::size_t flow = 0) { return seen.flows.at(flow).text[1]; }

    Endpoint client = endpoint("10.0.0.2", 40'000);
    Endpoint server = endpoint("10.0.0.1", 5432);
    RecordingListener seen;
    std::optional<FlowTable> table;
};

}  // namespace understudy::capture
