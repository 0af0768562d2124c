#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/replay/order/history.hpp"
#include "tests/support/simulation/model_server.hpp"

namespace understudy::replay {

/// A random workload on a model server, in virtual time: what a listener before the server records of it, and what each
/// statement returned.
struct Recording {
    std::vector<Event> events;
    std::map<ExchangeId, Statement> statements;
    std::map<ExchangeId, Bytes> values;
    std::array<int, ModelServer::kRows> final{};
    int deadlocks = 0;
};

/// Session ids are from 1.
Recording record(std::uint32_t seed, int sessions, int transactions);

struct Plan {
    OrderPlanner::Out requests;
    std::set<ExchangeId> ambiguous;
    PlanStats stats;
};
Plan plan(const Recording& recording, SyncMode mode = SyncMode::strict);

/// What became of a replay on another model server, whose things take other times.
struct Outcome {
    bool ended = false;
    std::int64_t took_us = 0;
    int broken = 0;  ///< waits
    int deadlocks = 0;
    std::vector<std::string> wrong;  ///< answers outside the ambiguous set that are not as recorded
    std::uint64_t ambiguous_wrong = 0;
    std::array<int, ModelServer::kRows> final{};
};
Outcome play(const Recording& recording, const Plan& plan, std::uint32_t seed);

}  // namespace understudy::replay
