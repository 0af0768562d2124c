#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/exchange/frame_scanner.hpp"
#include "core/exchange/name_effects.hpp"
#include "core/exchange/text_store.hpp"
#include "core/model/event.hpp"

namespace understudy {

/// Follows the events of a capture and knows the state of each session, so that a file can begin anywhere: a capture
/// that is rotated, or cut, writes these states first. Pure; made to be called for every event of a live capture.
///
/// Drive it: on_event() for each event, in a session's own order. What is in flight counts as done: of a Parse that was
/// sent and not answered yet, the text is in the state, unless the name is taken.
///
/// `complete` of a state is false where a statement or setting may exist that is not in it: the session was joined, a
/// gap or dropped exchanges hid requests, a text was too long, or a limit was reached. Memory: the texts in use (each
/// once, however many sessions prepared it), names, and what the server has not answered.
class SessionStates {
public:
    struct Limits {
        std::size_t sessions = 65'536;
        std::size_t statements = 10'000;  ///< of one session
        std::size_t all_statements = 1U << 20U;
        std::size_t pending = 1U << 19U;     ///< steps without an answer, of all sessions
        std::size_t name_bytes = 1'024;      ///< longer names are not followed
        std::size_t text_bytes = 1U << 20U;  ///< of one statement
        std::size_t all_text_bytes = std::size_t{256} << 20U;
        std::size_t split_bytes = std::size_t{64} << 20U;  ///< of frames that came in pieces, all sessions together
        std::size_t settings = 256;                        ///< of one session
    };

    SessionStates() : SessionStates(Limits{}) {}
    explicit SessionStates(const Limits& limits);

    void on_event(const Event& event);

    /// Of every session that is open and past its start-up, by session id; `now` is their time.
    [[nodiscard]] std::vector<SessionState> states(Timestamp now) const;
    /// Of one session; none when it is not known, not past its start-up, or closed.
    [[nodiscard]] std::optional<SessionState> state_of(SessionId session, Timestamp now = {}) const;
    /// Changes whenever the session's statements or settings do; 0 for one that is not known.
    [[nodiscard]] std::uint64_t revision(SessionId session) const;

    /// Sessions that are open.
    [[nodiscard]] std::uint64_t sessions() const { return open_; }
    /// Sessions, statements and texts beyond a limit.
    [[nodiscard]] std::uint64_t left_out() const { return left_out_ + texts_.refused(); }

private:
    struct Statement {
        SqlText sql;  // null: not known
        std::vector<std::uint32_t> types;
        bool types_known = true;
        bool acts = false;  // its text has effects on statements
    };
    struct Step {
        std::uint32_t ordinal = 0;
        std::uint32_t index = 0;
        StepKind kind = StepKind::unknown;
        Bytes name;    // Parse, Close: statement; Bind, Execute: portal
        Bytes source;  // Bind: statement
        Statement parsed;
        std::vector<NameEffect> effects;  // of a Query
    };
    using Statements = std::map<Bytes, Statement>;
    struct Session {
        explicit Session(std::size_t max_kept) : scanner(max_kept) {}
        SessionState base;  // all but statements
        Statements statements;
        std::map<Bytes, SqlText> portals;  // of statements that act
        std::deque<Step> pending;
        FrameScanner scanner;
        std::uint32_t scanned_ordinal = 0;
        std::uint64_t next_step = 0;
        std::uint64_t ended_until = 0;  // ordinals below are answered
        std::uint64_t revision = 1;
        bool ready = false;
        bool open = true;
        bool any_acts = false;
    };

    void on(const SessionOpened& event);
    void on(const SessionState& event);
    void on(const SessionClosed& event);
    void on(const Request& event);
    void on(const Response& event);
    void on(const Gap& event);
    Session* find_or_add(SessionId id);
    void erase(SessionId id);
    void read_frame(Session& session, std::uint32_t ordinal, const ScannedFrame& frame);
    bool read_step(Session& session, const ScannedFrame& frame, Step& step);
    Statement statement_of(BytesView sql);
    void push(Session& session, Step&& step);
    void pop(Session& session);
    void take_result(Session& session, std::uint32_t ordinal, std::uint32_t index, const StepResult& result);
    void apply(Session& session, const Step& step, StepOutcome outcome, const StepResult* result);
    void run(Session& session, const std::vector<NameEffect>& effects, std::uint32_t place, const StepResult& result);
    void define(Session& session, const Bytes& name, Statement&& statement);
    void drop(Session& session, const Bytes& name);
    void drop_all(Session& session);
    void set(Session& session, const std::pair<Bytes, Bytes>& setting);
    [[nodiscard]] SessionState make_state(const Session& session, Timestamp now) const;

    Limits limits_;
    TextStore texts_;  // outlives the sessions
    std::unordered_map<SessionId, Session> sessions_;
    std::uint64_t open_ = 0;
    std::size_t all_statements_ = 0;
    std::size_t all_pending_ = 0;
    std::size_t split_bytes_ = 0;
    std::uint64_t left_out_ = 0;
};

}  // namespace understudy
