#include "tests/support/packet_builder.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <stdexcept>

#include "core/base/byte_writer.hpp"

namespace understudy::testing {
namespace {

using capture::Endpoint;
using capture::Segment;

BytesView address_of(const Endpoint& endpoint) {
    return {reinterpret_cast<const char*>(endpoint.address.data()), endpoint.v6 ? 16U : 4U};
}

/// The Internet checksum (RFC 1071), of data that begins with an even number of bytes summed before.
std::uint16_t checksum(BytesView bytes) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const std::uint32_t byte = static_cast<std::uint8_t>(bytes[i]);
        sum += i % 2 == 0 ? byte << 8U : byte;
    }
    while (sum > 0xffff) sum = (sum & 0xffffU) + (sum >> 16U);
    return static_cast<std::uint16_t>(~sum);
}

void patch_u16(Bytes& bytes, std::size_t at, std::uint16_t value) {
    bytes[at] = static_cast<char>(static_cast<std::uint8_t>(value >> 8U));
    bytes[at + 1] = static_cast<char>(static_cast<std::uint8_t>(value));
}

Bytes tcp_bytes(const Segment& segment) {
    Bytes tcp;
    ByteWriter out(tcp);
    out.u16(segment.source.port);
    out.u16(segment.destination.port);
    out.u32(segment.sequence);
    out.u32(segment.acknowledgement);
    out.u8(8U << 4U);  // 20 bytes and 12 of options
    out.u8(static_cast<std::uint8_t>((segment.fin ? 1U : 0U) | (segment.syn ? 2U : 0U) | (segment.rst ? 4U : 0U) |
                                     (segment.payload.empty() ? 0U : 8U) | (segment.ack ? 16U : 0U)));
    out.u16(64'240);
    out.u16(0);
    out.u16(0);
    out.u16(0x0101);  // two NOPs, then the time stamps that Linux puts into every segment
    out.u16(0x080a);
    out.u64(0);
    out.bytes(segment.payload);

    Bytes pseudo_header;
    ByteWriter pseudo(pseudo_header);
    pseudo.bytes(address_of(segment.source));
    pseudo.bytes(address_of(segment.destination));
    pseudo.u32(6);
    pseudo.u32(static_cast<std::uint32_t>(tcp.size()));
    patch_u16(tcp, 16, checksum(pseudo_header + tcp));
    return tcp;
}

}  // namespace

Endpoint endpoint(std::string_view address, std::uint16_t port) {
    Endpoint result;
    result.port = port;
    result.v6 = address.find(':') != std::string_view::npos;
    if (inet_pton(result.v6 ? AF_INET6 : AF_INET, std::string(address).c_str(), result.address.data()) != 1) {
        throw std::invalid_argument(std::string(address) + " is no address");
    }
    return result;
}

Bytes ip_packet(const Segment& segment) {
    const Bytes tcp = tcp_bytes(segment);
    Bytes packet;
    ByteWriter out(packet);
    if (segment.source.v6) {
        out.u32(6U << 28U);
        out.u16(static_cast<std::uint16_t>(tcp.size()));
        out.u8(6);
        out.u8(64);
    } else {
        out.u16(0x4500);
        out.u16(static_cast<std::uint16_t>(20 + tcp.size()));
        out.u32(0x4000);  // don't fragment
        out.u8(64);
        out.u8(6);
        out.u16(0);
    }
    out.bytes(address_of(segment.source));
    out.bytes(address_of(segment.destination));
    if (!segment.source.v6) patch_u16(packet, 10, checksum(packet));
    return packet + tcp;
}

Bytes ethernet_frame(BytesView ip, const std::vector<std::uint16_t>& vlan_types) {
    Bytes frame(12, '\x02');
    ByteWriter out(frame);
    for (const std::uint16_t type : vlan_types) {
        out.u16(type);
        out.u16(100);
    }
    out.u16((static_cast<std::uint8_t>(ip.at(0)) >> 4U) == 6 ? 0x86dd : 0x0800);
    out.bytes(ip);
    frame.resize(std::max<std::size_t>(frame.size(), 60), '\x55');
    return frame;
}

Bytes pcap_file(int link_type, const std::vector<TimedPacket>& packets, bool microseconds) {
    const std::int64_t unit = microseconds ? 1000 : 1;
    Bytes file;
    ByteWriter out(file);
    out.u32(microseconds ? 0xa1b2c3d4 : 0xa1b23c4d);
    out.u16(2);
    out.u16(4);
    out.u64(0);
    out.u32(262'144);
    out.u32(static_cast<std::uint32_t>(link_type));
    for (const TimedPacket& packet : packets) {
        const auto size = static_cast<std::uint32_t>(packet.bytes.size());
        out.u32(static_cast<std::uint32_t>(packet.time.ns() / 1'000'000'000));
        out.u32(static_cast<std::uint32_t>(packet.time.ns() % 1'000'000'000 / unit));
        out.u32(size);
        out.u32(packet.original_length == 0 ? size : packet.original_length);
        out.bytes(packet.bytes);
    }
    return file;
}

Conversation::Conversation(Endpoint client, Endpoint server, std::uint32_t client_isn, std::uint32_t server_isn)
    : client_{client, client_isn}, server_{server, server_isn} {}

Conversation::Sent& Conversation::add(Side& from, const Side& to, BytesView payload, std::uint32_t takes) {
    now_ = now_ + step;
    Sent& sent = sent_.emplace_back();
    sent.time = now_;
    sent.payload = payload;
    sent.segment.source = from.endpoint;
    sent.segment.destination = to.endpoint;
    sent.segment.sequence = from.next;
    sent.segment.acknowledgement = to.next;
    sent.segment.ack = true;
    from.next += takes;
    return sent;
}

void Conversation::handshake() {
    Sent& syn = add(client_, server_, {}, 1);
    syn.segment.syn = true;
    syn.segment.ack = false;
    syn.segment.acknowledgement = 0;
    add(server_, client_, {}, 1).segment.syn = true;
    add(client_, server_, {}, 0);
}

void Conversation::send(Side& from, const Side& to, BytesView bytes) {
    for (std::size_t at = 0; at < bytes.size(); at += max_segment) {
        const BytesView part = bytes.substr(at, max_segment);
        add(from, to, part, static_cast<std::uint32_t>(part.size()));
    }
}

void Conversation::close() {
    add(client_, server_, {}, 1).segment.fin = true;
    add(server_, client_, {}, 1).segment.fin = true;
    add(client_, server_, {}, 0);
}

void Conversation::reset() { add(client_, server_, {}, 0).segment.rst = true; }

std::vector<Segment> Conversation::segments() const {
    std::vector<Segment> result;
    for (const Sent& sent : sent_) {
        result.push_back(sent.segment);
        result.back().payload = sent.payload;
    }
    return result;
}

std::vector<TimedPacket> Conversation::packets() const {
    std::vector<TimedPacket> result;
    for (const Sent& sent : sent_) {
        Segment segment = sent.segment;
        segment.payload = sent.payload;
        result.push_back({sent.time, ethernet_packet(segment), 0});
    }
    return result;
}

}  // namespace understudy::testing
