#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/store/sealing.hpp"
#include "replay/order/ambiguous_set.hpp"
#include "replay/order/order_planner.hpp"
#include "replay/plan/selection.hpp"

namespace understudy::replay {

/// What a replay will do, before it does it.
struct ReplayPlan {
    PlanStats order;
    AmbiguousSet ambiguous;
    std::uint64_t sessions = 0;
    std::uint64_t not_sent = 0;  ///< requests
    std::map<std::string, std::uint64_t> why_not_sent;
    std::vector<std::pair<Bytes, std::uint64_t>> unknown_functions;  ///< that may do anything, with how often
    Duration recorded;                                               ///< from the first event to the last
    Duration took;                                                   ///< to make the plan

    /// Share of the exchanges of which the capture leaves open what they saw.
    [[nodiscard]] double ambiguous_share() const {
        return order.exchanges == 0 ? 0 : static_cast<double>(ambiguous.size()) / static_cast<double>(order.exchanges);
    }
};

/// Reads the whole capture once and plans what is selected of it. `allowed`: effects that may be sent. Errors: those of
/// the files; Errc::inconclusive when `stop` says so.
Result<ReplayPlan> plan_replay(const std::vector<std::string>& files, const store::KeyRing& keys,
                               const SelectionOptions& selection, const OrderPlanner::Options& options,
                               const catalog::Catalog& catalog, const Digester& digester,
                               const std::set<std::string>& allowed, const std::function<bool()>& stop);

}  // namespace understudy::replay
