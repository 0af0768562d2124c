#include "replay/session/session_machine.hpp"

#include "core/base/byte_reader.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_tag.hpp"
#include "core/store/capture_codec.hpp"

namespace understudy::replay {
namespace {

using pgwire::FrontendTag;

bool is_copy_data(char tag) {
    switch (static_cast<FrontendTag>(tag)) {
        case FrontendTag::copy_data:
        case FrontendTag::copy_done:
        case FrontendTag::copy_fail: return true;
        default: return false;
    }
}

bool ends_inside_frame(BytesView frames) {
    while (!frames.empty()) {
        if (frames.size() < 5) return true;
        const std::size_t size = std::size_t{1} + ByteReader(frames.substr(1)).u32();
        if (size > frames.size()) return true;
        frames.remove_prefix(size);
    }
    return false;
}

std::size_t weight(const Event& event) {
    const auto* request = std::get_if<Request>(&event);
    return sizeof(Event) + (request == nullptr ? 0 : request->frames.size());
}

}  // namespace

SessionMachine::SessionMachine(SessionId session, bool joined, const Shared& shared, SessionIndex index)
    : shared_(shared),
      index_(index),
      hold_back_(shared.allowed_effects),
      marking_(shared.sink),
      remapper_(shared.remap == nullptr
                    ? nullptr
                    : std::make_unique<SessionRemapper>(session, *shared.remap, marking_, shared.stats.queued_bytes)),
      transcriber_(session, shared.digester, shared.policy, joined, shared.counts, sink()),
      session_(session) {
    transcriber_.set_mapper(remapper_.get());
}

void SessionMachine::end_of_input() {
    input_ended_ = true;
    if (!remapper_) return;
    remapper_->end_of_recording();
    report_progress();
}

void SessionMachine::push(PlannedEvent&& planned) {
    if (auto* response = std::get_if<Response>(&planned.event); response != nullptr && !planned.note) {
        if (!remapper_) return;
        const bool held = remapper_->holds();
        remapper_->recorded(std::move(*response));
        if (held) report_progress();
        return;
    }
    const std::size_t size = weight(planned.event) + planned.after.size() * sizeof(Predecessor);
    shared_.stats.queued_bytes.fetch_add(size, std::memory_order_relaxed);
    input_.push_back({std::move(planned.event), size, std::move(planned.after)});
}

void SessionMachine::pop() {
    shared_.stats.queued_bytes.fetch_sub(input_.front().weight, std::memory_order_relaxed);
    input_.pop_front();
    ordered_until_ = 0;
    let_go_ = false;
}

Action SessionMachine::next(Timestamp now) {
    UNDERSTUDY_ASSERT(!sending_);
    preparing_ = false;
    while (!finished_) {
        if (input_.empty()) {
            if (!input_ended_) return {Action::Kind::wait_for_input};
            // The capture ended while the session was open: so does the replay, once what was asked is answered.
            const SessionClosed end{session_, now, SessionEnd::still_open, {}, {}};
            if (auto action = on_closed(end, now)) return *action;
            continue;
        }
        Event& event = input_.front().event;
        std::optional<Action> action;
        if (std::holds_alternative<Request>(event)) {
            if (!join_pieces()) return {Action::Kind::wait_for_input};
            action = on_request(std::get<Request>(input_.front().event), now);
        } else if (const auto* closed = std::get_if<SessionClosed>(&event)) {
            action = on_closed(*closed, now);
        } else if (const auto* cancel = std::get_if<CancelSent>(&event); cancel != nullptr && awaits_answer()) {
            // As long after the request as it was recorded, whatever the speed: it is aimed at a statement that is
            // running (and is dropped where none does: it would hit the next one).
            const Timestamp due = last_sent_ + shared_.pacing.stretch(cancel->time - last_recorded_request_);
            if (now < due) return {Action::Kind::wait_until, due};
            pop();
            return {Action::Kind::cancel};
        } else {
            action = on_other(event, now);
        }
        if (action) return *action;
    }
    return {Action::Kind::done};
}

/// What the plan of a replay puts among the recorded requests: notes of those that were left out (Response), and
/// statements to be prepared early (SessionState). All else is of no consequence here.
std::optional<Action> SessionMachine::on_other(Event& event, Timestamp now) {
    if (const auto* left_out = std::get_if<Response>(&event); left_out != nullptr) {
        for (const StepResult& result : left_out->results) {
            transcriber_.not_sent(left_out->ordinal, left_out->first_step, result.kind, result.note, now);
        }
        note_not_sent(left_out->ordinal, left_out->first_step);
        shared_.stats.requests_not_sent.fetch_add(1, std::memory_order_relaxed);
    } else if (auto* state = std::get_if<SessionState>(&event); state != nullptr && !lost_) {
        if (transcriber_.tracker().owes_flushed()) return Action{Action::Kind::receive};
        const char status = transcriber_.transaction_status();
        const bool in_transaction = status != 0 && status != 'I';
        to_prepare_ = std::move(state->statements);
        pop();
        preparing_ = !in_transaction;
        if (preparing_) return Action{Action::Kind::prepare};
        shared_.stats.statements_not_warmed.fetch_add(to_prepare_.size(), std::memory_order_relaxed);
        return std::nullopt;
    }
    pop();
    report_progress();
    return std::nullopt;
}

/// A message at the front that fills several records is judged and sent as one. False when a piece of it is still to
/// come.
bool SessionMachine::join_pieces() {
    while (true) {
        auto& request = std::get<Request>(input_.front().event);
        if (!ends_inside_frame(request.frames)) return true;
        if (input_.size() < 2) return input_ended_;
        auto* next = std::get_if<Request>(&input_[1].event);
        if (next == nullptr || next->ordinal != request.ordinal) return true;
        request.frames += next->frames;
        request.unresolved = request.unresolved || next->unresolved;
        input_[1].event = std::move(input_[0].event);
        input_[1].weight += input_[0].weight;
        input_[1].after.insert(input_[1].after.end(), input_[0].after.begin(), input_[0].after.end());
        input_.pop_front();
    }
}

bool SessionMachine::satisfied(const Seen& wanted) const {
    return transcriber_.seen() >= wanted || !transcriber_.tracker().owes_flushed();
}

std::optional<Action> SessionMachine::on_request(Request& request, Timestamp now) {
    if (lost_) {
        skip(request, *lost_, now);
        return std::nullopt;
    }
    const Timestamp due = shared_.pacing.due(request.time);
    if (now < due) return Action{Action::Kind::wait_until, due};
    const bool copy_data = request.seen.copy_in || (!request.frames.empty() && is_copy_data(request.frames[0]));
    if (end_leftovers(request.ordinal, copy_data, now)) return Action{Action::Kind::send, {}, outgoing_};
    if (impersonation_) {
        if (const auto action = keep_role(request.ordinal)) return action;
    }
    if (!satisfied(request.seen)) {
        waited_for_target_ = true;
        return Action{Action::Kind::receive};
    }
    if (const std::string why = reason_not_to_send(request); !why.empty()) {
        skipping_ = request.ordinal;
        skipping_why_ = why;
        skip(request, why, now);
        return std::nullopt;
    }
    if (auto action = wait_for_order(request, now)) return action;
    note_sending(request, due, now);
    last_recorded_request_ = request.time;
    transcriber_.skip_to(request.ordinal);
    outgoing_ = remapper_ ? remapper_->rewrite(std::move(request.frames), request.ordinal, request.step)
                          : std::move(request.frames);
    transcribe_sent(outgoing_, now);
    shared_.stats.parses_elided.fetch_add(warmed_.elide(outgoing_), std::memory_order_relaxed);
    pop();
    sending_ = true;
    shared_.stats.requests_sent.fetch_add(1, std::memory_order_relaxed);
    shared_.stats.bytes_sent.fetch_add(outgoing_.size(), std::memory_order_relaxed);
    return Action{Action::Kind::send, {}, outgoing_};
}

/// Ends what the target is in and the recorded client was not when it sent this: a COPY that waits for data nobody has
/// (the recorded one had failed), and an exchange whose Sync was not sent. Otherwise both would wait for each other.
bool SessionMachine::end_leftovers(Ordinal next, bool copy_data, Timestamp now) {
    const pgwire::ResponseTracker& tracker = transcriber_.tracker();
    outgoing_.clear();
    if (tracker.copy_in() && !(copy_data && tracker.head()->ordinal == next.value())) {
        pgwire::encode_frontend_to(outgoing_, pgwire::CopyFail{"the recorded client sent no data"});
    }
    if (tracker.inside_exchange() && next.value() > tracker.next_ordinal()) {
        pgwire::encode_frontend_to(outgoing_, pgwire::Sync{});
    }
    if (outgoing_.empty()) return false;
    transcribe_sent(outgoing_, now);
    sending_ = true;
    return true;
}

std::string SessionMachine::reason_not_to_send(const Request& request) {
    if (skipping_ && *skipping_ == request.ordinal) return skipping_why_;
    skipping_.reset();
    if (request.seen.copy_in && !transcriber_.tracker().copy_in())
        return "the target did not ask for the data of this COPY";
    if (request.unresolved) return "its statement was prepared before the capture began";
    if (ends_inside_frame(request.frames)) return "the capture ends inside this message";
    return judge_entry(request.frames, request.ordinal);
}

std::string SessionMachine::judge_entry(BytesView frames, Ordinal exchange) {
    pgwire::FrameReader reader;
    reader.begin(frames);
    pgwire::FrameView frame;
    std::string why;
    while (why.empty() && reader.next(frame) == pgwire::FrameStatus::complete) why = hold_back_.judge(frame);
    return why.empty() && impersonation_ ? impersonation_->judge(frames, exchange) : why;
}

void SessionMachine::transcribe_sent(BytesView bytes, Timestamp now) {
    sent_reader_.begin(bytes);
    pgwire::FrameView frame;
    while (sent_reader_.next(frame) == pgwire::FrameStatus::complete) transcriber_.frontend(frame, now);
    sent_reader_.end();
    transcriber_.end_of_client_data();
}

void SessionMachine::skip(const Request& request, std::string_view why, Timestamp now) {
    if (!lost_) hold_back_.note_not_sent(request.frames);
    note_not_sent(request.ordinal, request.step);
    transcriber_.not_sent(request.ordinal, request.step, StepKind::unknown, why, now);
    shared_.stats.requests_not_sent.fetch_add(1, std::memory_order_relaxed);
    pop();
    report_progress();
}

void SessionMachine::sent(Timestamp now) {
    sending_ = false;
    last_sent_ = now;
    shared_.stats.progress.fetch_add(1, std::memory_order_relaxed);
}

void SessionMachine::received(BytesView bytes, Timestamp now) {
    shared_.stats.bytes_received.fetch_add(bytes.size(), std::memory_order_relaxed);
    shared_.stats.progress.fetch_add(1, std::memory_order_relaxed);
    received_reader_.begin(bytes);
    pgwire::FrameView frame;
    pgwire::FrameStatus status = pgwire::FrameStatus::need_more;
    while ((status = received_reader_.next(frame)) == pgwire::FrameStatus::complete) {
        if (!impersonation_ || !impersonation_->takes(frame)) transcriber_.backend(frame, now);
    }
    received_reader_.end();
    transcriber_.end_of_server_data();
    report_progress();
    if (status == pgwire::FrameStatus::error) lost("the target sent something that is not PostgreSQL's protocol", now);
    if (impersonation_ && impersonation_->failure() && !lost_) {
        shared_.stats.impersonations_failed.fetch_add(1, std::memory_order_relaxed);
        lost(*impersonation_->failure(), now);
    }
}

void SessionMachine::impersonate(ImpersonatedRole role) {
    shared_.stats.sessions_impersonated.fetch_add(1, std::memory_order_relaxed);
    impersonation_.emplace(std::move(role));
}

/// Sets the role again after an exchange that reset it, before anything else is sent.
std::optional<Action> SessionMachine::keep_role(Ordinal exchange) {
    switch (impersonation_->next(exchange, transcriber_.tracker().head() == nullptr)) {
        case Impersonation::Next::go_on: return std::nullopt;
        case Impersonation::Next::wait: return Action{Action::Kind::receive};
        case Impersonation::Next::set_again: break;
    }
    shared_.stats.roles_set_again.fetch_add(1, std::memory_order_relaxed);
    outgoing_ = impersonation_->set_again();
    sending_ = true;
    return Action{Action::Kind::send, {}, outgoing_};
}

void SessionMachine::lost(std::string reason, Timestamp now) {
    if (lost_) return;
    sending_ = false;
    if (transcriber_.session_error()) {
        const ServerMessage& error = *transcriber_.session_error();
        reason += ": " + Bytes(error.get('M')) + " (" + Bytes(error.sqlstate()) + ")";
    }
    transcriber_.finish(now);
    lost_ = "connection lost: " + reason;
    shared_.stats.sessions_failed.fetch_add(1, std::memory_order_relaxed);
    if (shared_.board == nullptr) return;
    const Seen seen = transcriber_.seen();
    shared_.board->fail_from(index_, Progress(seen.ordinal, seen.steps));
    report_progress();
}

std::optional<Action> SessionMachine::on_closed(const SessionClosed& closed, Timestamp now) {
    if (!lost_) {
        const bool recorded_end = closed.end != SessionEnd::still_open;
        const Timestamp due = shared_.pacing.due(closed.time);
        if (recorded_end && now < due) return Action{Action::Kind::wait_until, due};
        // A client that hung up in the middle of an answer is one that did; all others had read theirs.
        const pgwire::ResponseTracker& tracker = transcriber_.tracker();
        if (closed.end != SessionEnd::connection && tracker.owes_flushed()) {
            const Ordinal next(tracker.next_ordinal() + 1);
            if (tracker.copy_in() && end_leftovers(next, false, now))
                return Action{Action::Kind::send, {}, outgoing_};
            return Action{Action::Kind::receive};
        }
    }
    finished_ = true;
    recorded_end_ = closed.end;
    outgoing_.clear();
    if (closed.end == SessionEnd::terminate) pgwire::encode_frontend_to(outgoing_, pgwire::Terminate{});
    if (!input_.empty()) pop();
    if (lost_) {
        this->closed(now);
        return std::nullopt;
    }
    return Action{Action::Kind::close, {}, outgoing_};
}

void SessionMachine::closed(Timestamp now) {
    if (!lost_) transcriber_.finish(now);
    const bool hung_up = recorded_end_ == SessionEnd::connection;
    SessionClosed record{session_, now, hung_up ? SessionEnd::connection : SessionEnd::terminate, {}, {}};
    if (lost_) {
        record.end = SessionEnd::failed;
        record.note = *lost_;
        record.error = transcriber_.session_error();
    }
    sink().on_event(std::move(record));
    while (!input_.empty()) pop();
    if (shared_.board != nullptr) shared_.board->advance(index_, Progress::end());
}

}  // namespace understudy::replay
