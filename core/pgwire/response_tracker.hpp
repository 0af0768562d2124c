#pragma once

#include <cstdint>
#include <deque>

#include "core/base/bytes.hpp"
#include "core/pgwire/frame_reader.hpp"

namespace understudy::pgwire {

/// What the server owes an answer for.
enum class PendingKind : std::uint8_t { parse, bind, describe, execute, close, sync, query, function_call };

/// One message of the client that the server has not finished answering.
struct Pending {
    PendingKind kind = PendingKind::sync;
    std::uint32_t ordinal = 0;       ///< of its exchange
    std::uint32_t step = 0;          ///< in its exchange; of a query: of the statement being answered
    char target = 0;                 ///< Describe and Close: 'S' or 'P'
    Bytes name;                      ///< Parse: statement; Bind, Execute: portal; Describe, Close: either
    Bytes statement;                 ///< Bind: statement
    Bytes result_formats;            ///< Bind: as on the wire
    std::uint32_t copies_ended = 0;  ///< CopyDone and CopyFail sent right after it, before the server asked for data
    bool flushed = false;            ///< a Flush, Sync or Query came after it: its answer cannot stay in a buffer
};

/// How one step ended.
enum class Ending : std::uint8_t { complete, suspended, empty, error, skipped, incomplete };

class TrackerListener {
public:
    virtual ~TrackerListener() = default;
    /// Steps end in order. For a query this comes once a statement, with the statement's step.
    virtual void on_step_ended(const Pending& step, Ending ending) = 0;
    /// `transaction_status` is that of the ReadyForQuery, or 0 for an exchange that the server discarded whole
    /// because an earlier one had failed without a Sync between.
    virtual void on_exchange_ended(std::uint32_t ordinal, char transaction_status) = 0;
};

/// Where a frontend message belongs.
struct Placement {
    std::uint32_t ordinal = 0;
    std::uint32_t step = 0;
    bool unexpected = false;  ///< not a message of a session past its start-up
};

/// What a backend message was.
enum class Arrival : std::uint8_t {
    answer,         ///< part of the answer to the head
    asynchronous,   ///< NoticeResponse, NotificationResponse, ParameterStatus
    session_error,  ///< an ErrorResponse that answers nothing: the server ends the session
    unexpected,     ///< does not fit the head: bytes were lost, or the peer is not PostgreSQL
};

/// Pairs the server's messages with the client's as the server's own state machine does (PostgreSQL docs, "Message
/// Flow"; PostgresMain and CopyGetData in the server's source), not by counting:
/// - after an error in the extended protocol everything up to the next Sync is discarded, a Query too;
/// - during copy-in the server ignores Flush and Sync (libpq's COPY through the extended protocol sends two Syncs and
///   gets one ReadyForQuery), and afterwards ignores late CopyData, CopyDone and CopyFail;
/// - a Query answers with any number of statements; only ReadyForQuery ends it;
/// - a FunctionCall may fail after its answer, when its transaction commits: its step ends with ReadyForQuery;
/// - Flush asks for answers but ends nothing.
///
/// Drive it with every frontend and backend frame after start-up, in the order of their arrival. Pure: no bytes are
/// kept but names. At most kMaxPending messages may await answers; a message past that is `unexpected` and counts as
/// lost.
///
/// After lost bytes every step ends as `incomplete`, until as many ReadyForQuery came as may have been owed, or
/// on_quiet(), or on_rest() twice with as many answers as exchanges between. A client that never sent an exchange
/// before the last one was answered is taken to go on like that: one ReadyForQuery is enough.
class ResponseTracker {
public:
    static constexpr std::size_t kMaxPending = 1U << 18U;

    explicit ResponseTracker(TrackerListener& listener, std::uint32_t first_ordinal = 0)
        : listener_(listener), next_ordinal_(first_ordinal) {}

    Placement on_frontend(const FrameView& frame);
    Arrival on_backend(const FrameView& frame);

    /// Bytes of an answer were lost: the step being answered, and whatever cannot be told apart from it, will end as
    /// `incomplete`.
    void on_backend_gap();
    /// Bytes of the client were lost: what is pending, and the exchange of which a part may be missing, ends as
    /// `incomplete`.
    /// Nobody knows how many answers the lost bytes asked for: a client that pipelines exchanges is paired again by
    /// on_rest() or on_quiet() only.
    void on_frontend_gap();
    /// What comes next is of a session that was open: answers to what was sent before may be on their way.
    void on_join();
    /// The client begins to send when each side had received all that the other had sent, which of the server ended
    /// with ReadyForQuery. Nothing is owed then, unless the client sends more while it waits for further answers: twice
    /// in a row without loss, with as many ReadyForQuery as exchanges between, is taken for certain of a client that
    /// was never seen to do so.
    void on_rest();
    /// The client begins to send after nothing has passed for so long that no answer can be on its way: what is pending
    /// after a gap was answered in the bytes that were lost.
    void on_quiet();
    /// Whether answers are paired with certainty: nothing was lost, or enough came since.
    [[nodiscard]] bool certain() const { return !uncertain_; }
    /// Whether a message of this kind would belong to the head: to its answer, or beside it.
    [[nodiscard]] bool expects(const FrameView& frame) const;
    /// The connection ended: nothing more will be answered. What is pending stays; see pending().
    [[nodiscard]] const std::deque<Pending>& pending() const { return pending_; }

    /// The message being answered; nullptr when the server owes nothing.
    [[nodiscard]] const Pending* head() const { return pending_.empty() ? nullptr : &pending_.front(); }
    /// Statements of the query at the head that are answered.
    [[nodiscard]] std::uint32_t statements_done() const { return statements_done_; }
    [[nodiscard]] bool copy_in() const { return copy_in_; }
    /// Numbers the next message as the first of exchange `ordinal`, for a client whose earlier messages are not sent
    /// again.
    void skip_to(std::uint32_t ordinal) {
        next_ordinal_ = ordinal;
        next_step_ = 0;
    }
    /// Whether an answer is on its way that no buffer of the server can hold back.
    [[nodiscard]] bool owes_flushed() const { return !pending_.empty() && pending_.front().flushed; }
    [[nodiscard]] std::uint32_t next_ordinal() const { return next_ordinal_; }
    /// Whether the exchange being sent has a step already.
    [[nodiscard]] bool inside_exchange() const { return next_step_ != 0; }

private:
    Placement push(PendingKind kind, const FrameView& frame);
    Placement place_copy_frame(const FrameView& frame);
    void end_head(Ending ending);
    void pop_exchange(char transaction_status);
    void give_up(std::uint32_t exchanges, char transaction_status);
    Arrival on_error(const FrameView& frame);
    Arrival on_ready(const FrameView& frame);
    Arrival on_ready_after_gap(char status);
    void on_statement_end(Ending ending);
    void on_copy_in_response();
    void discard_to_sync();
    void mark_flushed();

    static constexpr std::uint32_t kUnknown = UINT32_MAX;

    TrackerListener& listener_;
    std::deque<Pending> pending_;
    std::uint32_t next_ordinal_ = 0;
    std::uint32_t next_step_ = 0;
    std::uint32_t copy_ordinal_ = 0;  // of the COPY that the server asked data for last
    std::uint32_t copy_step_ = 0;
    std::uint32_t statements_done_ = 0;  // of the query at the head
    bool answered_ = false;              // the head function call has its response; only ReadyForQuery is missing
    bool discarding_ = false;            // the server skips to the next Sync
    bool copy_in_ = false;
    bool late_copy_ = false;              // the COPY failed while the client was sending
    std::size_t flushed_ = 0;             // how many at the front are marked
    bool uncertain_ = false;              // after a gap
    bool client_lost_ = false;            // bytes of the client were lost, and no exchange of it ended since
    bool pipelines_ = false;              // the client has sent an exchange before the last one was answered
    bool overtakes_ = false;              // … and that when one of several was answered
    bool rested_ = false;                 // on_rest() came, and nothing was lost since
    std::uint32_t sent_since_rest_ = 0;   // exchanges
    std::uint32_t ready_since_rest_ = 0;  // ReadyForQuery
    std::uint32_t stale_ = 0;             // ReadyForQuery that may still come for exchanges given up after a gap
};

}  // namespace understudy::pgwire
