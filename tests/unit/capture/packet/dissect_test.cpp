#include "capture/packet/dissect.hpp"

#include <gtest/gtest.h>

#include <set>
#include <unordered_set>

#include "core/base/byte_writer.hpp"
#include "tests/support/packet_builder.hpp"

namespace understudy::capture {
namespace {

using testing::endpoint;
using testing::ethernet_frame;
using testing::ethernet_packet;
using testing::ip_packet;
using testing::kLinkEthernet;

Segment example(bool v6 = false, BytesView payload = "select 1;") {
    Segment segment;
    segment.source = endpoint(v6 ? "2001:db8::2" : "10.0.0.2", 40'000);
    segment.destination = endpoint(v6 ? "2001:db8::1" : "10.0.0.1", 5432);
    segment.sequence = 0xfffffffe;
    segment.acknowledgement = 77;
    segment.ack = true;
    segment.payload = payload;
    return segment;
}

void expect_same(const Segment& got, const Segment& expected) {
    EXPECT_EQ(to_string(got.source), to_string(expected.source));
    EXPECT_EQ(to_string(got.destination), to_string(expected.destination));
    EXPECT_EQ(got.source, expected.source);
    EXPECT_EQ(got.sequence, expected.sequence);
    EXPECT_EQ(got.acknowledgement, expected.acknowledgement);
    EXPECT_EQ(got.syn, expected.syn);
    EXPECT_EQ(got.ack, expected.ack);
    EXPECT_EQ(got.fin, expected.fin);
    EXPECT_EQ(got.rst, expected.rst);
    EXPECT_EQ(got.payload, expected.payload);
    EXPECT_EQ(got.missing_payload, expected.missing_payload);
}

DissectVerdict verdict_of(int link, BytesView packet, std::uint32_t original_length = 0) {
    Segment unused;
    return dissect(link, packet, original_length, unused);
}

TEST(Endpoint, IsWrittenWithItsPort) {
    EXPECT_EQ(to_string(endpoint("10.0.0.1", 5432)), "10.0.0.1:5432");
    EXPECT_EQ(to_string(endpoint("::1", 5432)), "[::1]:5432");
}

TEST(Endpoint, DiffersByEachPart) {
    const std::unordered_set<Endpoint> different{endpoint("10.0.0.1", 1), endpoint("10.0.0.1", 2),
                                                 endpoint("10.0.0.2", 1), endpoint("a00:1::", 1)};
    EXPECT_EQ(different.size(), 4U);
    std::set<std::size_t> hashes;
    for (const Endpoint& one : different) hashes.insert(std::hash<Endpoint>{}(one));
    EXPECT_EQ(hashes.size(), 4U);
}

TEST(Dissect, ReadsEveryLinkType) {
    for (const bool v6 : {false, true}) {
        const Segment segment = example(v6);
        const Bytes ip = ip_packet(segment);
        const Bytes ether_type = v6 ? "\x86\xdd" : Bytes("\x08\0", 2);
        const Bytes family_little = v6 ? Bytes("\x1e\0\0\0", 4) : Bytes("\2\0\0\0", 4);
        const Bytes family_big = v6 ? Bytes("\0\0\0\x18", 4) : Bytes("\0\0\0\2", 4);
        const std::vector<std::pair<int, Bytes>> packets{
            {1, ethernet_frame(ip)},
            {1, ethernet_frame(ip, {0x8100})},
            {1, ethernet_frame(ip, {0x88a8, 0x8100})},
            {1, ethernet_frame(ip, {0x9100, 0x8100})},
            {113, Bytes(14, '\0') + ether_type + ip},
            {276, ether_type + Bytes(18, '\0') + ip},
            {0, family_little + ip},
            {0, family_big + ip},
            {108, family_big + ip},
            {12, ip},
            {14, ip},
            {101, ip},
            {v6 ? 229 : 228, ip},
        };
        for (const auto& [link, packet] : packets) {
            SCOPED_TRACE("link type " + std::to_string(link));
            Segment got;
            ASSERT_EQ(dissect(link, packet, static_cast<std::uint32_t>(packet.size()), got), DissectVerdict::tcp);
            expect_same(got, segment);
        }
        EXPECT_EQ(verdict_of(v6 ? 228 : 229, ip), DissectVerdict::malformed);
    }
    EXPECT_EQ(verdict_of(127, ip_packet(example())), DissectVerdict::unsupported_link);
}

TEST(Dissect, ReadsEachFlag) {
    for (bool Segment::*flag : {&Segment::syn, &Segment::ack, &Segment::fin, &Segment::rst}) {
        Segment segment = example();
        segment.ack = false;
        segment.*flag = true;
        const Bytes packet = ethernet_packet(segment);
        Segment got;
        ASSERT_EQ(dissect(kLinkEthernet, packet, 0, got), DissectVerdict::tcp);
        expect_same(got, segment);
    }
}

TEST(Dissect, EthernetPaddingIsNoPayload) {
    const Bytes frame = ethernet_packet(example(false, "X"));
    ASSERT_EQ(frame.size(), 14U + 20 + 32 + 1);
    const Bytes padded = frame + Bytes(6, '\x55');
    Segment got;
    ASSERT_EQ(dissect(kLinkEthernet, padded, static_cast<std::uint32_t>(padded.size()), got), DissectVerdict::tcp);
    EXPECT_EQ(got.payload, "X");
    EXPECT_EQ(got.missing_payload, 0U);
}

TEST(Dissect, LengthZeroMeansTheRestOfThePacket) {
    for (const bool v6 : {false, true}) {
        Bytes ip = ip_packet(example(v6));
        ip.replace(v6 ? 4 : 2, 2, 2, '\0');
        Segment got;
        ASSERT_EQ(dissect(101, ip, static_cast<std::uint32_t>(ip.size()), got), DissectVerdict::tcp);
        expect_same(got, example(v6));
        ASSERT_EQ(dissect(101, ip.substr(0, ip.size() - 3), static_cast<std::uint32_t>(ip.size()), got),
                  DissectVerdict::tcp);
        EXPECT_EQ(got.missing_payload, 3U);
    }
}

TEST(Dissect, SkipsIpv4Options) {
    Bytes ip = ip_packet(example());
    ip.insert(20, Bytes(8, '\x01'));
    ip[0] = '\x47';
    ip[3] = static_cast<char>(ip.size());
    Segment got;
    ASSERT_EQ(dissect(101, ip, 0, got), DissectVerdict::tcp);
    expect_same(got, example());
}

/// An IPv6 packet with `headers` between its header and TCP; `first` is the type of the first of them.
Bytes with_extensions(char first, const Bytes& headers) {
    Bytes ip = ip_packet(example(true));
    ip.insert(40, headers);
    ip[5] = static_cast<char>(ip.size() - 40);
    ip[6] = first;
    return ip;
}

TEST(Dissect, SkipsIpv6ExtensionHeaders) {
    const Bytes routing = Bytes("\x3c\1", 2) + Bytes(14, '\0');     // 16 bytes, then destination options
    const Bytes destination = Bytes("\x2c\0", 2) + Bytes(6, '\0');  // then a fragment header
    const Bytes atomic_fragment = Bytes("\x06\0\0\0", 4) + "abcd";  // offset 0, no more: the whole
    const Bytes hop_by_hop = Bytes("\x2b\0", 2) + Bytes(6, '\0');   // then routing
    Segment got;
    const Bytes packet = with_extensions('\0', hop_by_hop + routing + destination + atomic_fragment);
    ASSERT_EQ(dissect(101, packet, 0, got), DissectVerdict::tcp);
    expect_same(got, example(true));
    EXPECT_EQ(verdict_of(101, packet.substr(0, 70), static_cast<std::uint32_t>(packet.size())),
              DissectVerdict::truncated);
}

TEST(Dissect, LimitsIpv6ExtensionHeaders) {
    const auto chain = [](int count) {
        Bytes headers;
        for (int i = 1; i < count; ++i) headers += Bytes("\x3c\0\0\0\0\0\0\0", 8);
        return with_extensions('\x3c', headers + Bytes("\x06\0\0\0\0\0\0\0", 8));
    };
    EXPECT_EQ(verdict_of(101, chain(16)), DissectVerdict::tcp);
    EXPECT_EQ(verdict_of(101, chain(17)), DissectVerdict::malformed);
}

TEST(Dissect, TellsFragments) {
    Bytes more = ip_packet(example());
    more[6] = '\x20';
    EXPECT_EQ(verdict_of(101, more), DissectVerdict::fragment);
    Bytes later = ip_packet(example());
    later[7] = '\x09';
    EXPECT_EQ(verdict_of(101, later), DissectVerdict::fragment);
    later[9] = '\x11';
    EXPECT_EQ(verdict_of(101, later), DissectVerdict::not_tcp);
    EXPECT_EQ(verdict_of(101, with_extensions('\x2c', Bytes("\x06\0\0\1", 4) + "abcd")), DissectVerdict::fragment);
    EXPECT_EQ(verdict_of(101, with_extensions('\x2c', Bytes("\x06\0\0\x08", 4) + "abcd")), DissectVerdict::fragment);
    EXPECT_EQ(verdict_of(101, with_extensions('\x2c', Bytes("\x11\0\0\x08", 4) + "abcd")), DissectVerdict::not_tcp);
}

TEST(Dissect, TellsOtherProtocols) {
    Bytes udp = ip_packet(example());
    udp[9] = '\x11';
    EXPECT_EQ(verdict_of(101, udp), DissectVerdict::not_tcp);
    Bytes udp6 = ip_packet(example(true));
    udp6[6] = '\x11';
    EXPECT_EQ(verdict_of(101, udp6), DissectVerdict::not_tcp);
    Bytes arp = ethernet_packet(example());
    arp[13] = '\x06';
    EXPECT_EQ(verdict_of(kLinkEthernet, arp), DissectVerdict::not_ip);
    EXPECT_EQ(verdict_of(0, Bytes("\x07\0\0\0", 4) + ip_packet(example())), DissectVerdict::not_ip);
}

TEST(Dissect, RefusesWhatContradictsItself) {
    const auto changed = [](std::size_t at, char value) {
        Bytes ip = ip_packet(example());
        ip[at] = value;
        return verdict_of(101, ip);
    };
    EXPECT_EQ(changed(0, '\x44'), DissectVerdict::malformed) << "an IP header of 16 bytes";
    EXPECT_EQ(changed(0, '\x35'), DissectVerdict::malformed) << "IP version 3";
    EXPECT_EQ(changed(3, '\x13'), DissectVerdict::malformed) << "an IP packet shorter than its header";
    EXPECT_EQ(changed(3, '\x20'), DissectVerdict::malformed) << "an IP packet that ends inside TCP's header";
    EXPECT_EQ(changed(32, '\x40'), DissectVerdict::malformed) << "a TCP header of 16 bytes";
    EXPECT_EQ(changed(32, '\xf0'), DissectVerdict::malformed) << "a TCP header longer than the packet";
    EXPECT_EQ(verdict_of(kLinkEthernet, ethernet_frame(ip_packet(example()), {0x8100, 0x8100, 0x8100, 0x8100})),
              DissectVerdict::tcp);
    EXPECT_EQ(verdict_of(kLinkEthernet, ethernet_frame(ip_packet(example()), std::vector<std::uint16_t>(5, 0x8100))),
              DissectVerdict::malformed);
}

TEST(Dissect, LimitsThePacketLength) {
    Bytes ip = ip_packet(example());
    ip.replace(2, 2, 2, '\0');
    Segment got;
    EXPECT_EQ(dissect(101, ip, kMaxPacketLength, got), DissectVerdict::tcp);
    EXPECT_EQ(got.missing_payload, kMaxPacketLength - ip.size());
    EXPECT_EQ(dissect(101, ip, kMaxPacketLength + 1, got), DissectVerdict::malformed);
}

TEST(Dissect, EveryCutIsNamed) {
    for (const bool v6 : {false, true}) {
        const Segment whole = example(v6);
        const Bytes packet = ethernet_packet(whole);
        const std::size_t tcp_fixed = 14 + (v6 ? 40U : 20U) + 20;
        for (std::size_t kept = 0; kept < packet.size(); ++kept) {
            SCOPED_TRACE(kept);
            Segment got;
            const BytesView cut = BytesView(packet).substr(0, kept);
            const auto verdict = dissect(kLinkEthernet, cut, static_cast<std::uint32_t>(packet.size()), got);
            ASSERT_EQ(verdict, kept < tcp_fixed ? DissectVerdict::truncated : DissectVerdict::tcp);
            if (verdict != DissectVerdict::tcp) continue;
            EXPECT_EQ(got.payload.size() + got.missing_payload, whole.payload.size());
            EXPECT_EQ(got.payload, whole.payload.substr(0, got.payload.size()));
        }
        for (std::size_t length = 0; length < tcp_fixed; ++length) {
            const auto verdict = verdict_of(kLinkEthernet, BytesView(packet).substr(0, length));
            // A packet that was never longer. Whether IP's own length says "cut" decides from its header on.
            EXPECT_EQ(verdict, length < (v6 ? 54U : 34U) ? DissectVerdict::malformed : DissectVerdict::truncated);
        }
    }
}

}  // namespace
}  // namespace understudy::capture
