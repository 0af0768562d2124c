#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capture/packet/dissect.hpp"
#include "core/base/bytes.hpp"
#include "core/base/time.hpp"

namespace understudy::testing {

/// "10.0.0.1", "2001:db8::1".
capture::Endpoint endpoint(std::string_view address, std::uint16_t port);

/// An IP packet (version 4 or 6, as the endpoints are) with this TCP segment; `missing_payload` is ignored.
Bytes ip_packet(const capture::Segment& segment);
/// An Ethernet frame around an IP packet, with the VLAN tags' types (0x8100, 0x88a8) from the outside in,
/// padded to Ethernet's minimum of 60 bytes.
Bytes ethernet_frame(BytesView ip, const std::vector<std::uint16_t>& vlan_types = {});
inline Bytes ethernet_packet(const capture::Segment& segment) { return ethernet_frame(ip_packet(segment)); }

inline constexpr int kLinkEthernet = 1;

struct TimedPacket {
    Timestamp time;
    Bytes bytes;
    std::uint32_t original_length = 0;  ///< 0: bytes.size()
};

/// A pcap file, with nanosecond times unless `microseconds`.
Bytes pcap_file(int link_type, const std::vector<TimedPacket>& packets, bool microseconds = false);

/// A TCP connection as packets, without losses: what both sides send, in order, with right sequence numbers.
///
///     Conversation talk;
///     talk.handshake();
///     talk.client_sends("..."), talk.server_sends("..."), talk.close();
///     pcap_file(kLinkEthernet, talk.packets());
class Conversation {
public:
    explicit Conversation(capture::Endpoint client = endpoint("10.0.0.2", 40'000),
                          capture::Endpoint server = endpoint("10.0.0.1", 5432), std::uint32_t client_isn = 1000,
                          std::uint32_t server_isn = 5000);

    /// Time before each following segment.
    Duration step = Duration::microseconds(100);
    std::size_t max_segment = 1448;

    void at(Timestamp time) { now_ = time; }
    void handshake();
    void client_sends(BytesView bytes) { send(client_, server_, bytes); }
    void server_sends(BytesView bytes) { send(server_, client_, bytes); }
    /// FIN by the client, then by the server, and the last acknowledgement.
    void close();
    /// RST by the client.
    void reset();

    /// All segments so far; the views stay valid as long as the Conversation.
    [[nodiscard]] std::vector<capture::Segment> segments() const;
    /// As Ethernet packets.
    [[nodiscard]] std::vector<TimedPacket> packets() const;

private:
    struct Side {
        capture::Endpoint endpoint;
        std::uint32_t next = 0;
    };
    struct Sent {
        Timestamp time;
        capture::Segment segment;
        Bytes payload;
    };
    Sent& add(Side& from, const Side& to, BytesView payload, std::uint32_t takes);
    void send(Side& from, const Side& to, BytesView bytes);

    Side client_;
    Side server_;
    Timestamp now_ = Timestamp::from_ns(1'700'000'000'000'000'000);
    std::vector<Sent> sent_;
};

}  // namespace understudy::testing
