#include "app/inspect/follower.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/sql/split.hpp"
#include "core/store/capture_codec.hpp"

namespace understudy::app::inspect {
namespace {

constexpr std::size_t kMaxEndedEarly = 64;

bool was_answered(StepOutcome outcome) {
    return outcome != StepOutcome::skipped && outcome != StepOutcome::unanswered && outcome != StepOutcome::not_sent;
}

bool executes(StepKind kind) {
    return kind == StepKind::execute || kind == StepKind::statement || kind == StepKind::function_call;
}

}  // namespace

Duration elapsed(Timestamp from, Timestamp to) {
    if (!from.known() || !to.known() || to <= from) return {};
    // Damaged files hold any time: the difference may be more than a Duration holds.
    const std::uint64_t ns = static_cast<std::uint64_t>(to.ns()) - static_cast<std::uint64_t>(from.ns());
    constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return Duration::nanoseconds(static_cast<std::int64_t>(std::min(ns, kMax)));
}

void Follower::on_event(const Event& event) {
    const Timestamp time = store::event_time(event);
    note_time(nullptr, time);
    if (const auto* opened = std::get_if<SessionOpened>(&event)) return on(*opened);
    if (const auto* state = std::get_if<SessionState>(&event)) return on(*state);
    if (const auto* closed = std::get_if<SessionClosed>(&event)) return on(*closed);
    if (const auto* request = std::get_if<Request>(&event)) return on(*request);
    if (const auto* response = std::get_if<Response>(&event)) return on(*response, time);
    if (const auto* gap = std::get_if<Gap>(&event)) return on(*gap);
    if (const auto* counters = std::get_if<Counters>(&event)) return on(*counters);
    if (const auto* inferred = std::get_if<StatementInferred>(&event)) {
        if (const auto found = sessions_.find(inferred->session); found != sessions_.end()) {
            ++found->second.info.quality.inferred;
        }
    }
}

void Follower::finish() {
    std::vector<SessionId> open;
    for (const auto& [id, session] : sessions_) open.push_back(id);
    std::sort(open.begin(), open.end());  // so that two runs print the same
    for (const SessionId id : open) end_session(sessions_.find(id));
}

void Follower::note_time(SessionInfo* info, Timestamp time) {
    if (!time.known()) return;
    if (!start_.known() || time < start_) start_ = time;
    if (time > last_) last_ = time;
    if (info == nullptr) return;
    if (!info->first.known() || time < info->first) info->first = time;
    if (time > info->last) info->last = time;
}

Follower::Session* Follower::session(SessionId id, Timestamp time) {
    auto found = sessions_.find(id);
    if (found == sessions_.end()) {
        if (sessions_.size() >= kMaxOpenSessions) {
            ++left_out_;
            return nullptr;
        }
        found = sessions_.emplace(id, Session{}).first;
        found->second.info.id = id;
        found->second.info.joined = true;  // unless a SessionOpened says otherwise
    }
    note_time(&found->second.info, time);
    return &found->second;
}

void Follower::end_session(std::unordered_map<SessionId, Session>::iterator which) {
    Session& ended = which->second;
    if (!ended.open.empty()) end_exchanges_up_to(ended, ended.open.rbegin()->first, true);
    ended.info.quality.recorded += ended.ended_early.size();  // their requests are missing
    ended.info.quality.estimate_lost();
    listener_.on_session_end(ended.info);
    sessions_.erase(which);
}

void Follower::on(const SessionOpened& event) {
    if (const auto old = sessions_.find(event.session); old != sessions_.end()) end_session(old);
    Session* opened = session(event.session, event.time);
    if (opened == nullptr) return;
    opened->info.joined = event.joined;
    opened->info.identity = event.identity;
}

void Follower::on(const SessionState& event) {
    Session* known = session(event.session, event.time);
    if (known == nullptr) return;
    if (!event.identity.user.empty()) known->info.identity = event.identity;
    if (!with_sql_) return;
    for (const PreparedStatement& statement : event.statements) {
        known->names.define_statement(statement.name, texts_.keep(statement.sql));
    }
}

void Follower::on(const SessionClosed& event) {
    const bool never_seen = sessions_.find(event.session) == sessions_.end();
    Session* closed = session(event.session, event.time);
    if (closed == nullptr) return;
    if (never_seen) closed->info.joined = false;
    closed->info.end = event.end;
    closed->info.error = event.error;
    if (event.error) ++closed->info.errors;
    // One that only the file's end cut off may go on in the next file.
    if (event.end != SessionEnd::still_open) end_session(sessions_.find(event.session));
}

void Follower::on(const Request& event) {
    Session* asking = session(event.session, event.time);
    if (asking == nullptr) return;
    const std::uint32_t ordinal = event.ordinal.value();
    const bool first = ordinal >= asking->next_ordinal;
    if (first) {
        ++asking->info.exchanges;
        asking->next_ordinal = std::uint64_t{ordinal} + 1;
    }
    asking->info.quality.request_bytes += event.frames.size();
    if (event.unresolved) ++asking->info.quality.unresolved;
    if (asking->ended_early.erase(ordinal) != 0) {
        ++asking->info.quality.recorded;
        if (!event.unresolved) ++asking->info.quality.whole;
        return;
    }
    auto open = asking->open.find(ordinal);
    if (open == asking->open.end()) {
        if (!first) return;  // COPY data that came after the exchange had ended
        if (open_steps_ >= kMaxOpenSteps) {
            ++left_out_;
            return;
        }
        ++open_steps_;
        open = asking->open.emplace(ordinal, Exchange{}).first;
        open->second.broken = event.step.value() != 0;
    }
    open->second.broken = open->second.broken || event.unresolved;
    if (asking->scanned_ordinal != ordinal) asking->scanner.reset();
    asking->scanned_ordinal = ordinal;
    Exchange& exchange = open->second;
    exchange.next_step = std::max<std::uint64_t>(exchange.next_step, event.step.value());
    BytesView rest = event.frames;
    ScannedFrame frame;
    while (asking->scanner.next(rest, frame)) add_step(exchange, frame, event.time);
}

void Follower::add_step(Exchange& exchange, const ScannedFrame& frame, Timestamp time) {
    const StepKind kind = step_kind_of(frame.tag);
    if (kind == StepKind::unknown) {
        if (!exchange.steps.empty()) exchange.steps.back().bytes += frame.size;
        return;
    }
    AskedStep step;
    step.bytes = frame.size;
    step.index = static_cast<std::uint32_t>(exchange.next_step++);
    if (open_steps_ >= kMaxOpenSteps) {
        ++left_out_;
        return;
    }
    step.kind = kind;
    step.asked = time;
    if (with_sql_) read_step(frame, texts_, step);
    ++open_steps_;
    exchange.steps.push_back(std::move(step));
}

void Follower::on(const Response& event, Timestamp time) {
    Session* answered = session(event.session, time);
    if (answered == nullptr) return;
    const std::uint32_t ordinal = event.ordinal.value();
    std::uint32_t index = event.first_step.value();
    const auto asked = answered->open.find(ordinal);
    if (asked != answered->open.end()) note_results(asked->second, event);
    for (const StepResult& result : event.results) take_result(*answered, ordinal, index++, result);
    if (!event.ready.known()) return;
    answered->executed_until = std::max(answered->executed_until, event.ready);
    if (ordinal >= answered->next_ordinal) {
        answered->ended_early.insert(ordinal);
        if (answered->ended_early.size() > kMaxEndedEarly) {
            answered->ended_early.erase(answered->ended_early.begin());
            ++answered->info.quality.recorded;
        }
    }
    end_exchanges_up_to(*answered, ordinal, false);
}

void Follower::take_result(Session& session, std::uint32_t ordinal, std::uint32_t index, const StepResult& result) {
    FollowedStep followed{session.info, Ordinal(ordinal), StepIndex(index), result, {}, {}, {}, 0};
    const auto open = session.open.find(ordinal);
    if (open == session.open.end()) return report(session, followed);
    Exchange& exchange = open->second;
    const std::optional<AskedStep> step = match(session, ordinal, exchange, index);
    if (!step) return report(session, followed);
    followed.asked = step->asked;
    followed.bytes = step->bytes;
    const bool failed = result.outcome == StepOutcome::error || !was_answered(result.outcome);
    SqlText sql;
    if (with_sql_) {
        sql = session.names.text_of(*step, failed ? &exchange.failed : nullptr);
        (failed ? exchange.failed : session.names).apply(*step, sql);
        if (failed && step->kind == StepKind::parse && step->name.empty()) session.names.drop_unnamed();
        followed.sql = step->kind == StepKind::statement ? statement_of(exchange, *step, index, result)
                       : sql != nullptr                  ? std::optional<BytesView>(*sql)
                                                         : std::nullopt;
    }
    report(session, followed);
}

/// The step that a result answers. Steps before it stay without one: a Sync often does, others lost theirs.
std::optional<AskedStep> Follower::match(Session& session, std::uint32_t ordinal, Exchange& exchange,
                                         std::uint32_t index) {
    while (!exchange.steps.empty() && exchange.steps.front().index <= index) {
        AskedStep& front = exchange.steps.front();
        if (front.kind == StepKind::statement && exchange.steps.size() == 1) {
            exchange.query_answered = true;
            AskedStep query = front;  // and more statements of the Query may follow
            front.bytes = 0;          // which were sent with the first
            return query;
        }
        AskedStep step = std::move(front);
        exchange.steps.pop_front();
        --open_steps_;
        if (step.index == index) return step;
        report_unanswered(session, ordinal, step);
    }
    return std::nullopt;
}

/// The statement of a Query with that index. A syntax error is one of the whole text: the server had not
/// split it yet.
std::optional<BytesView> Follower::statement_of(Exchange& exchange, const AskedStep& step, std::uint32_t index,
                                                const StepResult& result) const {
    if (step.sql == nullptr) return std::nullopt;
    if (result.error && result.error->sqlstate() == "42601" && index == step.index) return BytesView(*step.sql);
    if (!exchange.statements) exchange.statements = sql::split_statements(*step.sql);
    const std::size_t place = index - step.index;
    return place < exchange.statements->size() ? (*exchange.statements)[place] : BytesView();
}

/// A session's exchanges end in order: what is open before one that ended gets no answer any more.
void Follower::end_exchanges_up_to(Session& session, std::uint32_t ordinal, bool session_ends) {
    while (!session.open.empty() && session.open.begin()->first <= ordinal) {
        const auto ended = session.open.begin();
        for (const AskedStep& step : ended->second.steps) {
            const bool done = step.kind == StepKind::statement && ended->second.query_answered;
            if (!done) report_unanswered(session, ended->first, step);
        }
        end_exchange(session, ended->second, session_ends);
        open_steps_ -= ended->second.steps.size() + 1;
        session.open.erase(ended);
    }
}

void Follower::report_unanswered(Session& session, std::uint32_t ordinal, const AskedStep& step) {
    if (step.kind == StepKind::sync) return;
    StepResult result;
    result.kind = step.kind;
    result.outcome = StepOutcome::unanswered;
    FollowedStep followed{session.info, Ordinal(ordinal), StepIndex(step.index), result, {}, step.asked,
                          {},           step.bytes};
    const SqlText sql = session.names.text_of(step);
    if (sql != nullptr) followed.sql = *sql;
    report(session, followed);
}

void Follower::report(Session& session, FollowedStep& step) {
    const StepResult& result = step.result;
    if (result.outcome == StepOutcome::error) ++session.info.errors;
    if (was_answered(result.outcome)) {
        if (step.asked.known() && result.end.known()) {
            step.latency = elapsed(std::max(step.asked, session.executed_until), result.end);
        }
        if (executes(result.kind)) session.executed_until = std::max(session.executed_until, result.end);
    }
    listener_.on_step(step);
}

}  // namespace understudy::app::inspect
