#pragma once

#include <cstdint>

#include "core/model/ids.hpp"

namespace understudy::compare {

/// One of several equal shares of all sessions. What a session does is judged from that session alone, so shares can be
/// compared on different machines.
struct SessionPart {
    static constexpr std::uint32_t kMaxParts = 1'000;

    std::uint32_t index = 1;  ///< from 1
    std::uint32_t of = 1;

    /// What is of no session (0) goes to the first part.
    [[nodiscard]] bool takes(SessionId session) const {
        if (of == 1) return true;
        std::uint64_t mixed = session.value() * 0x9E3779B97F4A7C15ULL;
        mixed ^= mixed >> 32U;
        return (session == SessionId() ? 0 : mixed % of) + 1 == index;
    }
    /// One of `count` equal shares of this share; `index` from 1.
    [[nodiscard]] SessionPart share(std::uint32_t which, std::uint32_t count) const {
        return {index + of * (which - 1), of * count};
    }
    friend bool operator==(const SessionPart&, const SessionPart&) = default;
};

}  // namespace understudy::compare
