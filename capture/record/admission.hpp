#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/model/event.hpp"

namespace understudy::capture {

/// How much room the queue to the writer has left.
enum class Room : std::uint8_t {
    ample,
    scarce,     ///< exchanges that have begun are still recorded, new ones are not
    exhausted,  ///< only what says who a session is and what was lost
    none,       ///< nothing
};

/// Decides what is not recorded where recording cannot keep up: whole exchanges, never a part of one that would pass
/// for the whole. Pure. Memory: a few words for each session that has sent a request and not closed.
class Admission {
public:
    /// Whether `event` is to be recorded, with so much room. Ask for every event, in order.
    bool admit(const Event& event, Room room);
    /// Before an event of `session` that is recorded, and before its end: how many of its exchanges were left out
    /// since this was asked last.
    std::uint64_t take_dropped(SessionId session);
    /// The session has ended, and what was left out of it was taken.
    void forget(SessionId session) { sessions_.erase(session.value()); }

    [[nodiscard]] std::uint64_t exchanges_dropped() const { return exchanges_dropped_; }
    /// Other records that found no room at all.
    [[nodiscard]] std::uint64_t records_dropped() const { return records_dropped_; }

private:
    struct Session {
        std::optional<std::uint32_t> newest;  // ordinal of the latest exchange that was judged
        std::vector<std::uint32_t> dropped;   // ordinals whose end has not come
        std::uint64_t untold = 0;
    };

    bool admit_request(const Request& request, Room room);
    bool admit_answer(SessionId session, Ordinal ordinal, bool ends, Room room);
    void drop(Session& session, std::uint32_t ordinal);
    [[nodiscard]] static bool is_dropped(const Session& session, std::uint32_t ordinal);

    boost::unordered_flat_map<std::uint64_t, Session> sessions_;
    std::uint64_t exchanges_dropped_ = 0;
    std::uint64_t records_dropped_ = 0;
};

}  // namespace understudy::capture
