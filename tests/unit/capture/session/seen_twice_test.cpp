// The same connection captured at two places: the device `any`, the loopback interface, two interfaces in one capture.

#include <gmock/gmock.h>

#include <algorithm>

#include "capture/pipeline.hpp"
#include "tests/unit/capture/session/session_fixture.hpp"

namespace understudy::capture {
namespace {

constexpr int kCookedV1 = 113;
constexpr int kCookedV2 = 276;

/// `type`: 0 for what came to this host, 4 for what it sent.
Bytes cooked_v1(BytesView ip, std::uint16_t type) {
    Bytes packet;
    ByteWriter out(packet);
    out.u16(type);
    out.u16(1);
    out.u16(6);
    out.bytes(Bytes(8, '\1'));
    out.u16((static_cast<unsigned char>(ip[0]) >> 4U) == 6 ? 0x86dd : 0x0800);
    out.bytes(ip);
    return packet;
}

Bytes cooked_v2(BytesView ip, std::uint16_t type) {
    Bytes packet;
    ByteWriter out(packet);
    out.u16((static_cast<unsigned char>(ip[0]) >> 4U) == 6 ? 0x86dd : 0x0800);
    out.u16(0);
    out.u32(type == 0 ? 2 : 3);  // of another interface
    out.u16(1);
    out.u8(static_cast<std::uint8_t>(type));
    out.u8(6);
    out.bytes(Bytes(8, '\1'));
    out.bytes(ip);
    return packet;
}

struct Packet {
    int link_type;
    Bytes bytes;
    Timestamp time;
};

using Wrap = Bytes (*)(BytesView ip, std::uint16_t type);

std::vector<Packet> packets_of(bool v6, bool reset, int link_type, Wrap wrap, Duration later) {
    testing::Conversation talk(testing::endpoint(v6 ? "2001:db8::2" : "10.0.0.2", 40'000),
                               testing::endpoint(v6 ? "2001:db8::1" : "10.0.0.1", 5432), 0U - 50);
    talk.max_segment = 30;
    talk.handshake();
    talk.client_sends(wire::startup());
    talk.server_sends(wire::logged_in());
    for (int i = 0; i < 5; ++i) {
        talk.client_sends(fe::query("select " + std::string(40, static_cast<char>('a' + i))));
        talk.server_sends(be::row_description({{"a"}}) + be::row({Bytes(60, 'v')}) + be::complete("SELECT 1") +
                          be::ready());
    }
    if (reset) {
        talk.reset();
    } else {
        talk.close();
    }
    const auto times = talk.packets();
    const auto segments = talk.segments();
    std::vector<Packet> packets;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const Bytes ip = testing::ip_packet(segments[i]);
        packets.push_back({link_type, wrap(ip, 4), times[i].time});
        if (later >= Duration()) packets.push_back({link_type, wrap(ip, 0), times[i].time + later});
    }
    std::stable_sort(packets.begin(), packets.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
    return packets;
}

testing::EventList decode(const std::vector<Packet>& packets) {
    testing::EventList list;
    PipelineOptions options;
    options.flows.server_ports = {5432};
    CapturePipeline pipeline(options, testing::test_digester(), list);
    for (const Packet& packet : packets) {
        pipeline.on_packet(packet.link_type, packet.bytes, static_cast<std::uint32_t>(packet.bytes.size()),
                           packet.time);
    }
    pipeline.finish(PcapStats{});
    return list;
}

TEST(SeenTwice, AConnectionIsRecordedOnce) {
    for (const bool v6 : {false, true}) {
        for (const bool reset : {false, true}) {
            for (const auto& [link_type, wrap] : {std::pair(kCookedV1, &cooked_v1), std::pair(kCookedV2, &cooked_v2)}) {
                const auto once = packets_of(v6, reset, link_type, wrap, Duration::microseconds(-1));
                const testing::EventList truth = decode(once);
                const auto& plain = std::get<Counters>(truth.events.back()).values;
                // Segments are 100 µs apart: from right behind each other to several segments later.
                for (const int later : {0, 1, 99, 250, 730}) {
                    SCOPED_TRACE(std::to_string(link_type) + " " + std::to_string(later));
                    const auto twice = packets_of(v6, reset, link_type, wrap, Duration::microseconds(later));
                    testing::EventList seen = decode(twice);
                    const auto counted = std::get<Counters>(seen.events.back()).values;
                    EXPECT_EQ(counted.at("packets.tcp"), 2 * plain.at("packets.tcp"));
                    EXPECT_EQ(counted.at("bytes.delivered"), plain.at("bytes.delivered"));
                    EXPECT_EQ(counted.at("flows.opened"), 1U);
                    EXPECT_EQ(counted.count("segments.overlap_conflict"), 0U);
                    const auto again = [&](const char* name) {
                        return counted.count(name) == 0 ? 0U : counted.at(name);
                    };
                    EXPECT_GE(again("segments.retransmission") + again("segments.after_close"),
                              plain.at("segments.delivered"));
                    ASSERT_EQ(seen.events.size(), truth.events.size());
                    seen.events.pop_back();
                    EXPECT_TRUE(std::equal(seen.events.begin(), seen.events.end(), truth.events.begin()));
                }
            }
        }
    }
}

}  // namespace
}  // namespace understudy::capture
