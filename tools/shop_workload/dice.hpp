#pragma once

#include <cstdint>
#include <random>

namespace understudy::shop {

/// Chance from a seed: the same seed gives the same values on every machine (std::uniform_int_distribution
/// does not promise that).
class Dice {
public:
    Dice(std::uint64_t seed, int client) : engine_(seed * 1000003 + static_cast<std::uint64_t>(client)) {}

    /// A number between `low` and `high`, both included; low <= high.
    int between(int low, int high) {
        return low + static_cast<int>(engine_() % static_cast<std::uint64_t>(high - low + 1));
    }
    bool one_in(int n) { return between(1, n) == 1; }
    std::uint64_t bits() { return engine_(); }

private:
    std::mt19937_64 engine_;
};

}  // namespace understudy::shop
