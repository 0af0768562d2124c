#pragma once

#include <vector>

#include "core/model/event.hpp"
#include "replay/order/unit.hpp"

namespace understudy::replay {

/// A recorded event, and what it has to wait for.
struct PlannedEvent {
    Event event;
    std::vector<Predecessor> after;
    SessionIndex index = 0;  ///< of its session, where there is an order
    bool note = false;       ///< a Response of our own: what of it was not sent, and why; not the recorded answer
};

}  // namespace understudy::replay
