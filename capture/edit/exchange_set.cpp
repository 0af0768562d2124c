#include "capture/edit/exchange_set.hpp"

#include <algorithm>

namespace understudy::capture {

bool ExchangeSet::add(SessionId session, Ordinal ordinal) {
    const std::uint32_t value = ordinal.value();
    auto& runs = sessions_[session];
    auto after = std::upper_bound(runs.begin(), runs.end(), value,
                                  [](std::uint32_t wanted, const Run& run) { return wanted < run.first; });
    const bool has_before = after != runs.begin();
    if (has_before && std::prev(after)->last >= value) return true;
    const bool joins_before = has_before && std::prev(after)->last + 1 == value;
    const bool joins_after = after != runs.end() && value + 1 == after->first;
    if (joins_before && joins_after) {
        std::prev(after)->last = after->last;
        runs.erase(after);
        --runs_;
    } else if (joins_before) {
        std::prev(after)->last = value;
    } else if (joins_after) {
        after->first = value;
    } else if (runs_ < max_runs_) {
        runs.insert(after, {value, value});
        ++runs_;
    } else {
        if (runs.empty()) sessions_.erase(session);
        return false;
    }
    ++size_;
    return true;
}

bool ExchangeSet::contains(SessionId session, Ordinal ordinal) const {
    const auto found = sessions_.find(session);
    if (found == sessions_.end()) return false;
    const std::vector<Run>& runs = found->second;
    const auto after = std::upper_bound(runs.begin(), runs.end(), ordinal.value(),
                                        [](std::uint32_t wanted, const Run& run) { return wanted < run.first; });
    return after != runs.begin() && std::prev(after)->last >= ordinal.value();
}

void ExchangeSet::erase(SessionId session) {
    const auto found = sessions_.find(session);
    if (found == sessions_.end()) return;
    for (const Run& run : found->second) size_ -= std::uint64_t{run.last} - run.first + 1;
    runs_ -= found->second.size();
    sessions_.erase(found);
}

}  // namespace understudy::capture
