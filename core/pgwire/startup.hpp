#pragma once

#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"

namespace understudy::pgwire {

// The packets that begin a connection: no tag, a length that counts itself, a version or request code
// (PostgreSQL docs, "Start-up" and "Message Formats").

inline constexpr std::uint32_t kProtocol30 = 0x00030000;
inline constexpr std::uint32_t kProtocol32 = 0x00030002;
/// The server refuses longer start-up packets (MAX_STARTUP_PACKET_LENGTH).
inline constexpr std::size_t kMaxStartupLength = 10000;

struct SslRequest {
    friend bool operator==(const SslRequest&, const SslRequest&) = default;
};
struct GssEncRequest {
    friend bool operator==(const GssEncRequest&, const GssEncRequest&) = default;
};
/// Sent on a connection of its own. The key has 4 bytes in protocol 3.0, up to 256 in 3.2.
struct CancelRequest {
    std::uint32_t process_id = 0;
    Bytes secret_key;
    friend bool operator==(const CancelRequest&, const CancelRequest&) = default;
};
struct StartupMessage {
    std::uint32_t version = kProtocol30;
    std::vector<std::pair<Bytes, Bytes>> parameters;  ///< in the order sent

    /// The value of a parameter; empty when absent.
    [[nodiscard]] BytesView get(BytesView name) const;
    friend bool operator==(const StartupMessage&, const StartupMessage&) = default;
};

using StartupPacket = std::variant<SslRequest, GssEncRequest, CancelRequest, StartupMessage>;

enum class StartupStatus { complete, need_more, not_postgresql };

/// How long the start-up packet at the front of `bytes` is. `not_postgresql` when the length or the code
/// cannot belong to protocol 3.
StartupStatus startup_packet_length(BytesView bytes, std::size_t& length);

/// Decodes one whole start-up packet, length field included.
Result<StartupPacket> decode_startup(BytesView packet);
Bytes encode_startup(const StartupPacket& packet);

}  // namespace understudy::pgwire
