#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "core/exchange/transcriber.hpp"
#include "core/model/event.hpp"
#include "replay/order/ambiguous_set.hpp"
#include "replay/order/order_board.hpp"
#include "replay/order/planned_event.hpp"
#include "replay/order/unit.hpp"
#include "replay/plan/hold_back.hpp"
#include "replay/plan/pacing.hpp"
#include "replay/plan/warmed.hpp"
#include "replay/remap/session_remapper.hpp"
#include "replay/replay_stats.hpp"
#include "replay/session/impersonation.hpp"
#include "replay/session/marking_sink.hpp"

namespace understudy::replay {

/// What the shell has to do next for one session.
struct Action {
    enum class Kind {
        wait_for_input,  ///< until push() or end_of_input() is called; receiving meanwhile what awaits_answer()
        wait_until,      ///< until the instant `until`; receiving meanwhile what awaits_answer()
        wait_for_order,  ///< until `before` is done (see OrderBoard); receiving meanwhile. let_go() if it never will be
        send,            ///< all of `bytes`, receiving meanwhile; then sent()
        receive,         ///< whatever comes; then received() or lost()
        prepare,         ///< the statements of to_prepare(), outside the recording; tell prepared() of each
        cancel,          ///< ask the server to cancel what this session does
        close,           ///< send `bytes`, close the connection; then closed()
        done,            ///< nothing more, ever
    };
    Kind kind = Kind::done;
    Timestamp until{};
    BytesView bytes{};     ///< valid until the next call
    Predecessor before{};  ///< of wait_for_order
    Progress position{};   ///< of wait_for_order: where in the session the request is
};

/// Replays one recorded session, past its login, as a pure machine: the recorded order is kept, requests go out when
/// they are due and the answers that the recorded client had read before are there, and what is sent and answered is
/// transcribed. It knows no socket and no clock.
///
/// Drive it: push() recorded events of the session in their order; do what next() says, telling the time. One thread.
///
/// What cannot be sent (held back, prepared before the capture began, connection lost, data for a COPY that the target
/// did not begin) is recorded as not sent, with the reason; what follows is sent as it was recorded.
class SessionMachine {
public:
    struct Shared {
        const Digester& digester;
        ResultsPolicy policy;
        const Pacing& pacing;
        const std::set<std::string>& allowed_effects;
        MessageCounts& counts;
        EventSink& sink;
        ReplayStats& stats;
        OrderBoard* board = nullptr;              ///< nullptr: sessions are not ordered
        const AmbiguousSet* ambiguous = nullptr;  ///< what the plan found; nullptr: nothing
        RemapContext* remap = nullptr;            ///< generated values are mapped by it; nullptr: sent as recorded
    };
    /// The references in `shared` must outlive the machine.
    /// `index`: of the session on the board.
    SessionMachine(SessionId session, bool joined, const Shared& shared, SessionIndex index = 0);

    /// Why messages of the replayer's own that prepare a recorded statement must not be sent; empty when they may. Ask
    /// before the first recorded event; where they are not sent, or the server refuses them, tell not_entered().
    std::string judge_entry(BytesView frames, Ordinal exchange = Ordinal());
    void not_entered(BytesView frames) { hold_back_.note_not_sent(frames); }

    /// The session is another role than the one that logged in, and has to stay it. Tell before the first event.
    void impersonate(ImpersonatedRole role);
    /// Who the session is, and as whom it connects.
    void set_identity(SessionIdentity identity, BytesView user) {
        identity.user = user;
        if (remapper_) remapper_->set_identity(identity);
    }
    /// Messages of the replayer's own that were sent on entering the session, see judge_entry().
    void entered(BytesView frames) {
        if (remapper_) remapper_->entered(frames);
    }

    /// A Response only says what was recorded; it may come at any time.
    void push(PlannedEvent&& planned);
    void push(Event&& recorded) { push(PlannedEvent{std::move(recorded), {}, 0, false}); }
    void end_of_input();

    Action next(Timestamp now);
    void sent(Timestamp now);
    /// The request at the front is not to wait for that predecessor any more; its answer is tainted.
    void let_go();
    void received(BytesView bytes, Timestamp now);
    /// The connection is gone, or never came: nothing more is sent.
    void lost(std::string reason, Timestamp now);
    void closed(Timestamp now);
    /// After Action::Kind::prepare: what the session will prepare, and is to have before a pause.
    std::vector<PreparedStatement>& to_prepare() { return to_prepare_; }
    void prepared(PreparedStatement&& statement) { warmed_.add(std::move(statement)); }
    /// Everything that was pushed is done, and answered.
    [[nodiscard]] bool idle() const {
        return lost_ || finished_ || (input_.empty() && !sending_ && !preparing_ && !awaits_answer());
    }

    /// Whether the target owes an answer, whose time matters.
    [[nodiscard]] bool awaits_answer() const {
        return !lost_ && (transcriber_.tracker().head() != nullptr || (impersonation_ && impersonation_->setting()));
    }
    [[nodiscard]] bool is_lost() const { return lost_.has_value(); }
    [[nodiscard]] const std::optional<std::string>& loss() const { return lost_; }
    [[nodiscard]] const Transcriber& transcriber() const { return transcriber_; }
    void set_own_process(std::uint32_t process) { transcriber_.set_own_process(process); }

private:
    std::optional<Action> on_request(Request& request, Timestamp now);
    std::optional<Action> on_other(Event& event, Timestamp now);
    std::optional<Action> on_closed(const SessionClosed& closed, Timestamp now);
    [[nodiscard]] bool satisfied(const Seen& wanted) const;
    std::string reason_not_to_send(const Request& request);
    std::optional<Action> wait_for_order(const Request& request, Timestamp now);
    void note_sending(const Request& request, Timestamp due, Timestamp now);
    void report_progress();
    void note_not_sent(Ordinal ordinal, StepIndex step);
    void transcribe_sent(BytesView bytes, Timestamp now);
    void skip(const Request& request, std::string_view why, Timestamp now);
    std::optional<Action> keep_role(Ordinal exchange);
    bool end_leftovers(Ordinal next, bool copy_data, Timestamp now);
    bool join_pieces();
    void pop();
    EventSink& sink() { return remapper_ ? static_cast<EventSink&>(*remapper_) : marking_; }

    Shared shared_;
    SessionIndex index_;
    HoldBack hold_back_;
    MarkingSink marking_;
    std::unique_ptr<SessionRemapper> remapper_;
    std::optional<Impersonation> impersonation_;
    Transcriber transcriber_;
    pgwire::FrameReader sent_reader_;
    pgwire::FrameReader received_reader_;
    struct Queued {
        Event event;
        std::size_t weight;  // in queued_bytes
        std::vector<Predecessor> after;
    };
    std::deque<Queued> input_;
    Bytes outgoing_;
    Warmed warmed_;
    std::vector<PreparedStatement> to_prepare_;
    bool input_ended_ = false;
    bool sending_ = false;
    bool preparing_ = false;  // until next() is asked again
    bool finished_ = false;
    bool waited_for_target_ = false;
    std::size_t ordered_until_ = 0;  // of the front's predecessors
    bool let_go_ = false;
    std::optional<Timestamp> order_wait_since_;
    Progress skipped_until_;
    std::optional<Ordinal> skipping_;  // the rest of this exchange is not sent
    std::string skipping_why_;
    std::optional<std::string> lost_;
    SessionEnd recorded_end_ = SessionEnd::terminate;
    Timestamp last_recorded_request_;
    Timestamp last_sent_;
    SessionId session_;
};

}  // namespace understudy::replay
