#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/model/ids.hpp"

namespace understudy::capture {

/// A set of exchanges, kept as runs of consecutive ordinals: 8 bytes a run, however many exchanges are in it.
class ExchangeSet {
public:
    static constexpr std::size_t kMaxRuns = 64U << 20U;

    explicit ExchangeSet(std::size_t max_runs = kMaxRuns) : max_runs_(max_runs) {}

    /// False, with nothing added, when the set would pass its limit.
    bool add(SessionId session, Ordinal ordinal);
    [[nodiscard]] bool contains(SessionId session, Ordinal ordinal) const;
    [[nodiscard]] bool has(SessionId session) const { return sessions_.count(session) != 0; }
    void erase(SessionId session);
    [[nodiscard]] std::uint64_t size() const { return size_; }

private:
    struct Run {
        std::uint32_t first;
        std::uint32_t last;
    };
    std::unordered_map<SessionId, std::vector<Run>> sessions_;  // runs in order, not touching each other
    std::size_t max_runs_;
    std::size_t runs_ = 0;
    std::uint64_t size_ = 0;
};

}  // namespace understudy::capture
