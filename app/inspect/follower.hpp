#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "app/inspect/quality.hpp"
#include "app/inspect/session_names.hpp"
#include "core/model/event.hpp"

namespace understudy::app::inspect {

/// What is known of one session.
struct SessionInfo {
    SessionId id;
    SessionIdentity identity;
    bool joined = false;  ///< it was open before: there was no start-up packet
    Timestamp first;      ///< first and last event
    Timestamp last;
    std::uint64_t exchanges = 0;
    std::uint64_t errors = 0;                       ///< ErrorResponses
    std::optional<SessionEnd> end;                  ///< none: the file ends first
    std::optional<ServerMessage> error;             ///< with which the server refused or ended it
    Quality quality;                                ///< final when the session has ended
    std::map<std::string, std::uint64_t> counters;  ///< its own, as far as they were written before its end
};

/// One step with its result. The references are valid during the call.
struct FollowedStep {
    const SessionInfo& session;
    Ordinal ordinal;
    StepIndex step;
    const StepResult& result;      ///< `unanswered` where the capture ends without one
    std::optional<BytesView> sql;  ///< what it runs or is about; none when unknown or not asked for
    Timestamp asked;               ///< when the client sent it; unknown when that was not seen
    /// Service time: from when the client had sent the step and the server had executed what came before it
    /// in the session, to the end of the answer. An Execute's includes its Parse, Bind and Describe when they
    /// were sent with it: their answers usually arrive together, and cannot be told apart. What a pipelined
    /// step waits for executions before it is not counted; what COPY data takes to arrive is.
    std::optional<Duration> latency;
    std::uint64_t bytes = 0;  ///< that the client sent for it, COPY data as far as it came before the answer
};

class FollowListener {
public:
    virtual ~FollowListener() = default;
    virtual void on_step(const FollowedStep&) {}
    virtual void on_session_end(const SessionInfo&) {}
};

/// Follows the sessions of a capture: joins requests with results, and results with the statements that they
/// belong to.
///
/// Drive it: on_event() for every event of one file after the other, then finish(). Memory is bounded by the
/// open sessions and exchanges; events past the limits below are left out and counted.
class Follower {
public:
    static constexpr std::size_t kMaxOpenSessions = 65'536;
    static constexpr std::size_t kMaxOpenSteps = 1U << 19U;  ///< of all sessions; an open exchange counts as one, too

    /// `with_sql`: find the text of each step. The listener must outlive the follower.
    Follower(FollowListener& listener, bool with_sql) : listener_(listener), with_sql_(with_sql) {}

    void on_event(const Event& event);
    /// Ends what is open.
    void finish();

    [[nodiscard]] Timestamp start() const { return start_; }  ///< time of the first event
    [[nodiscard]] Timestamp last() const { return last_; }
    /// Requests, steps, texts and sessions that were beyond a limit.
    [[nodiscard]] std::uint64_t left_out() const { return left_out_ + texts_.refused(); }

private:
    struct Exchange {
        std::deque<AskedStep> steps;  // without a result so far
        std::uint64_t next_step = 0;
        bool query_answered = false;                       // at least one statement of the Query at the end
        std::optional<std::vector<BytesView>> statements;  // of that Query
        bool broken = false;                               // a part of it was not recorded
        bool ready = false;                                // its end was recorded
        SessionNames failed;                               // what steps that failed or were skipped would have defined
    };
    struct Session {
        SessionInfo info;
        SessionNames names;
        std::map<std::uint32_t, Exchange> open;
        std::set<std::uint32_t> ended_early;  // exchanges whose end was recorded before their Request
        FrameScanner scanner;
        std::uint32_t scanned_ordinal = 0;
        std::uint64_t next_ordinal = 0;
        Timestamp executed_until;  // end of the last execution, or of the last exchange
    };

    void on(const SessionOpened& event);
    void on(const SessionState& event);
    void on(const SessionClosed& event);
    void on(const Request& event);
    void on(const Response& event, Timestamp time);
    void on(const Gap& event);
    void on(const Counters& event);
    static void note_results(Exchange& exchange, const Response& event);
    static void end_exchange(Session& session, const Exchange& exchange, bool session_ends);
    void note_time(SessionInfo* info, Timestamp time);
    Session* session(SessionId id, Timestamp time);
    void end_session(std::unordered_map<SessionId, Session>::iterator which);
    void add_step(Exchange& exchange, const ScannedFrame& frame, Timestamp time);
    void take_result(Session& session, std::uint32_t ordinal, std::uint32_t index, const StepResult& result);
    std::optional<AskedStep> match(Session& session, std::uint32_t ordinal, Exchange& exchange, std::uint32_t index);
    std::optional<BytesView> statement_of(Exchange& exchange, const AskedStep& step, std::uint32_t index,
                                          const StepResult& result) const;
    void end_exchanges_up_to(Session& session, std::uint32_t ordinal, bool session_ends);
    void report_unanswered(Session& session, std::uint32_t ordinal, const AskedStep& step);
    void report(Session& session, FollowedStep& step);

    FollowListener& listener_;
    bool with_sql_;
    TextStore texts_;
    std::unordered_map<SessionId, Session> sessions_;
    std::size_t open_steps_ = 0;
    std::uint64_t left_out_ = 0;
    Timestamp start_;
    Timestamp last_;
};

/// The time from one instant to a later one; zero when either is unknown or they are the other way round.
Duration elapsed(Timestamp from, Timestamp to);

}  // namespace understudy::app::inspect
