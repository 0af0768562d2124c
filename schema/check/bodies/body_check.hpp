#pragma once

#include <cstdint>
#include <set>

#include "schema/check/check_plan.hpp"

namespace understudy::schema {

/// What came of asking about the bodies of functions and of DO blocks.
struct BodyCheck {
    std::uint64_t routines = 0;  ///< that recorded statements reach
    std::uint64_t checked = 0;   ///< statements and whole bodies that both servers could be asked about
    Reasons not_checked;
    std::set<std::size_t> checked_blocks;  ///< recorded DO statements that count as checked
};

}  // namespace understudy::schema
