#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/time.hpp"

namespace understudy::capture {

/// Puts packets of several interfaces into one order of time: what both of them saw then comes twice in a row, and a
/// connection's end on one is not followed by its beginning on the other. Pure. Memory: max_bytes, past which the
/// oldest packets are let go early.
class PacketOrder {
public:
    static constexpr std::size_t kMaxBytes = std::size_t{64} << 20U;
    using Handler = std::function<void(int link_type, BytesView packet, std::uint32_t original_length, Timestamp time)>;

    explicit PacketOrder(std::size_t max_bytes = kMaxBytes) : max_bytes_(max_bytes) {}

    void add(int link_type, BytesView packet, std::uint32_t original_length, Timestamp time);
    /// Hands over what is not later than `until`, and what is too much. Returns how many packets.
    std::size_t release(Timestamp until, const Handler& handler);
    [[nodiscard]] bool empty() const { return packets_.empty(); }

private:
    struct Packet {
        Timestamp time;
        std::uint64_t number = 0;  ///< among equal times the order of arrival
        int link_type = 0;
        std::uint32_t original_length = 0;
        Bytes bytes;
    };
    struct Later {
        bool operator()(const Packet& a, const Packet& b) const {
            return a.time != b.time ? a.time > b.time : a.number > b.number;
        }
    };

    std::size_t max_bytes_;
    std::priority_queue<Packet, std::vector<Packet>, Later> packets_;
    std::size_t bytes_ = 0;
    std::uint64_t next_number_ = 0;
};

}  // namespace understudy::capture
