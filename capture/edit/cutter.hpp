#pragma once

#include <unordered_map>
#include <unordered_set>

#include "capture/edit/exchange_set.hpp"
#include "core/exchange/session_states.hpp"
#include "core/model/event.hpp"

namespace understudy::capture {

/// What of a capture a cut keeps.
struct CutPlan {
    ExchangeSet exchanges;
    std::unordered_set<SessionId> idle;  ///< sessions that are kept although no exchange of theirs is
    Timestamp from;                      ///< unknown: from the beginning
    Timestamp to;                        ///< unknown: to the end; excluded

    [[nodiscard]] bool keeps(SessionId session) const { return exchanges.has(session) || idle.count(session) != 0; }
    [[nodiscard]] bool in_window(Timestamp time) const {
        return (!from.known() || time >= from) && (!to.known() || time < to);
    }
};

/// Copies what a plan keeps of a capture's events. Sessions that were open before the window enter with their state at
/// its start; where exchanges that are left out changed what a session has prepared or set, its state stands again
/// before its next exchange, so that the cut needs nothing of what was before or between. An exchange is kept whole or
/// not at all.
///
/// Drive it: on_event() for the events of the files in order, end_of_file() after each, finish() once.
class Cutter {
public:
    /// The plan and the sink must outlive the cutter.
    Cutter(const CutPlan& plan, EventSink& sink) : plan_(plan), sink_(sink) {}

    void on_event(Event&& event);
    void end_of_file();
    /// Ends the sessions that go on past the cut, and writes the counters: those of the source under "source.", what
    /// was left out under "cut.".
    void finish();
    /// Adds to the counter "cut." + `name`.
    void count(const std::string& name, std::uint64_t count = 1) { counts_["cut." + name] += count; }
    [[nodiscard]] const std::map<std::string, std::uint64_t>& counts() const { return counts_; }

private:
    struct Kept {
        bool entered = false;
        bool ready = false;          // its SessionState is written
        bool stale = false;          // what was left out changed its state
        std::uint64_t begun = 0;     // ordinals below have a Request in the cut
        std::uint64_t ended = 0;     // and of those an end
        std::uint64_t left_out = 0;  // ordinals below were counted as left out
    };

    void on(SessionOpened&& event);
    void on(const SessionState& event);
    void on(SessionClosed&& event);
    void on_part(Event&& event, SessionId session, Ordinal ordinal);
    void on_counters(const Counters& event);
    void pass_if(bool kept, Event&& event, const char* counter);
    void enter_open_sessions();
    void enter(Kept& kept, SessionId session, Ordinal next, Timestamp time);
    const CutPlan& plan_;
    EventSink& sink_;
    SessionStates states_;
    std::unordered_map<SessionId, Kept> kept_;             // open sessions
    std::unordered_map<SessionId, std::uint64_t> others_;  // sessions left out: ordinals below were counted
    std::map<std::string, std::uint64_t> file_counters_;
    std::map<SessionId, std::map<std::string, std::uint64_t>> session_counters_;
    std::map<std::string, std::uint64_t> counts_;
    Timestamp last_;
    bool reached_ = false;  // the window
};

}  // namespace understudy::capture
