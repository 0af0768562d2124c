#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace understudy::compare {

/// A place where differences are gathered: see tally.hpp.
using CellId = std::uint32_t;
inline constexpr CellId kNoCell = UINT32_MAX;

/// What a folded step follows from: a difference of this exchange (its index), or of an earlier one (its cell).
struct Root {
    static constexpr std::size_t kNone = SIZE_MAX;
    std::size_t local = kNone;
    CellId cell = kNoCell;

    /// Turns a difference of the exchange just compared into its cell.
    void resolve(const std::vector<CellId>& cells) {
        if (local == kNone) return;
        cell = local < cells.size() ? cells[local] : kNoCell;
        local = kNone;
    }
};

}  // namespace understudy::compare
