#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/store/sealing.hpp"
#include "replay/plan/selection.hpp"
#include "replay/plan/warm_plan.hpp"

namespace understudy::replay {

/// What a pause finds when all sessions are held.
struct PauseFacts {
    std::uint64_t sessions = 0;      ///< connected
    std::uint64_t busy = 0;          ///< still inside an exchange when waiting for them ended
    std::uint64_t transactions = 0;  ///< open on the target, with whatever they have locked
};

/// A moment at which all sessions are held while something is done to the target (`--pause-at`, `--run`).
struct PauseOptions {
    Timestamp moment;  ///< as recorded: what begins then or later comes after it
    Duration wait;     ///< for exchanges and transactions that are open then
    bool warm = false;
    bool let_transactions_end = false;  ///< whoever is inside a transaction even then goes on to its end meanwhile
    HeldSessions held;
    /// Called while the sessions are held. An error ends the replay.
    std::function<Result<void>(const PauseFacts&)> act;
};

/// Reads a recording to find the quietest moment within `wait` after `at`, and what is held then; with `warm`, to its
/// end. Errors: Errc::usage where the recording has nothing after `at`; those of reading.
Result<PauseOptions> plan_pause(const std::vector<std::string>& files, const store::KeyRing& keys,
                                const SelectionOptions& selection, Timestamp at, Duration wait, bool warm);

}  // namespace understudy::replay
