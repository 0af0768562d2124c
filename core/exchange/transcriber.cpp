#include "core/exchange/transcriber.hpp"

#include <iterator>
#include <utility>

#include "core/exchange/message_privacy.hpp"
#include "core/exchange/reused.hpp"
#include "core/exchange/step_mapping.hpp"
#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy {
namespace {

using pgwire::BackendTag;
using pgwire::FrontendTag;
using pgwire::PendingKind;

constexpr std::size_t kUsualResults = 4;  // Parse, Bind, Describe, Execute

void count(std::array<std::uint64_t, 128>& counts, char tag) {
    const auto index = static_cast<unsigned char>(tag);
    if (index < counts.size()) ++counts[index];
}

}  // namespace

Transcriber::Transcriber(SessionId session, const Digester& digester, ResultsPolicy policy, bool joined,
                         MessageCounts& counts, EventSink& sink)
    : session_(session),
      policy_(policy),
      digester_(digester),
      counts_(counts),
      sink_(sink),
      tracker_(*this),
      builder_(digester, policy),
      known_names_(joined) {
    request_.session = session;
    response_.session = session;
}

bool Transcriber::frontend(const pgwire::FrameView& frame, Timestamp time) {
    count(counts_.frontend, frame.tag);
    const bool quiet = time - std::exchange(now_, time) >= kQuiet;
    if (frame.tag == static_cast<char>(FrontendTag::terminate)) return true;
    if (quiet) tracker_.on_quiet();
    // The order matters: what the client had seen is what was answered before this frame.
    const bool copy_data = frame.tag == static_cast<char>(FrontendTag::copy_data);
    if (copy_data && tracker_.copy_in()) builder_.add_copy_in(frame.body);
    const Seen seen_before = seen();
    placing_ = true;
    const pgwire::Placement placement = tracker_.on_frontend(frame);
    placing_ = false;
    if (placement.unexpected) {
        ++unexpected_;
        return false;
    }
    if (copy_data && !tracker_.copy_in() && tracker_.head() != nullptr)
        early_copy_.add(placement.ordinal, frame.body.size());
    const pgwire::FrameView kept =
        redactor_ == nullptr ? frame : redactor_->frontend(frame, placement.ordinal, redacted_);
    append_to_request(kept, placement, seen_before, time);
    if (known_names_.note(frame)) {
        ++unresolved_;
        request_.unresolved = true;
    }
    if (const auto skipped = std::exchange(held_step_, std::nullopt)) on_step_ended(*skipped, pgwire::Ending::skipped);
    if (const auto ordinal = std::exchange(held_exchange_, std::nullopt)) on_exchange_ended(*ordinal, 0);
    return true;
}

void Transcriber::append_to_request(const pgwire::FrameView& frame, const pgwire::Placement& placement,
                                    const Seen& seen, Timestamp time) {
    const bool fits = request_.frames.size() + frame.whole.size() <= kMaxRequestBytes;
    if (has_request_ && (request_.ordinal.value() != placement.ordinal || !fits)) flush_request();
    if (!has_request_) {
        has_request_ = true;
        request_.ordinal = Ordinal(placement.ordinal);
        request_.step = StepIndex(placement.step);
        request_.time = time;
        request_.seen = seen;
    }
    BytesView rest = frame.whole;
    while (rest.size() > kMaxRequestBytes) {  // one piece of a message that fills several records
        request_.frames.append(rest.substr(0, kMaxRequestBytes));
        rest.remove_prefix(kMaxRequestBytes);
        flush_request();
        has_request_ = true;
    }
    request_.frames.append(rest);
}

pgwire::Arrival Transcriber::backend(const pgwire::FrameView& frame, Timestamp time) {
    count(counts_.backend, frame.tag);
    now_ = time;
    const auto tag = static_cast<BackendTag>(frame.tag);
    const pgwire::Pending* head = tracker_.head();
    const bool ready = tag == BackendTag::ready_for_query;
    if (head != nullptr) sync_step_ = head->step;
    if (tracker_.expects(frame)) {
        describe_head(frame);
        const pgwire::FrameView kept =
            redactor_ == nullptr ? frame
                                 : redactor_->backend(frame, head->ordinal, builder_.row_description(), redacted_);
        if (mapper_ != nullptr && tag == BackendTag::data_row && !builder_.has_rows()) {
            builder_.watch(mapper_, mapper_->begin_result(head->ordinal, head->step, builder_.row_description()));
        }
        builder_.add(kept, time);
        if (policy_ == ResultsPolicy::full && tag == BackendTag::data_row) emit_row_part(*head);
    }
    if (ready && !frame.body.empty()) transaction_status_ = frame.body[0];
    const pgwire::Arrival arrival = tracker_.on_backend(frame);
    if (arrival == pgwire::Arrival::session_error) {
        ServerMessage message;
        if (auto fields = pgwire::decode_server_fields(frame.body)) message.fields = std::move(*fields);
        if (policy_ != ResultsPolicy::full || redactor_ != nullptr) {
            message = without_user_data(std::move(message), false, digester_, redactor_ != nullptr);
        }
        session_error_ = std::move(message);
    }
    if (arrival == pgwire::Arrival::unexpected) ++unexpected_;
    return arrival;
}

void Transcriber::describe_head(const pgwire::FrameView& frame) {
    const pgwire::Pending& head = *tracker_.head();
    switch (static_cast<BackendTag>(frame.tag)) {
        case BackendTag::row_description: {
            const std::uint32_t id = descriptions_.intern(frame.body);
            builder_.set_description(&descriptions_.get(id));
            if (head.kind == PendingKind::describe) learn(head.target == 'S' ? statements_ : portals_, head.name, id);
            return;
        }
        case BackendTag::parse_complete: statements_.erase(head.name); return;
        case BackendTag::bind_complete: {
            const auto found = statements_.find(head.statement);
            const std::uint32_t id = found == statements_.end() ? DescriptionTable::kNone : found->second;
            learn(portals_, head.name, descriptions_.with_formats(id, head.result_formats));
            return;
        }
        case BackendTag::close_complete: (head.target == 'S' ? statements_ : portals_).erase(head.name); return;
        case BackendTag::data_row:
        case BackendTag::command_complete:
        case BackendTag::portal_suspended: {
            if (head.kind != PendingKind::execute || builder_.has_description()) return;
            const auto found = portals_.find(head.name);
            if (found != portals_.end() && found->second != DescriptionTable::kNone) {
                builder_.set_description(&descriptions_.get(found->second));
            }
            return;
        }
        default: return;
    }
}

/// What is paired with a doubt teaches nothing: a wrong description would spoil later results.
void Transcriber::learn(std::unordered_map<Bytes, std::uint32_t>& names, const Bytes& name, std::uint32_t description) {
    if (!tracker_.certain()) {
        names.erase(name);
    } else if (const auto known = names.find(name); known != names.end()) {
        known->second = description;
    } else if (names.size() < kMaxNames) {
        names.emplace(name, description);
    }
}

/// Starts a new table with the descriptions that statements and portals use.
void Transcriber::renew_descriptions() {
    const DescriptionTable old = std::exchange(descriptions_, {});
    for (auto* names : {&statements_, &portals_}) {
        for (auto& [name, id] : *names) {
            if (id != DescriptionTable::kNone) id = descriptions_.intern(old.get(id).body);
        }
    }
    if (!descriptions_.full()) return;
    descriptions_ = {};
    statements_.clear();
    portals_.clear();
}

void Transcriber::emit_row_part(const pgwire::Pending& step) {
    std::vector<Bytes> rows = builder_.take_rows_if_full();
    if (rows.empty()) return;
    flush_request();
    Event event = RowPart{session_, Ordinal(step.ordinal), StepIndex(step.step), std::move(rows)};
    sink_.on_event(std::move(event));
}

void Transcriber::on_step_ended(const pgwire::Pending& step, pgwire::Ending ending) {
    if (placing_) {
        held_step_ = step;
        return;
    }
    if (ending == pgwire::Ending::incomplete) {  // whether it took effect is not known
        if (step.kind == PendingKind::parse) statements_.erase(step.name);
        if (step.kind == PendingKind::bind) portals_.erase(step.name);
    }
    if (ending == pgwire::Ending::skipped || (ending == pgwire::Ending::incomplete && builder_.empty())) {
        StepResult& result = next_result(step.ordinal, step.step);
        result.kind = step_kind(step.kind);
        result.outcome = step_outcome(ending);
        result.end = now_;
        return result_added();
    }
    StepResult& result = next_result(step.ordinal, step.step);
    builder_.take(step_kind(step.kind), step_outcome(ending), result);
    if (result.copy.direction == CopyDirection::in && early_copy_.ordinal == step.ordinal) {
        result.copy.messages += std::exchange(early_copy_.messages, 0);
        result.copy.bytes += std::exchange(early_copy_.bytes, 0);
    }
    result_added();
    const Seen reached{Ordinal(step.ordinal), step.step + 1, false};
    if (step.flushed && reached > answered_) answered_ = reached;
}

void Transcriber::on_exchange_ended(std::uint32_t ordinal, char transaction_status) {
    if (placing_) {
        held_exchange_ = ordinal;
        return;
    }
    answered_ = Seen{Ordinal(ordinal + 1), 0, false};
    if (!builder_.empty()) add_late_messages(ordinal);
    if (!response_.results.empty() && response_.ordinal.value() != ordinal) flush_response();
    if (response_.results.empty()) {
        response_.ordinal = Ordinal(ordinal);
        response_.first_step = StepIndex(0);
    }
    response_.transaction_status = transaction_status;
    response_.ready = now_;
    flush_response();
    if (descriptions_.full() && builder_.empty()) renew_descriptions();
}

/// Settings and notices that came after the last step had ended and before ReadyForQuery (the server reports changed
/// settings there since PostgreSQL 14) belong to that step, or to the Sync when it was written already.
void Transcriber::add_late_messages(std::uint32_t ordinal) {
    if (response_.results.empty() || response_.ordinal.value() != ordinal) {
        builder_.take(StepKind::sync, StepOutcome::complete, next_result(ordinal, sync_step_));
        return result_added();
    }
    StepResult late;
    builder_.take(StepKind::sync, StepOutcome::complete, late);
    StepResult& last = response_.results.back();
    std::move(late.parameters.begin(), late.parameters.end(), std::back_inserter(last.parameters));
    std::move(late.notices.begin(), late.notices.end(), std::back_inserter(last.notices));
    std::move(late.notified_channels.begin(), late.notified_channels.end(), std::back_inserter(last.notified_channels));
    last.own_notifications.insert(last.own_notifications.end(), late.own_notifications.begin(), late.own_notifications.end());
}

/// A new result at the end of the Response, which is begun where the step does not follow the last one. To be filled
/// in, then result_added().
StepResult& Transcriber::next_result(std::uint32_t ordinal, std::uint32_t step) {
    const std::size_t expected = response_.first_step.value() + response_.results.size();
    const bool goes_on = !response_.results.empty() && response_.ordinal.value() == ordinal && expected == step;
    if (!goes_on || response_.results.size() >= kMaxResults) flush_response();
    if (response_.results.empty()) {
        response_.ordinal = Ordinal(ordinal);
        response_.first_step = StepIndex(step);
        response_.results.reserve(kUsualResults);
    }
    return response_.results.emplace_back();
}

void Transcriber::result_added() {
    const StepResult& result = response_.results.back();
    if (result.outcome == StepOutcome::incomplete) ++incomplete_;
    for (const Bytes& row : result.kept_rows) response_bytes_ += row.size();
    if (response_bytes_ > ResultBuilder::kMaxKeptBytes) flush_response();
}

void Transcriber::flush_request() {
    if (!has_request_) return;
    const Request sent{session_, request_.ordinal, request_.step, request_.time, {}, false, {}};
    Event event(std::move(request_));
    sink_.on_event(std::move(event));
    request_ = sent;  // keeps its place, for a message that fills several records
    if (auto* left = std::get_if<Request>(&event)) request_.frames = reused(std::move(left->frames));
    has_request_ = false;
}

void Transcriber::flush_response() {
    if (response_.results.empty() && !response_.ready.known()) return;
    flush_request();  // nothing is answered before it was asked
    response_bytes_ = 0;
    Event event(std::move(response_));
    sink_.on_event(std::move(event));
    response_ = {};
    response_.session = session_;
    if (auto* left = std::get_if<Response>(&event)) response_.results = reused(std::move(left->results));
}

void Transcriber::end_of_client_data() { flush_request(); }

void Transcriber::end_of_server_data() { flush_response(); }

void Transcriber::gap(bool from_client, std::uint64_t bytes, Timestamp time) {
    now_ = time;
    flush_request();
    flush_response();
    if (from_client) {
        known_names_.set_some_missed();
        if (redactor_ != nullptr) redactor_->some_missed();
        statements_.clear();
        portals_.clear();
        tracker_.on_frontend_gap();
    } else {
        tracker_.on_backend_gap();
    }
    sink_.on_event(Gap{session_, time, from_client, bytes});
}

void Transcriber::finish(Timestamp time) {
    now_ = time;
    flush_request();
    const StepOutcome outcome = tracker_.certain() ? StepOutcome::unanswered : StepOutcome::incomplete;
    for (const pgwire::Pending& step : tracker_.pending()) {
        const bool is_head = &step == tracker_.head();
        const bool only_ready_missing = is_head && tracker_.statements_done() > 0 && builder_.empty();
        if (step.kind == PendingKind::sync && is_head && !builder_.empty()) add_late_messages(step.ordinal);
        if (step.kind == PendingKind::sync || only_ready_missing) continue;
        StepResult& result = next_result(step.ordinal, step.step);
        builder_.take(step_kind(step.kind), outcome, result);
        result.end = time;
        result_added();
    }
    flush_response();
}

void Transcriber::not_sent(Ordinal ordinal, StepIndex step, StepKind kind, std::string_view why, Timestamp time) {
    flush_response();
    StepResult& result = next_result(ordinal.value(), step.value());
    result.kind = kind;
    result.outcome = StepOutcome::not_sent;
    result.end = time;
    result.note = why;
    result_added();
    flush_response();
}

Seen Transcriber::seen() const {
    Seen seen = answered_;
    if (tracker_.copy_in() && tracker_.head() != nullptr) {
        seen = Seen{Ordinal(tracker_.head()->ordinal), tracker_.head()->step, true};
    }
    return seen;
}

}  // namespace understudy
