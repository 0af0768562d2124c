#pragma once

#include <cstdint>
#include <unordered_set>

#include "core/model/ids.hpp"

namespace understudy::replay {

/// The exchanges of which a recording leaves open what they saw. Bounded; beyond the limit they are only counted, which
/// is far more than a verdict stands.
class AmbiguousSet {
public:
    static constexpr std::size_t kMax = 4'000'000;

    void add(SessionId session, Ordinal ordinal) {
        if (exchanges_.size() < kMax) {
            exchanges_.insert({session, ordinal});
        } else {
            ++beyond_;
        }
    }
    [[nodiscard]] bool contains(SessionId session, Ordinal ordinal) const {
        return exchanges_.contains({session, ordinal});
    }
    [[nodiscard]] std::uint64_t size() const { return exchanges_.size() + beyond_; }

private:
    std::unordered_set<ExchangeId> exchanges_;
    std::uint64_t beyond_ = 0;
};

}  // namespace understudy::replay
