#include "replay/run/event_path.hpp"

namespace understudy::replay {

void EventPath::warm() {
    for (const auto& [session, statements] : pause_->held.later) {
        SessionState state;
        state.session = session;
        state.time = pause_->moment;
        state.statements = statements;
        copies_.on_planned({std::move(state), {}, true});
    }
}

}  // namespace understudy::replay
