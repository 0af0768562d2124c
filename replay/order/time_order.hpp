#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/model/event.hpp"

namespace understudy::replay {

/// Brings recorded events into the order of time. A capture keeps it only within a window (docs/capture-file.md,
/// "Records"): an answer may stand behind what another session asked later. Each session's own order stays as it is.
///
/// Memory: the events of one window, at most kMaxEvents.
class TimeOrder {
public:
    static constexpr std::size_t kMaxEvents = 200'000;

    explicit TimeOrder(Duration window) : window_(window) {}

    struct Timed {
        Event event;
        bool note = false;  ///< as it was pushed
    };

    /// `note`: of our own, not recorded (PlannedEvent::note); it has the time of what it stands for.
    void push(Event&& event, bool note = false);
    /// The next event that nothing still to come can precede; with `all`, the next of what there is.
    std::optional<Timed> pop(bool all = false);

private:
    struct Entry {
        Timestamp time;
        std::uint64_t number = 0;
        std::size_t slot = 0;
    };
    struct Later {
        bool operator()(const Entry& a, const Entry& b) const {
            return a.time != b.time ? a.time > b.time : a.number > b.number;
        }
    };

    Duration window_;
    std::vector<Entry> heap_;  // by Later
    std::vector<Timed> slots_;  // the events stay where they are while the heap moves
    std::vector<std::size_t> free_;
    std::unordered_map<SessionId, Timestamp> last_;
    Timestamp latest_;
    std::uint64_t next_number_ = 0;
};

}  // namespace understudy::replay
