#pragma once

#include <algorithm>
#include <cstdint>
#include <unordered_map>

#include "core/model/ids.hpp"

namespace understudy::replay {

/// Steps of one exchange, those from kLast on as one.
class StepSet {
public:
    void add(std::uint32_t step) { bits_ |= bit(step); }
    [[nodiscard]] bool contains(std::uint32_t step) const { return (bits_ & bit(step)) != 0; }
    [[nodiscard]] bool empty() const { return bits_ == 0; }

private:
    static constexpr std::uint32_t kLast = 63;
    static constexpr std::uint64_t bit(std::uint32_t step) { return std::uint64_t{1} << std::min(step, kLast); }

    std::uint64_t bits_ = 0;
};

/// The steps of which a recording leaves open what they saw, by exchange. Bounded; exchanges beyond the limit are only
/// counted, which is far more than a verdict stands.
class AmbiguousSet {
public:
    static constexpr std::size_t kMax = 4'000'000;

    void add(SessionId session, Ordinal ordinal, StepIndex step) {
        const ExchangeId id{session, ordinal};
        if (exchanges_.size() < kMax) {
            exchanges_[id].add(step.value());
        } else if (const auto known = exchanges_.find(id); known != exchanges_.end()) {
            known->second.add(step.value());
        } else {
            ++beyond_;
        }
    }
    [[nodiscard]] StepSet steps(SessionId session, Ordinal ordinal) const {
        const auto found = exchanges_.find({session, ordinal});
        return found == exchanges_.end() ? StepSet() : found->second;
    }
    /// Of exchanges.
    [[nodiscard]] std::uint64_t size() const { return exchanges_.size() + beyond_; }

private:
    std::unordered_map<ExchangeId, StepSet> exchanges_;
    std::uint64_t beyond_ = 0;
};

}  // namespace understudy::replay
