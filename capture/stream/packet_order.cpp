#include "capture/stream/packet_order.hpp"

namespace understudy::capture {

void PacketOrder::add(int link_type, BytesView packet, std::uint32_t original_length, Timestamp time) {
    bytes_ += packet.size();
    packets_.push({time, next_number_++, link_type, original_length, Bytes(packet)});
}

std::size_t PacketOrder::release(Timestamp until, const Handler& handler) {
    std::size_t released = 0;
    while (!packets_.empty() && (packets_.top().time <= until || bytes_ > max_bytes_)) {
        const Packet& packet = packets_.top();
        handler(packet.link_type, packet.bytes, packet.original_length, packet.time);
        bytes_ -= packet.bytes.size();
        packets_.pop();
        ++released;
    }
    return released;
}

}  // namespace understudy::capture
