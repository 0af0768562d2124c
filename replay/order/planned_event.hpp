#pragma once

#include <vector>

#include "core/model/event.hpp"
#include "replay/order/unit.hpp"

namespace understudy::replay {

/// A recorded event, and what it has to wait for.
struct PlannedEvent {
    Event event;
    std::vector<Predecessor> after;
};

}  // namespace understudy::replay
