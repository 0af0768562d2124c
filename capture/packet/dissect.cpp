#include "capture/packet/dissect.hpp"

#include <algorithm>
#include <cstring>

namespace understudy::capture {
namespace {

// Link types, https://www.tcpdump.org/linktypes.html. libpcap calls raw IP 12 or 14 on some systems, 101 in
// files.
constexpr int kLinkNull = 0;
constexpr int kLinkEthernet = 1;
constexpr int kLinkRaw12 = 12;
constexpr int kLinkRaw14 = 14;
constexpr int kLinkRaw = 101;
constexpr int kLinkLoop = 108;
constexpr int kLinkLinuxCooked = 113;
constexpr int kLinkIpv4 = 228;
constexpr int kLinkIpv6 = 229;
constexpr int kLinkLinuxCooked2 = 276;

constexpr std::uint16_t kEtherIpv4 = 0x0800;
constexpr std::uint16_t kEtherIpv6 = 0x86dd;
constexpr std::size_t kVlanTagLength = 4;
constexpr int kMaxVlanTags = 4;

constexpr std::uint8_t kProtocolTcp = 6;
constexpr std::uint8_t kHopByHop = 0;
constexpr std::uint8_t kRouting = 43;
constexpr std::uint8_t kFragment = 44;
constexpr std::uint8_t kDestinationOptions = 60;
constexpr int kMaxExtensionHeaders = 16;

/// What is left of a packet: the captured bytes, and how many there were on the wire (never fewer).
struct Rest {
    BytesView bytes;
    std::size_t wire = 0;

    [[nodiscard]] std::uint8_t u8(std::size_t at) const { return static_cast<std::uint8_t>(bytes[at]); }
    [[nodiscard]] std::uint16_t u16(std::size_t at) const {
        return static_cast<std::uint16_t>((u8(at) << 8U) | u8(at + 1));
    }
    [[nodiscard]] std::uint32_t u32(std::size_t at) const { return (std::uint32_t{u16(at)} << 16U) | u16(at + 2); }
    [[nodiscard]] bool has(std::size_t count) const { return bytes.size() >= count; }
    /// Why `count` bytes are not there: the snap length cut them off, or they never existed.
    [[nodiscard]] DissectVerdict why_short(std::size_t count) const {
        return wire >= count ? DissectVerdict::truncated : DissectVerdict::malformed;
    }
    void skip(std::size_t count) {
        bytes.remove_prefix(count);
        wire -= count;
    }
    /// Whatever comes after `length` is link padding; a length beyond the packet says that it was cut.
    void limit_to(std::size_t length) {
        bytes = bytes.substr(0, std::min(bytes.size(), length));
        wire = length;
    }
};

bool is_vlan(std::uint16_t ether_type) { return ether_type == 0x8100 || ether_type == 0x88a8 || ether_type == 0x9100; }

/// Behind a link header of `header` bytes with its EtherType at `type_at`: VLAN tags, then the network layer.
DissectVerdict strip_ether_type(Rest& rest, std::size_t header, std::size_t type_at, std::uint16_t& type) {
    if (!rest.has(header)) return rest.why_short(header);
    type = rest.u16(type_at);
    rest.skip(header);
    for (int tags = 0; is_vlan(type); ++tags) {
        if (tags == kMaxVlanTags) return DissectVerdict::malformed;
        if (!rest.has(kVlanTagLength)) return rest.why_short(kVlanTagLength);
        type = rest.u16(2);
        rest.skip(kVlanTagLength);
    }
    return DissectVerdict::tcp;
}

/// BSD loopback: a four-byte address family, in the byte order of whichever host captured.
DissectVerdict strip_loopback(Rest& rest, std::uint16_t& type) {
    if (!rest.has(4)) return rest.why_short(4);
    const std::uint32_t either_order = rest.u16(0) == 0 ? rest.u32(0) : std::uint32_t{rest.u8(0)};
    rest.skip(4);
    switch (either_order) {
        case 2: type = kEtherIpv4; break;
        case 10:                            // Linux
        case 24:                            // NetBSD, OpenBSD
        case 28:                            // FreeBSD
        case 30: type = kEtherIpv6; break;  // Darwin
        default: type = 0; break;
    }
    return DissectVerdict::tcp;
}

DissectVerdict strip_link(int link_type, Rest& rest, std::uint16_t& type) {
    switch (link_type) {
        case kLinkEthernet: return strip_ether_type(rest, 14, 12, type);
        case kLinkLinuxCooked: return strip_ether_type(rest, 16, 14, type);
        case kLinkLinuxCooked2: return strip_ether_type(rest, 20, 0, type);
        case kLinkNull:
        case kLinkLoop: return strip_loopback(rest, type);
        case kLinkIpv4: type = kEtherIpv4; return DissectVerdict::tcp;
        case kLinkIpv6: type = kEtherIpv6; return DissectVerdict::tcp;
        case kLinkRaw12:
        case kLinkRaw14:
        case kLinkRaw:
            if (!rest.has(1)) return rest.why_short(1);
            type = (rest.u8(0) >> 4U) == 6 ? kEtherIpv6 : kEtherIpv4;
            return DissectVerdict::tcp;
        default: return DissectVerdict::unsupported_link;
    }
}

/// RFC 791 section 3.1.
DissectVerdict strip_ipv4(Rest& rest, Segment& out) {
    constexpr std::size_t kFixed = 20;
    if (!rest.has(kFixed)) return rest.why_short(kFixed);
    const std::size_t header = (rest.u8(0) & 0x0fU) * std::size_t{4};
    if ((rest.u8(0) >> 4U) != 4 || header < kFixed) return DissectVerdict::malformed;
    if (rest.u8(9) != kProtocolTcp) return DissectVerdict::not_tcp;
    if ((rest.u16(6) & 0x3fffU) != 0) return DissectVerdict::fragment;  // more fragments, or an offset
    if (const std::size_t total = rest.u16(2); total != 0) rest.limit_to(total);
    if (!rest.has(header)) return rest.why_short(header);
    out.source = {};
    out.destination = {};
    std::memcpy(out.source.address.data(), rest.bytes.data() + 12, 4);
    std::memcpy(out.destination.address.data(), rest.bytes.data() + 16, 4);
    rest.skip(header);
    return DissectVerdict::tcp;
}

/// RFC 8200 section 4: the chain of extension headers in front of TCP.
DissectVerdict strip_extensions(Rest& rest, std::uint8_t next) {
    for (int headers = 0; next != kProtocolTcp; ++headers) {
        const bool sized = next == kHopByHop || next == kRouting || next == kDestinationOptions;
        if (!sized && next != kFragment) return DissectVerdict::not_tcp;
        if (headers == kMaxExtensionHeaders) return DissectVerdict::malformed;
        if (!rest.has(8)) return rest.why_short(8);
        const std::size_t length = sized ? (std::size_t{rest.u8(1)} + 1) * 8 : 8;
        // An offset or "more": not the whole datagram. A fragment header without both is RFC 6946's atomic
        // fragment.
        const bool fragmented = !sized && (rest.u16(2) & 0xfff9U) != 0;
        next = rest.u8(0);
        if (fragmented) return next == kProtocolTcp ? DissectVerdict::fragment : DissectVerdict::not_tcp;
        if (!rest.has(length)) return rest.why_short(length);
        rest.skip(length);
    }
    return DissectVerdict::tcp;
}

/// RFC 8200 section 3.
DissectVerdict strip_ipv6(Rest& rest, Segment& out) {
    constexpr std::size_t kHeader = 40;
    if (!rest.has(kHeader)) return rest.why_short(kHeader);
    if ((rest.u8(0) >> 4U) != 6) return DissectVerdict::malformed;
    if (const std::size_t length = rest.u16(4); length != 0) rest.limit_to(kHeader + length);
    const std::uint8_t next = rest.u8(6);
    std::memcpy(out.source.address.data(), rest.bytes.data() + 8, 16);
    std::memcpy(out.destination.address.data(), rest.bytes.data() + 24, 16);
    out.source.v6 = out.destination.v6 = true;
    rest.skip(kHeader);
    return strip_extensions(rest, next);
}

/// RFC 9293 section 3.1.
DissectVerdict read_tcp(const Rest& rest, Segment& out) {
    constexpr std::size_t kFixed = 20;
    if (!rest.has(kFixed)) return rest.why_short(kFixed);
    const std::size_t header = (rest.u8(12) >> 4U) * std::size_t{4};
    if (header < kFixed || header > rest.wire) return DissectVerdict::malformed;
    const std::uint8_t flags = rest.u8(13);
    out.source.port = rest.u16(0);
    out.destination.port = rest.u16(2);
    out.sequence = rest.u32(4);
    out.acknowledgement = rest.u32(8);
    out.fin = (flags & 0x01U) != 0;
    out.syn = (flags & 0x02U) != 0;
    out.rst = (flags & 0x04U) != 0;
    out.ack = (flags & 0x10U) != 0;
    out.payload = rest.bytes.substr(std::min(header, rest.bytes.size()));
    out.missing_payload = static_cast<std::uint32_t>(rest.wire - std::max(header, rest.bytes.size()));
    return DissectVerdict::tcp;
}

}  // namespace

DissectVerdict dissect(int link_type, BytesView packet, std::uint32_t original_length, Segment& out) {
    const std::size_t wire = std::max<std::size_t>(packet.size(), original_length);
    if (wire > kMaxPacketLength) return DissectVerdict::malformed;
    Rest rest{packet, wire};
    std::uint16_t type = 0;
    if (const auto verdict = strip_link(link_type, rest, type); verdict != DissectVerdict::tcp) return verdict;
    Segment segment;
    auto verdict = DissectVerdict::not_ip;
    if (type == kEtherIpv4) verdict = strip_ipv4(rest, segment);
    if (type == kEtherIpv6) verdict = strip_ipv6(rest, segment);
    if (verdict == DissectVerdict::tcp) verdict = read_tcp(rest, segment);
    if (verdict == DissectVerdict::tcp) out = segment;
    return verdict;
}

}  // namespace understudy::capture
