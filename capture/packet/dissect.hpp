#pragma once

#include <cstddef>
#include <cstdint>

#include "capture/packet/endpoint.hpp"
#include "core/base/bytes.hpp"

namespace understudy::capture {

/// What a captured packet turned out to be. Every packet gets exactly one.
enum class DissectVerdict : std::uint8_t {
    tcp,               ///< a TCP segment, described in Segment
    not_ip,            ///< another network protocol (ARP, LLDP, MPLS, PPPoE …)
    not_tcp,           ///< IP, but another transport protocol
    fragment,          ///< part of a fragmented TCP/IP datagram; fragments are not put together
    truncated,         ///< the snap length cut into the headers up to TCP's first 20 bytes
    malformed,         ///< header fields that contradict each other or the packet's length
    unsupported_link,  ///< a link type that this dissector does not know
};
inline constexpr std::size_t kDissectVerdicts = 7;

/// One TCP segment (RFC 9293 section 3.1). `payload` borrows from the packet that was dissected.
struct Segment {
    Endpoint source;
    Endpoint destination;
    std::uint32_t sequence = 0;
    std::uint32_t acknowledgement = 0;  ///< means something only where `ack` is set
    bool syn = false;
    bool ack = false;
    bool fin = false;
    bool rst = false;
    BytesView payload;
    std::uint32_t missing_payload = 0;  ///< payload bytes that followed on the wire but were cut off by the snap length
};

/// Longer packets are called malformed. Linux hands over up to 512 KiB in one (BIG TCP with segmentation
/// offload).
inline constexpr std::uint32_t kMaxPacketLength = 1U << 20U;

/// Finds the TCP segment in a packet captured on a link of type `link_type` (the number of a LINKTYPE_ or
/// DLT_: Ethernet with VLAN tags, Linux cooked v1 and v2, BSD loopback, raw IP). `original_length` is the
/// packet's length on the wire, at least packet.size(). `out` is written only when the verdict is `tcp`.
///
/// Pure. The IP header's own length decides where the payload ends, so Ethernet padding is no payload; a
/// length of 0 (segmentation offload, RFC 2675 jumbograms) means the rest of the packet. Checksums are not
/// verified: with offloading, outgoing packets have none yet.
DissectVerdict dissect(int link_type, BytesView packet, std::uint32_t original_length, Segment& out);

}  // namespace understudy::capture
