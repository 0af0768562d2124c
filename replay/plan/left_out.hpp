#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/model/event.hpp"

namespace understudy::replay {

/// Why something of a capture is not replayed, by the user's choice: a key that is counted ("read_only") and words for
/// the record of the step. No key: it is replayed.
struct LeftOut {
    const char* key = nullptr;  ///< of static storage
    std::string why;

    [[nodiscard]] bool yes() const { return key != nullptr; }
};

/// How much was left out, by unit and key: "sessions.share", "exchanges.read_only".
using LeftOutCounts = std::map<std::string, std::uint64_t>;

/// An event on its way from the capture to its session.
struct Planned {
    Event event;
    LeftOut left_out;   ///< a Request that is not to be sent
    bool warm = false;  ///< a SessionState of our own: prepare its statements now
};

/// Takes events in the order in which they are to reach their sessions.
class PlannedSink {
public:
    virtual ~PlannedSink() = default;
    virtual void on_planned(Planned&& planned) = 0;
};

/// How far apart records may stand from the order of time (docs/capture-file.md, "Records").
inline constexpr Duration kRecordWindow = Duration::seconds(2);

}  // namespace understudy::replay
