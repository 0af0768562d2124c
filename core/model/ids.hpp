#pragma once

#include <compare>
#include <cstdint>
#include <functional>

#include "core/base/strong_id.hpp"

namespace understudy {

/// One client connection. Mixed from its ends and opening time; a replay keeps its source's ids. 0: none.
using SessionId = StrongId<std::uint64_t, struct SessionTag>;
/// The place of an exchange in its session, from 0. A replay keeps it.
using Ordinal = StrongId<std::uint32_t, struct OrdinalTag>;
/// The place of a step in its exchange, from 0.
using StepIndex = StrongId<std::uint32_t, struct StepTag>;

struct ExchangeId {
    SessionId session;
    Ordinal ordinal;
    friend auto operator<=>(const ExchangeId&, const ExchangeId&) = default;
};

}  // namespace understudy

template <>
struct std::hash<understudy::ExchangeId> {
    std::size_t operator()(const understudy::ExchangeId& id) const noexcept {
        std::uint64_t mixed = id.session.value() * 0x9E3779B97F4A7C15ULL + id.ordinal.value();
        mixed ^= mixed >> 32U;
        return static_cast<std::size_t>(mixed * 0xD6E8FEB86659FD93ULL);
    }
};
