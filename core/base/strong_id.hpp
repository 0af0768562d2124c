#pragma once

#include <compare>
#include <cstddef>
#include <functional>

namespace understudy {

/// A number that means one thing. Ids of different tags do not mix, and arithmetic has to be spelled out.
template <class Rep, class Tag>
class StrongId {
public:
    constexpr StrongId() = default;
    constexpr explicit StrongId(Rep value) : value_(value) {}

    [[nodiscard]] constexpr Rep value() const { return value_; }
    [[nodiscard]] constexpr StrongId next() const { return StrongId(static_cast<Rep>(value_ + 1)); }

    friend constexpr auto operator<=>(const StrongId&, const StrongId&) = default;

private:
    Rep value_{};
};

}  // namespace understudy

template <class Rep, class Tag>
struct std::hash<understudy::StrongId<Rep, Tag>> {
    std::size_t operator()(const understudy::StrongId<Rep, Tag>& id) const noexcept {
        return std::hash<Rep>{}(id.value());
    }
};
