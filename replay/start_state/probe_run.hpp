#pragma once

#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/exchange/result_digest.hpp"
#include "core/store/sealing.hpp"
#include "replay/run/session_runner.hpp"
#include "replay/start_state/probe_choice.hpp"

namespace understudy::replay {

inline constexpr double kStartStateFloor = 0.95;  ///< share of probes that must give production's answers
inline constexpr std::size_t kMinProbes = 5;      ///< fewer say nothing

struct ProbeOutcome {
    std::size_t asked = 0;
    std::size_t equal = 0;
    std::size_t refused = 0;  ///< besides: the target answered with an error, so that they tell nothing
    std::string summary;  ///< one line
};

/// Asks the target the early reads of a capture, in read-only transactions, and compares the answers with the recorded
/// ones. `catalog`: of the target. Errors: Errc::inconclusive when fewer than kStartStateFloor are equal, saying what
/// to restore; Errc::refused by `check`.
net::asio::awaitable<Result<ProbeOutcome>> probe_start_state(const std::vector<std::string>& files,
                                                             const store::KeyRing& keys, const Digester& digester,
                                                             const TargetOptions& target,
                                                             const catalog::Catalog& catalog, ConnectionCheck check);

}  // namespace understudy::replay
