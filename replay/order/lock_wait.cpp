#include "replay/order/lock_wait.hpp"

#include <unordered_set>

namespace understudy::replay {

std::vector<LockWait> waits_among(const std::vector<ProcessWait>& waits,
                                  const std::unordered_map<std::uint32_t, SessionIndex>& sessions) {
    std::unordered_multimap<std::uint32_t, std::uint32_t> blockers;
    std::unordered_set<std::uint32_t> waiting;
    for (const ProcessWait& wait : waits) {
        blockers.emplace(wait.process, wait.blocker);
        if (sessions.contains(wait.process)) waiting.insert(wait.process);
    }
    std::vector<LockWait> found;
    for (const std::uint32_t process : waiting) {
        std::unordered_set<std::uint32_t> seen = {process};
        std::vector<std::uint32_t> to_follow = {process};
        while (!to_follow.empty()) {
            const auto [begin, end] = blockers.equal_range(to_follow.back());
            to_follow.pop_back();
            for (auto at = begin; at != end; ++at) {
                if (!seen.insert(at->second).second) continue;
                const auto session = sessions.find(at->second);
                if (session == sessions.end()) {
                    to_follow.push_back(at->second);
                } else {
                    found.push_back({sessions.at(process), session->second});
                }
            }
        }
    }
    return found;
}

}  // namespace understudy::replay
