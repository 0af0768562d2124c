#pragma once

#include <vector>

#include "core/model/event.hpp"

namespace understudy::replay {

/// A request of several executions as one request for each, so that each can wait by itself: a batch that a client
/// sends at once reaches other sessions' commits one statement after the other. What does not hold whole frames stays
/// one.
std::vector<Request> split_at_executions(Request&& request);

}  // namespace understudy::replay
