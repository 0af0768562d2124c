#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "capture/packet/dissect.hpp"
#include "capture/stream/reassembler.hpp"

namespace understudy::capture {

/// Why a flow ended.
enum class CloseReason : std::uint8_t {
    fin,             ///< both sides sent their FIN, and everything before was handed over
    reset,           ///< a RST
    reuse,           ///< a new SYN with the same addresses and ports: the old end was not captured
    idle_limit,      ///< too many open flows, and this one had been idle longest
    end_of_capture,  ///< it was still open
};
inline constexpr std::size_t kCloseReasons = 5;

/// What happened to every packet and segment. The segments' verdicts add up to packets.tcp, the packets' to
/// packets.total.
struct StreamCounters {
    std::array<std::uint64_t, kDissectVerdicts> packets{};    ///< by DissectVerdict
    std::array<std::uint64_t, kSegmentVerdicts> segments{};   ///< by SegmentVerdict
    std::array<std::uint64_t, kCloseReasons> flows_closed{};  ///< by CloseReason
    std::uint64_t packets_total = 0;
    std::uint64_t bytes_delivered = 0;
    std::uint64_t gaps = 0;
    std::uint64_t gap_bytes = 0;
    std::uint64_t gaps_of_unknown_length = 0;  ///< among gaps; their bytes are not in gap_bytes
    std::uint64_t flows_opened = 0;
    std::uint64_t flows_joined_midway = 0;  ///< among flows_opened: no SYN was seen

    /// Calls f(name, value) for each counter. Names are stable: reports and capture files hold them.
    template <class F>
    void for_each(F&& f) const {
        constexpr std::array<std::string_view, kDissectVerdicts> kPackets{
            "tcp", "not_ip", "not_tcp", "fragment", "truncated", "malformed", "unsupported_link"};
        constexpr std::array<std::string_view, kSegmentVerdicts> kSegments{
            "overlap_conflict", "delivered", "buffered",    "after_close", "late", "retransmission", "empty",
            "beyond_window",    "reset",     "not_watched", "no_flow"};
        constexpr std::array<std::string_view, kCloseReasons> kClosed{"fin", "reset", "reuse", "idle_limit",
                                                                      "end_of_capture"};
        f(std::string_view("packets.total"), packets_total);
        each(f, "packets.", kPackets, packets);
        each(f, "segments.", kSegments, segments);
        f(std::string_view("bytes.delivered"), bytes_delivered);
        f(std::string_view("gaps.count"), gaps);
        f(std::string_view("gaps.bytes"), gap_bytes);
        f(std::string_view("gaps.unknown_length"), gaps_of_unknown_length);
        f(std::string_view("flows.opened"), flows_opened);
        f(std::string_view("flows.joined_midway"), flows_joined_midway);
        each(f, "flows.closed_", kClosed, flows_closed);
    }

private:
    template <class F, std::size_t N>
    static void each(F& f, std::string_view prefix, const std::array<std::string_view, N>& names,
                     const std::array<std::uint64_t, N>& values) {
        for (std::size_t i = 0; i < N; ++i) {
            f(std::string_view(std::string(prefix).append(names[i])), values[i]);
        }
    }
};

}  // namespace understudy::capture
