#include "replay/plan/selection.hpp"

#include <algorithm>

#include "core/store/capture_codec.hpp"

namespace understudy::replay {
namespace {

constexpr const char* kReadOnlySetting = "default_transaction_read_only";

bool is_among(const std::vector<Bytes>& wanted, const Bytes& name) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), name) != wanted.end();
}

/// Mixes all bits into all bits (the finaliser of SplitMix64), so that ids that are alike spread evenly.
std::uint64_t mixed(std::uint64_t value) {
    value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ (value >> 27U)) * 0x94D049BB133111EBULL;
    return value ^ (value >> 31U);
}

}  // namespace

bool in_sample(SessionId session, double share) {
    constexpr double kHalfRange = 9007199254740992.0;  // 2^53: what a double holds exactly
    return static_cast<double>(mixed(session.value() + 0x9E3779B97F4A7C15ULL) >> 11U) < share * kHalfRange;
}

Selection::Selection(const SelectionOptions& options, PlannedSink& next)
    : options_(options), next_(next), filter_(options.statements), entered_(!options.from.known()) {}

void Selection::on_event(Event&& event) {
    const SessionId id = store::event_session(event);
    if (id == SessionId()) return;
    if (!options_.any()) return pass(std::move(event));
    const Timestamp time = store::event_time(event);
    latest_ = std::max(latest_, time);
    if (!entered_ && latest_ >= options_.from + kRecordWindow) enter_open_sessions();
    if (auto* opened = std::get_if<SessionOpened>(&event)) return on(std::move(*opened));
    if (auto* state = std::get_if<SessionState>(&event)) return on(std::move(*state));
    if (auto* closed = std::get_if<SessionClosed>(&event)) return on(std::move(*closed));
    if (auto* request = std::get_if<Request>(&event)) return on(std::move(*request));
    if (const auto* response = std::get_if<Response>(&event)) return on(*response);
    const auto found = sessions_.find(id);
    if (found == sessions_.end() || found->second.left_out.yes()) return;
    if (!found->second.entered) return states_.on_event(event);  // a Gap
    if (std::holds_alternative<CancelSent>(event) && in_window(time)) pass(std::move(event));
}

bool Selection::judge_session(Session& session, SessionId id, const SessionIdentity& identity) {
    if (session.judged) return !session.left_out.yes();
    session.judged = true;
    if (!in_sample(id, options_.share)) session.left_out = {"share", {}};
    if (!is_among(options_.databases, identity.database)) session.left_out = {"database", {}};
    if (!is_among(options_.users, identity.user)) session.left_out = {"user", {}};
    if (options_.done && options_.done->is_finished(id)) session.left_out = {"done", {}};
    if (session.left_out.yes()) count("sessions", session.left_out.key);
    return !session.left_out.yes();
}

void Selection::on(SessionOpened&& event) {
    Session& session = sessions_[event.session];
    session = Session{};
    if (!event.joined && !judge_session(session, event.session, event.identity)) return;
    if (!entered_ || begins_later(event.session, event.time)) states_.on_event(Event(event));
    session.opened = std::move(event);  // handed on with the state, which may know who it is
}

void Selection::on(SessionState&& event) {
    Session& session = sessions_[event.session];
    if (!judge_session(session, event.session, event.identity) || session.entered) return;
    if (options_.to.known() && event.time >= options_.to) return;
    session.begun = std::max<std::uint64_t>(session.begun, event.next_ordinal.value());
    if (begins_later(event.session, event.time)) return states_.on_event(Event(std::move(event)));
    enter(session, std::move(event));
}

/// Whether the session is replayed only from a later exchange on.
bool Selection::begins_later(SessionId session, Timestamp time) const {
    return before_window(time) || (options_.done && options_.done->done(session) > 0);
}

/// The session is on the target from here on.
void Selection::enter(Session& session, SessionState&& state) {
    session.entered = true;
    session.first = state.next_ordinal.value();
    session.old_transaction = state.transaction_status == 'T' || state.transaction_status == 'E';
    if (session.old_transaction) count("sessions", "entered_in_transaction");
    session.names.enter(state, filter_);
    if (session.opened) {
        make_read_only(session.opened->identity);
        pass(std::move(*session.opened));
        session.opened.reset();
    }
    make_read_only(state.identity);
    if (options_.statements.read_only) {
        std::erase_if(state.settings, [](const auto& setting) { return setting.first == kReadOnlySetting; });
    }
    pass(std::move(state));
}

void Selection::enter_open_sessions() {
    entered_ = true;
    for (SessionState& state : states_.states(options_.from)) {
        Session& session = sessions_[state.session];
        if (session.entered || session.left_out.yes() || begins_later(state.session, options_.from)) continue;
        count("sessions", "entered_midway");
        session.opened.reset();  // it would tell of a time before the window
        enter(session, std::move(state));
    }
}

void Selection::on(SessionClosed&& event) {
    const auto found = sessions_.find(event.session);
    states_.on_event(Event(event));
    if (found == sessions_.end()) return;
    Session& session = found->second;
    const bool still_open = event.end == SessionEnd::still_open;
    if (session.entered) {
        set_ended(session, session.wanted);
        if (in_window(event.time)) pass(std::move(event));
    } else if (!session.left_out.yes() && !still_open) {
        count("sessions", "window");
    }
    if (!still_open || session.entered) sessions_.erase(found);
}

void Selection::on(Request&& event) {
    Session& session = sessions_[event.session];
    if (!judge_session(session, event.session, {})) {
        if (session.begun <= event.ordinal.value()) count("exchanges", "session");
        session.begun = std::max<std::uint64_t>(session.begun, std::uint64_t{event.ordinal.value()} + 1);
        return;
    }
    if (event.ordinal.value() >= session.begun) begin_exchange(session, event);
    if (!session.entered) states_.on_event(Event(event));
    if (!session.sent && !session.verdict.yes()) return;  // outside the window
    if (options_.statements.any() || session.verdict.yes()) judge_frames(session, event);
    next_.on_planned({std::move(event), session.verdict, false});
}

void Selection::begin_exchange(Session& session, const Request& request) {
    const bool done = options_.done && request.ordinal.value() < options_.done->done(request.session);
    const bool wanted = in_window(request.time) && request.step == StepIndex() && !done;
    session.verdict = {};
    session.split = false;
    session.sent = wanted;
    session.begun = std::uint64_t{request.ordinal.value()} + 1;
    if (!wanted) return count("exchanges", done ? "done" : "window");
    if (!session.entered) {
        std::optional<SessionState> state =
            states_.state_of(request.session, options_.from.known() ? options_.from : request.time);
        if (!state) {  // a capture that was cut before the session's state
            state.emplace();
            state->session = request.session;
            state->time = request.time;
            if (session.opened) state->identity = session.opened->identity;
        }
        state->next_ordinal = request.ordinal;
        if (before_window(session.opened ? session.opened->time : Timestamp())) session.opened.reset();
        if (request.ordinal != Ordinal()) count("sessions", "entered_midway");
        enter(session, std::move(*state));
    }
    set_wanted(session, session.begun);
    if (session.old_transaction) {
        leave_out(session, {"transaction", "left out: its transaction began before the time to replay"});
    }
}

void Selection::leave_out(Session& session, LeftOut verdict) {
    count("exchanges", verdict.key);
    session.verdict = std::move(verdict);
    session.sent = false;
}

/// Finds out whether something unwanted stands in these frames, and remembers what is then not on the target.
void Selection::judge_frames(Session& session, const Request& request) {
    if (session.split) return;
    pgwire::FrameReader reader;
    pgwire::FrameView frame;
    if (!session.verdict.yes()) {
        reader.begin(request.frames);
        LeftOut verdict;
        while (!verdict.yes() && reader.next(frame) == pgwire::FrameStatus::complete) {
            verdict = session.names.judge(frame, filter_);
        }
        session.split = !verdict.yes() && reader.pending() > 0;
        if (session.split) verdict = {"too_long", "left out: a message too long to be judged"};
        if (verdict.yes()) leave_out(session, std::move(verdict));
    }
    if (!session.verdict.yes()) return;
    reader.reset();
    reader.begin(request.frames);
    while (reader.next(frame) == pgwire::FrameStatus::complete) session.names.note_left_out(frame, session.verdict);
    session.split = session.split || reader.pending() > 0;
}

void Selection::on(const Response& event) {
    const auto found = sessions_.find(event.session);
    if (found == sessions_.end() || found->second.left_out.yes()) return;
    Session& session = found->second;
    if (!session.entered) return states_.on_event(Event(event));
    if (event.ready.known()) {
        const char status = event.transaction_status;
        if (event.ordinal.value() < session.first && status != 0) session.old_transaction = status != 'I';
        if (status == 'I') session.old_transaction = false;
        set_ended(session, std::uint64_t{event.ordinal.value()} + 1);
    }
    pass(Event(event));
}

void Selection::set_wanted(Session& session, std::uint64_t wanted) {
    const bool was_open = session.open();
    session.wanted = std::max(session.wanted, wanted);
    if (!was_open && session.open()) ++open_exchanges_;
}

void Selection::set_ended(Session& session, std::uint64_t ended) {
    const bool was_open = session.open();
    session.ended = std::max(session.ended, ended);
    if (was_open && !session.open()) --open_exchanges_;
}

/// The connection's own default, which RESET ALL and DISCARD ALL return to.
void Selection::make_read_only(SessionIdentity& identity) const {
    if (!options_.statements.read_only) return;
    std::erase_if(identity.startup, [](const auto& parameter) { return parameter.first == kReadOnlySetting; });
    identity.startup.emplace_back(kReadOnlySetting, "on");
}

}  // namespace understudy::replay
