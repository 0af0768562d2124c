#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "compare/analysis/observed.hpp"

namespace understudy::compare {

/// What one session of the baseline did.
struct SessionActivity {
    SessionId session;
    Bytes user;
    Bytes application;
    Bytes database;
    Timestamp first;  ///< of its requests
    Timestamp last;
    std::uint64_t steps = 0;
    std::uint64_t differing = 0;
};

/// Steps over recorded time, in equal parts of it. The parts begin at whole multiples of their width since 1970, so that
/// timelines of several parts of a comparison add up to that of the whole.
struct Timeline {
    static constexpr std::size_t kMaxBuckets = 120;  ///< twice as wide ones, when there would be more

    Timestamp start;  ///< unknown: nothing was asked
    Duration width = Duration::milliseconds(100);
    std::vector<std::uint64_t> steps;
    std::vector<std::uint64_t> differing;

    void add(Timestamp when, std::uint64_t step_count, std::uint64_t differing_count);
    void add(const Timeline& other);

private:
    [[nodiscard]] std::int64_t place_of(Timestamp when) const { return when.ns() / width.count_ns(); }
    void widen();
    void begin_earlier(Timestamp when);
};

/// What Activity has when all sessions are done.
struct ActivityState {
    std::vector<SessionActivity> sessions;  ///< the first Activity::kMaxSessions, in the order of their first request
    Timeline timeline;
    Timestamp first;  ///< of the requests
    Timestamp last;
};

/// Who asked what when, in the baseline. Memory: kMaxSessions sessions, and the names of those that are open.
class Activity {
public:
    static constexpr std::size_t kMaxSessions = 500;  ///< of which more than the names is kept

    Activity() = default;
    explicit Activity(ActivityState&& state);

    void on_session(SessionId session, const SessionIdentity& identity);
    void on_session_done(SessionId session) { names_.erase(session); }
    void add(SessionId session, Timestamp asked, std::uint64_t steps, std::uint64_t differing);
    /// Adds that of other sessions.
    void add(const Activity& other);

    /// Its names; nothing when the capture does not tell.
    [[nodiscard]] const SessionIdentity* identity(SessionId session) const;
    [[nodiscard]] const ActivityState& state() const { return state_; }
    /// From the first request to the last.
    [[nodiscard]] Duration span() const { return state_.first.known() ? state_.last - state_.first : Duration(); }

private:
    void index_sessions();
    static void name(SessionActivity& session, const SessionIdentity& identity);

    std::unordered_map<SessionId, SessionIdentity> names_;
    std::unordered_map<SessionId, std::size_t> places_;  // in state_.sessions
    ActivityState state_;
};

}  // namespace understudy::compare
