// Any packet on any link type: two bytes of link type, two of how much longer the packet was, then the
// packet. What is called TCP must account for every byte.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "capture/packet/dissect.hpp"
#include "core/base/byte_reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace understudy;
    ByteReader reader(BytesView(reinterpret_cast<const char*>(data), size));
    const int link_type = reader.u16();
    const std::uint32_t cut = reader.u16();
    if (!reader.ok()) return 0;
    const Bytes packet(reader.rest());  // a copy, so that a read past its end is noticed
    const auto wire = static_cast<std::uint32_t>(packet.size() + cut);

    capture::Segment segment;
    if (capture::dissect(link_type, packet, wire, segment) != capture::DissectVerdict::tcp) return 0;
    const BytesView payload = segment.payload;
    if (!payload.empty() &&
        (payload.data() < packet.data() + 40 || payload.data() + payload.size() > packet.data() + packet.size())) {
        std::abort();
    }
    if (segment.source.v6 != segment.destination.v6) std::abort();
    if (payload.size() + segment.missing_payload > capture::kMaxPacketLength) std::abort();
    if (to_string(segment.source).empty()) std::abort();
    return 0;
}
