#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "core/exchange/session_states.hpp"
#include "replay/plan/name_verdicts.hpp"
#include "replay/plan/resume_points.hpp"
#include "replay/plan/statement_filter.hpp"

namespace understudy::replay {

/// What of a capture is replayed; everything that is given must fit.
struct SelectionOptions {
    Timestamp from;                ///< exchanges that begin now or later; unknown: from the beginning
    Timestamp to;                  ///< exchanges that begin before; unknown: to the end
    double share = 1;              ///< of the sessions, 0 < share <= 1
    std::vector<Bytes> users;      ///< any of these; empty: all
    std::vector<Bytes> databases;  ///< any of these, as recorded
    StatementChoice statements;
    std::shared_ptr<const ResumePoints> done;  ///< what an earlier replay has answered; may be null

    [[nodiscard]] bool any() const {
        return from.known() || to.known() || share < 1 || !users.empty() || !databases.empty() || statements.any() ||
               done;
    }
};

/// Whether a session belongs to a sample: the same sessions for the same share on each run, and those of a smaller
/// share are among those of a larger one.
bool in_sample(SessionId session, double share);

/// Hands on the events of a capture that are to be replayed. Sessions are taken or left whole by share, user and
/// database. Of the sessions taken:
///
/// - An exchange belongs to the time at which it begins. A session that is open at `from` enters there with what was
///   prepared and set before; if it is inside a transaction then, the rest of that is left out.
/// - An exchange is left out from the request in which something unwanted stands; what of it was sent and answered
///   before that has been replayed. What uses a statement or cursor that was left out is left out with it.
///
/// Left-out exchanges inside the window are handed on as such, so that they are recorded as not sent; all are counted.
/// With read_only, sessions begin with default_transaction_read_only, as their start-up parameter, which RESET ALL and
/// DISCARD ALL return to.
///
/// Drive it: on_event() for the events of the files in order. Memory: the open sessions, and until `from` their states.
class Selection {
public:
    /// The references must outlive the selection.
    Selection(const SelectionOptions& options, PlannedSink& next);

    void on_event(Event&& event);
    /// Nothing that comes can be wanted any more.
    [[nodiscard]] bool past_end() const {
        return options_.to.known() && latest_ >= options_.to + kRecordWindow && open_exchanges_ == 0;
    }
    [[nodiscard]] const LeftOutCounts& counts() const { return counts_; }

private:
    struct Session {
        bool judged = false;
        LeftOut left_out;  // whole
        std::optional<SessionOpened> opened;
        bool entered = false;
        std::uint64_t begun = 0;   // ordinals below have begun
        std::uint64_t wanted = 0;  // below, those in the window
        std::uint64_t ended = 0;   // below, all are answered
        std::uint64_t first = 0;   // below, all are before `from`
        bool old_transaction = false;
        bool sent = false;   // the current exchange is taken, as far as it was seen
        bool split = false;  // it has a message that fills several requests
        LeftOut verdict;     // of the current exchange
        NameVerdicts names;
        [[nodiscard]] bool open() const { return wanted > ended; }
    };

    void on(SessionOpened&& event);
    void on(SessionState&& event);
    void on(SessionClosed&& event);
    void on(Request&& event);
    void on(const Response& event);
    bool judge_session(Session& session, SessionId id, const SessionIdentity& identity);
    [[nodiscard]] bool begins_later(SessionId session, Timestamp time) const;
    void begin_exchange(Session& session, const Request& request);
    void judge_frames(Session& session, const Request& request);
    void enter(Session& session, SessionState&& state);
    void enter_open_sessions();
    void leave_out(Session& session, LeftOut verdict);
    void set_wanted(Session& session, std::uint64_t wanted);
    void set_ended(Session& session, std::uint64_t ended);
    void make_read_only(SessionIdentity& identity) const;
    void pass(Event&& event) { next_.on_planned({std::move(event), {}, false}); }
    void count(const char* unit, const char* key) { ++counts_[std::string(unit) + "." + key]; }
    [[nodiscard]] bool before_window(Timestamp time) const { return options_.from.known() && time < options_.from; }
    [[nodiscard]] bool in_window(Timestamp time) const {
        return !before_window(time) && (!options_.to.known() || time < options_.to);
    }

    const SelectionOptions& options_;
    PlannedSink& next_;
    StatementFilter filter_;
    SessionStates states_;  // before `from`
    bool entered_ = false;  // the sessions that were open then
    std::unordered_map<SessionId, Session> sessions_;
    Timestamp latest_;
    std::uint64_t open_exchanges_ = 0;  // sessions inside one that is replayed
    LeftOutCounts counts_;
};

}  // namespace understudy::replay
