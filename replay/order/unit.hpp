#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "core/base/time.hpp"
#include "core/model/ids.hpp"

namespace understudy::replay {

/// A session in the order's tables: dense, so that watermarks stay small; in the order in which sessions appear.
using SessionIndex = std::uint32_t;

/// How far a session is: every exchange before `ordinal` is over, and of this one the steps before `steps`.
struct Progress {
    std::uint64_t value = 0;

    constexpr Progress() = default;
    constexpr Progress(Ordinal ordinal, std::uint32_t steps)
        : value((static_cast<std::uint64_t>(ordinal.value()) << 32U) | steps) {}
    /// All of the exchange.
    static constexpr Progress past(Ordinal ordinal) { return {ordinal.next(), 0}; }
    /// The session is over.
    static constexpr Progress end() {
        Progress all;
        all.value = UINT64_MAX;
        return all;
    }
    [[nodiscard]] constexpr Ordinal ordinal() const { return Ordinal(static_cast<std::uint32_t>(value >> 32U)); }
    friend constexpr auto operator<=>(Progress, Progress) = default;
};

/// Something that a session did in the recording; it is over when the session is as far as `done`.
struct Unit {
    SessionIndex session = 0;
    Progress done;
};

/// Why one request has to wait for another, the surest first. Cycles are broken where the reason is weakest.
enum class EdgeKind : std::uint8_t {
    hard,      ///< it was answered before the other was asked
    inferred,  ///< both were under way; who got the lock first follows from two-phase locking
    soft,      ///< both were under way; the likelier order
};

/// A request goes out when `session` is as far as `done`.
struct Predecessor {
    SessionIndex session = 0;
    Progress done;
    EdgeKind kind = EdgeKind::hard;
    friend bool operator==(const Predecessor&, const Predecessor&) = default;
};

}  // namespace understudy::replay
