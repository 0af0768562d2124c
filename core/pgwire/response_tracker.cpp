#include "core/pgwire/response_tracker.hpp"

#include <algorithm>

#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy::pgwire {
namespace {

bool ends_exchange(PendingKind kind) {
    return kind == PendingKind::sync || kind == PendingKind::query || kind == PendingKind::function_call;
}

bool ends_its_exchange(const Pending& pending) { return ends_exchange(pending.kind); }

/// Whether a message can be a part of the answer to one of this kind; errors and ReadyForQuery apart.
bool fits(PendingKind kind, BackendTag tag) {
    switch (tag) {
        case BackendTag::parse_complete: return kind == PendingKind::parse;
        case BackendTag::bind_complete: return kind == PendingKind::bind;
        case BackendTag::close_complete: return kind == PendingKind::close;
        case BackendTag::parameter_description:
        case BackendTag::no_data: return kind == PendingKind::describe;
        case BackendTag::row_description: return kind == PendingKind::describe || kind == PendingKind::query;
        case BackendTag::portal_suspended: return kind == PendingKind::execute;
        case BackendTag::function_call_response: return kind == PendingKind::function_call;
        case BackendTag::data_row:
        case BackendTag::command_complete:
        case BackendTag::empty_query_response:
        case BackendTag::copy_in_response:
        case BackendTag::copy_out_response:
        case BackendTag::copy_both_response:
        case BackendTag::copy_data:
        case BackendTag::copy_done: return kind == PendingKind::execute || kind == PendingKind::query;
        default: return false;
    }
}

bool is_asynchronous(BackendTag tag) {
    return tag == BackendTag::notice_response || tag == BackendTag::notification_response ||
           tag == BackendTag::parameter_status;
}

/// Whether an ErrorResponse leaves the session alive.
bool leaves_session(const FrameView& frame) {
    const auto fields = decode_server_fields(frame.body);
    return fields && (field(*fields, 'V') == "ERROR" || field(*fields, 'S') == "ERROR");
}

/// Names that later answers refer to. A body that does not parse gets none; the server will refuse it.
void read_names(Pending& pending, const FrameView& frame) {
    if (pending.kind == PendingKind::parse) {
        if (const auto view = view_parse(frame.body)) pending.name = view->statement;
    } else if (pending.kind == PendingKind::bind) {
        if (const auto view = view_bind(frame.body)) {
            pending.name = view->portal;
            pending.statement = view->statement;
            pending.result_formats = view->result_formats;
        }
    } else if (const auto view = view_name(frame)) {
        pending.target = view->target;
        pending.name = view->name;
    }
}

}  // namespace

Placement ResponseTracker::on_frontend(const FrameView& frame) {
    switch (static_cast<FrontendTag>(frame.tag)) {
        case FrontendTag::parse: return push(PendingKind::parse, frame);
        case FrontendTag::bind: return push(PendingKind::bind, frame);
        case FrontendTag::describe: return push(PendingKind::describe, frame);
        case FrontendTag::execute: return push(PendingKind::execute, frame);
        case FrontendTag::close: return push(PendingKind::close, frame);
        case FrontendTag::sync: return push(PendingKind::sync, frame);
        case FrontendTag::query: return push(PendingKind::query, frame);
        case FrontendTag::function_call: return push(PendingKind::function_call, frame);
        case FrontendTag::flush:
            if (!copy_in_) mark_flushed();
            return {next_ordinal_, next_step_, false};
        case FrontendTag::copy_data:
        case FrontendTag::copy_done:
        case FrontendTag::copy_fail: return place_copy_frame(frame);
        case FrontendTag::terminate: return {next_ordinal_, next_step_, false};
        case FrontendTag::password: break;
    }
    return {next_ordinal_, next_step_, true};
}

Placement ResponseTracker::push(PendingKind kind, const FrameView& frame) {
    const Placement placement{next_ordinal_, next_step_, pending_.size() >= kMaxPending};
    if (placement.unexpected) {
        on_frontend_gap();
        return placement;
    }
    ++next_step_;
    if (copy_in_ && kind == PendingKind::sync) return placement;  // the server reads and ignores it
    late_copy_ = false;
    if (kind == PendingKind::sync) discarding_ = false;
    Pending& pending = pending_.emplace_back();
    pending.kind = kind;
    pending.ordinal = placement.ordinal;
    pending.step = placement.step;
    if (kind != PendingKind::sync) read_names(pending, frame);
    if (ends_exchange(kind)) {
        ++next_ordinal_;
        next_step_ = 0;
        client_lost_ = false;
        ++sent_since_rest_;
    }
    if (discarding_) {
        const Pending skipped = std::move(pending);
        pending_.pop_back();
        listener_.on_step_ended(skipped, Ending::skipped);
        if (ends_exchange(kind)) listener_.on_exchange_ended(skipped.ordinal, 0);
        return placement;
    }
    if (ends_exchange(kind)) mark_flushed();
    return placement;
}

void ResponseTracker::mark_flushed() {
    for (; flushed_ < pending_.size(); ++flushed_) pending_[flushed_].flushed = true;
}

Placement ResponseTracker::place_copy_frame(const FrameView& frame) {
    const bool ends_data = frame.tag != static_cast<char>(FrontendTag::copy_data);
    if (copy_in_ || late_copy_) {
        if (ends_data) copy_in_ = late_copy_ = false;  // from here on the server obeys Sync again
        return {copy_ordinal_, copy_step_, false};
    }
    if (pending_.empty()) return {next_ordinal_, next_step_, false};  // the server ignores it
    Pending& asked = pending_.back();                                 // the client did not wait for CopyInResponse
    if (ends_data) ++asked.copies_ended;
    return {asked.ordinal, asked.step, false};
}

bool ResponseTracker::expects(const FrameView& frame) const {
    const auto tag = static_cast<BackendTag>(frame.tag);
    if (pending_.empty()) return false;
    return is_asynchronous(tag) || tag == BackendTag::error_response || fits(pending_.front().kind, tag);
}

Arrival ResponseTracker::on_backend(const FrameView& frame) {
    const auto tag = static_cast<BackendTag>(frame.tag);
    if (is_asynchronous(tag)) return Arrival::asynchronous;
    if (tag == BackendTag::error_response) return on_error(frame);
    if (tag == BackendTag::ready_for_query) return on_ready(frame);
    if (!expects(frame)) return Arrival::unexpected;
    switch (tag) {
        case BackendTag::parse_complete:
        case BackendTag::bind_complete:
        case BackendTag::close_complete:
        case BackendTag::no_data: end_head(Ending::complete); break;
        case BackendTag::row_description:
            if (head()->kind == PendingKind::describe) end_head(Ending::complete);
            break;
        case BackendTag::portal_suspended: end_head(Ending::suspended); break;
        case BackendTag::command_complete: on_statement_end(Ending::complete); break;
        case BackendTag::empty_query_response: on_statement_end(Ending::empty); break;
        case BackendTag::copy_in_response: on_copy_in_response(); break;
        case BackendTag::function_call_response:
            if (answered_) return Arrival::unexpected;
            answered_ = true;
            break;
        default: break;
    }
    return Arrival::answer;
}

void ResponseTracker::end_head(Ending ending) {
    // Only steps of the extended protocol leave the queue here; the others wait for ReadyForQuery.
    const Pending done = std::move(pending_.front());
    pending_.pop_front();
    if (flushed_ > 0) --flushed_;
    copy_in_ = false;
    listener_.on_step_ended(done, uncertain_ ? Ending::incomplete : ending);
}

void ResponseTracker::on_statement_end(Ending ending) {
    if (head()->kind == PendingKind::execute) return end_head(ending);
    copy_in_ = false;
    listener_.on_step_ended(pending_.front(), uncertain_ ? Ending::incomplete : ending);
    ++pending_.front().step;
    ++statements_done_;
}

Arrival ResponseTracker::on_error(const FrameView& frame) {
    if (head() == nullptr) {
        if (!leaves_session(frame)) return Arrival::session_error;
        return uncertain_ ? Arrival::answer : Arrival::unexpected;
    }
    late_copy_ = copy_in_;
    if (ends_exchange(head()->kind)) {
        on_statement_end(Ending::error);
        return Arrival::answer;
    }
    end_head(Ending::error);
    if (!uncertain_) discard_to_sync();
    return Arrival::answer;
}

void ResponseTracker::discard_to_sync() {
    while (!pending_.empty() && pending_.front().kind != PendingKind::sync) {
        const bool whole = ends_exchange(pending_.front().kind);
        const std::uint32_t ordinal = pending_.front().ordinal;
        end_head(Ending::skipped);
        if (whole) listener_.on_exchange_ended(ordinal, 0);
    }
    discarding_ = pending_.empty();
}

Arrival ResponseTracker::on_ready(const FrameView& frame) {
    const char status = frame.body.empty() ? '\0' : frame.body[0];
    ++ready_since_rest_;
    if (uncertain_) return on_ready_after_gap(status);
    if (std::none_of(pending_.begin(), pending_.end(), ends_its_exchange)) return Arrival::unexpected;
    // What comes before the message that this ReadyForQuery ends was never answered: its answers were lost unnoticed.
    while (!ends_exchange(pending_.front().kind)) end_head(Ending::incomplete);
    pop_exchange(status);
    pipelines_ = pipelines_ || !pending_.empty();
    return Arrival::answer;
}

/// One of the exchanges that may be owed an answer has it, but which one is known only where there is just one.
Arrival ResponseTracker::on_ready_after_gap(char status) {
    const auto sent = static_cast<std::uint32_t>(std::count_if(pending_.begin(), pending_.end(), ends_its_exchange));
    const std::uint32_t owed = stale_ == kUnknown ? kUnknown : stale_ + sent;
    give_up(sent, owed == 1 ? status : '\0');
    if (owed != kUnknown) stale_ = pipelines_ && owed > 0 ? owed - 1 : 0;
    // An exchange begun before this answer must have all its steps pending, and a client that waits does not begin one.
    const bool whole = pipelines_ && owed == 1 && !pending_.empty() && pending_.front().step == 0;
    uncertain_ = stale_ > 0 || client_lost_ || (inside_exchange() && !whole);
    return Arrival::answer;
}

void ResponseTracker::give_up(std::uint32_t exchanges, char transaction_status) {
    while (exchanges > 0) {
        if (ends_exchange(pending_.front().kind)) {
            pop_exchange(transaction_status);
            --exchanges;
        } else {
            end_head(Ending::incomplete);
        }
    }
}

void ResponseTracker::pop_exchange(char transaction_status) {
    const Pending& head = pending_.front();
    const bool ended = statements_done_ > 0 || (head.kind == PendingKind::sync && transaction_status != 0);
    if (!ended) listener_.on_step_ended(head, answered_ && !uncertain_ ? Ending::complete : Ending::incomplete);
    const std::uint32_t ordinal = head.ordinal;
    pending_.pop_front();
    if (flushed_ > 0) --flushed_;
    statements_done_ = 0;
    answered_ = copy_in_ = false;
    listener_.on_exchange_ended(ordinal, transaction_status);
}

void ResponseTracker::on_copy_in_response() {
    Pending& asking = pending_.front();
    copy_ordinal_ = asking.ordinal;
    copy_step_ = asking.step;
    copy_in_ = asking.copies_ended == 0;
    if (!copy_in_) --asking.copies_ended;
    if (asking.kind == PendingKind::query) return;
    // The Syncs that the client sent before it knew are read and ignored by the server. The exchange goes on: it is
    // reopened unless the client had already begun another.
    while (copy_in_ && pending_.size() > 1 && pending_[1].kind == PendingKind::sync) {
        const bool last = pending_.size() == 2;
        copy_in_ = pending_[1].copies_ended == 0;
        if (last && next_step_ == 0) {
            next_ordinal_ = pending_[1].ordinal;
            next_step_ = pending_[1].step + 1;
        }
        pending_.erase(pending_.begin() + 1);
        if (flushed_ > 1) --flushed_;
    }
}

void ResponseTracker::on_backend_gap() {
    uncertain_ = uncertain_ || !pending_.empty();
    rested_ = false;
    copy_in_ = false;
    statements_done_ = 0;  // whether the query at the head had more statements is not known
    answered_ = false;
}

void ResponseTracker::on_frontend_gap() {
    uncertain_ = true;
    rested_ = false;
    copy_in_ = false;
    discarding_ = false;  // the Sync may be among what was lost
    client_lost_ = true;
    if (pipelines_) stale_ = kUnknown;
}

void ResponseTracker::on_join() {
    pipelines_ = true;  // as far as is known
    on_frontend_gap();
}

void ResponseTracker::on_rest() {
    if (!uncertain_) {
        overtakes_ = overtakes_ || std::any_of(pending_.begin(), pending_.end(), ends_its_exchange);
        return;
    }
    if (overtakes_) return;
    if (rested_ && sent_since_rest_ > 0 && sent_since_rest_ == ready_since_rest_) return on_quiet();
    rested_ = true;
    sent_since_rest_ = ready_since_rest_ = 0;
}

void ResponseTracker::on_quiet() {
    if (!uncertain_) return;
    give_up(static_cast<std::uint32_t>(std::count_if(pending_.begin(), pending_.end(), ends_its_exchange)), '\0');
    while (!pending_.empty()) end_head(Ending::incomplete);
    uncertain_ = client_lost_ = false;
    stale_ = 0;
}

}  // namespace understudy::pgwire
