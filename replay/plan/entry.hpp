#pragma once

#include <utility>
#include <vector>

#include "core/model/event.hpp"

namespace understudy::replay {

/// Messages of the replayer's own that bring a new connection into the state in which a recording enters a session:
/// they are outside the recorded ordinals, and are not recorded.
struct EntryStep {
    Bytes frames;                   ///< up to and including what the server answers with ReadyForQuery
    std::optional<Bytes> prepares;  ///< the statement, without which Binds to it cannot be sent
};

/// What to send for a session that the recording enters after it had begun (a file of a rotated capture, a cut): its
/// settings where they differ from what the server reported at login, then its named statements. Empty for a session
/// that was recorded from its start.
std::vector<EntryStep> entry_steps(const SessionState& recorded,
                                   const std::vector<std::pair<Bytes, Bytes>>& settings_at_login);

}  // namespace understudy::replay
