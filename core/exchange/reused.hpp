#pragma once

#include <cstddef>
#include <utility>

namespace understudy {

/// The memory that an event's sink left behind, emptied for the next event; what is large is given back. Each session
/// keeps at most so much.
template <class Container>
Container reused(Container&& left) {
    constexpr std::size_t kMaxBytes = 4U << 10U;
    if (left.capacity() * sizeof(typename Container::value_type) > kMaxBytes) return {};
    left.clear();
    return std::move(left);
}

}  // namespace understudy
