#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>

namespace understudy::capture {

/// One end of a TCP connection.
struct Endpoint {
    std::array<std::uint8_t, 16> address{};  ///< in network order; an IPv4 address fills the first four, the rest is 0
    bool v6 = false;
    std::uint16_t port = 0;

    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// "10.0.0.1:5432" or "[2001:db8::1]:5432" (RFC 5952).
std::string to_string(const Endpoint& endpoint);

/// Mixes two words so that each bit of both reaches the low and the high bits (finalizer of MurmurHash3).
constexpr std::uint64_t mix_words(std::uint64_t a, std::uint64_t b) {
    std::uint64_t h = a ^ std::rotl(b * 0x9e3779b97f4a7c15U, 31);
    h = (h ^ (h >> 33U)) * 0xff51afd7ed558ccdU;
    h = (h ^ (h >> 33U)) * 0xc4ceb9fe1a85ec53U;
    return h ^ (h >> 33U);
}

}  // namespace understudy::capture

template <>
struct std::hash<understudy::capture::Endpoint> {
    std::size_t operator()(const understudy::capture::Endpoint& endpoint) const noexcept {
        std::array<std::uint64_t, 2> words{};
        std::memcpy(words.data(), endpoint.address.data(), endpoint.address.size());
        const std::uint64_t tail = (std::uint64_t{endpoint.port} << 1U) | (endpoint.v6 ? 1U : 0U);
        return understudy::capture::mix_words(words[0] ^ (tail << 40U), words[1] + tail);
    }
};
