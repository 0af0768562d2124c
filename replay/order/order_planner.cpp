#include "replay/order/order_planner.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "core/base/byte_reader.hpp"
#include "core/pgwire/message_tag.hpp"
#include "core/store/capture_codec.hpp"
#include "replay/order/split_request.hpp"

namespace understudy::replay {
namespace {

constexpr std::size_t kSweepEvery = 4096;  // ended sessions

/// As far as the command tag tells.
bool may_have_written(const StepResult& result) {
    if (result.outcome != StepOutcome::complete || result.command_tag.empty()) return false;
    constexpr std::array<BytesView, 9> kReaders = {"SELECT",  "SHOW",  "BEGIN",  "SET",     "FETCH",
                                                   "DECLARE", "CLOSE", "COMMIT", "ROLLBACK"};
    const BytesView word = BytesView(result.command_tag).substr(0, result.command_tag.find(' '));
    return std::find(kReaders.begin(), kReaders.end(), word) == kReaders.end();
}

}  // namespace

OrderPlanner::OrderPlanner(const Options& options, const catalog::Catalog& catalog, const Digester& digester,
                           OnAmbiguous on_ambiguous)
    : options_(options),
      digester_(digester),
      relations_(catalog),
      footprints_(catalog, relations_, digester, options.harmless_functions),
      on_ambiguous_(std::move(on_ambiguous)),
      texts_([this](BytesView schema, BytesView table, BytesView column) {
          return relations_.has_column(schema, table, column);
      }) {}

SessionIndex OrderPlanner::index_of(SessionId session) {
    const auto [at, added] = indices_.try_emplace(session, static_cast<SessionIndex>(over_.size()));
    if (added) {
        over_.push_back(false);
        ids_.push_back(session);
    }
    return at->second;
}

PlannedSession& OrderPlanner::session_of(SessionId id) {
    const SessionIndex index = index_of(id);
    std::unique_ptr<Session>& session = sessions_[index];
    if (!session) {
        session = std::make_unique<Session>();
        session->index = index;
    }
    return *session;
}

PlanStats OrderPlanner::stats() const {
    PlanStats stats = stats_;
    stats.rows_folded = table_.rows_folded();
    return stats;
}

void OrderPlanner::on_event(Event&& event, Out& out, bool note) {
    if (options_.mode == SyncMode::none) return plan(std::move(event), note, out);
    in_time_.push(std::move(event), note);
    while (auto next = in_time_.pop()) plan(std::move(next->event), next->note, out);
}

void OrderPlanner::plan(Event&& event, bool note, Out& out) {
    const SessionId id = store::event_session(event);
    if (id.value() == 0) {
        out.push_back({std::move(event), {}, 0, false});
        return;
    }
    if (const Timestamp now = store::event_time(event); now.known()) give_up_late(now, out);
    Session& session = session_of(id);
    if (auto* request = std::get_if<Request>(&event)) return on_request(session, std::move(*request), out);
    if (const auto* response = std::get_if<Response>(&event); response != nullptr && !note) {
        // Before the requests that it completes: a replay learns from it what their answers mean.
        Out completed;
        on_response(session, *response, completed);
        give_out_settled(completed);
        out.push_back({std::move(event), {}, session.index, false});
        std::move(completed.begin(), completed.end(), std::back_inserter(out));
        return;
    }
    if (const auto* state = std::get_if<SessionState>(&event)) on_state(session, *state);
    const bool closed = std::holds_alternative<SessionClosed>(event);
    if (closed) on_closed(session);
    const bool in_line = closed || note || std::holds_alternative<CancelSent>(event);
    if (in_line && !session.waiting.empty()) {
        session.waiting.push_back({{std::move(event), {}, session.index, note}, next_request_++, {}, {}, 0});
    } else {
        out.push_back({std::move(event), {}, session.index, note});
    }
    give_out(session, out);
    give_out_settled(out);
    if (!session.closed || !session.waiting.empty()) return;
    indices_.erase(id);
    sessions_.erase(session.index);
}

void OrderPlanner::on_state(Session& session, const SessionState& state) {
    if (options_.mode != SyncMode::strict) return;
    for (const PreparedStatement& statement : state.statements) {
        if (session.statements.size() >= Session::kMaxNames) return;
        session.statements[statement.name] = {texts_.get(statement.sql), 0, statement.parameter_types};
    }
    if (state.transaction_status == 'T' || state.transaction_status == 'E') session.transaction.open = true;
}

void OrderPlanner::on_request(Session& session, Request&& request, Out& out) {
    ++stats_.requests;
    if (options_.mode != SyncMode::strict || request.unresolved) {
        Session::Waiting planned{{Event(std::move(request)), {}, session.index, false}, next_request_++, {}, {}, 0};
        if (options_.mode == SyncMode::commit) {
            for (const Unit& commit : commits_) add_edge(session, &planned, commit, EdgeKind::hard);
        }
        session.waiting.push_back(std::move(planned));
        return give_out(session, out);
    }
    for (Request& piece : split_at_executions(std::move(request))) on_piece(session, std::move(piece));
    give_out(session, out);
}

void OrderPlanner::on_piece(Session& session, Request&& piece) {
    if (piece.ordinal != session.scanning) {
        session.scanner.reset();
        session.scanning = piece.ordinal;
        session.exchange_effects = false;
        session.sync_asked = false;
    }
    session.next_step = piece.step.value();
    if (piece.seen.copy_in && !session.steps.empty() && session.steps.front().late) {
        // Data of a COPY may be long: it goes out as it comes, and so does what asked for it.
        PlannedStep& copy = session.steps.front();
        plan_effects(session, copy, copy.asked, find_waiting(session, copy.request));
        copy.late = false;
        done_waiting(session, copy.request);
    }
    Session::Waiting waiting{{Event(Request()), {}, session.index, false}, next_request_++, piece.time, {}, 0};
    wait_for_barriers(session, piece.time, waiting);
    BytesView rest = piece.frames;
    ScannedFrame frame;
    while (session.scanner.next(rest, frame)) read_frame(session, frame, piece, waiting);
    session.asked = std::max(session.asked, Progress(piece.ordinal, session.next_step));
    session.last_asked = piece.time;
    if (session.sync_asked && !session.transaction.open) end_holds(session);
    if (session.exchange_effects) {  // the last request of an exchange is answered when that is over
        auto& ready = session.ready_requests;
        if (!ready.empty() && ready.back().first == piece.ordinal) {
            done_waiting(session, std::exchange(ready.back().second, waiting.number));
        } else {
            ready.emplace_back(piece.ordinal, waiting.number);
        }
        ++waiting.late;
    }
    if (waiting.late > 0) late_.emplace_back(session.index, waiting.number);
    waiting.planned.event = std::move(piece);
    session.waiting.push_back(std::move(waiting));
}

void OrderPlanner::on_response(Session& session, const Response& response, Out& out) {
    if (response.ready.known()) ++stats_.exchanges;
    std::uint32_t step = response.first_step.value();
    for (const StepResult& result : response.results) {
        ++stats_.steps;
        session.answered = Progress(response.ordinal, step + 1);
        if (options_.mode == SyncMode::commit && may_have_written(result)) session.transaction.wrote_anything = true;
        while (!session.steps.empty()) {
            PlannedStep& front = session.steps.front();
            const auto order = std::pair(front.ordinal, front.step) <=> std::pair(response.ordinal, step);
            if (order > 0) break;
            resolve(session, front, order == 0 ? &result : nullptr);
            session.steps.pop_front();
            if (order == 0) break;
        }
        answers_.note(session.index, session.answered, result.end);
        ++step;
    }
    if (!response.ready.known()) return give_out(session, out);
    while (!session.steps.empty() && session.steps.front().ordinal <= response.ordinal) {
        resolve(session, session.steps.front(), nullptr);
        session.steps.pop_front();
    }
    const Progress done = Progress::past(response.ordinal);
    if (options_.mode != SyncMode::none) end_exchange(session, response);
    session.answered = done;
    answers_.note(session.index, done, response.ready);
    answered_.add({session.index, done});
    session.last_ready = response.ready;
    give_out(session, out);
}

void OrderPlanner::end_exchange(Session& session, const Response& response) {
    auto& ready = session.ready_requests;
    Session::Waiting* waiting = nullptr;
    for (const auto& [ordinal, number] : ready) {
        if (ordinal == response.ordinal) waiting = find_waiting(session, number);
    }
    const bool in_block = response.transaction_status == 'T' || response.transaction_status == 'E';
    if (!in_block) {
        const bool failed = !response.results.empty() && response.results.back().outcome == StepOutcome::error;
        const Timestamp asked = waiting != nullptr ? std::max(waiting->time, session.last_ready) : response.ready;
        end_transaction(session, !failed, Progress::past(response.ordinal), asked, response.ready, waiting);
    }
    session.transaction.open = in_block;
    session.place = {};
    if (response.transaction_status == 'E') {
        session.transaction.since = Progress::past(response.ordinal);
        end_holds(session);
    }
    while (!ready.empty() && ready.front().first <= response.ordinal) {
        done_waiting(session, ready.front().second);
        ready.pop_front();
    }
}

void OrderPlanner::on_closed(Session& session) {
    session.closed = true;
    for (PlannedStep& step : session.steps) {
        leave_flight(session, step);
        settle_held(unit_of(session, step), step, std::nullopt, session);
    }
    session.steps.clear();
    session.held.clear();
    for (Session::Waiting& waiting : session.waiting) waiting.late = 0;
    end_transaction(session, false, Progress::end(), {}, {}, nullptr);
    over_[session.index] = true;
    answers_.forget(session.index);
    if (++ended_ >= kSweepEvery) forget_old_sessions();
}

/// What sessions did that are over for long is waited for no more: so many have ended since.
void OrderPlanner::forget_old_sessions() {
    ended_ = 0;
    const auto over = [&](SessionIndex index) { return over_[index] && index + 4 * kSweepEvery < over_.size(); };
    table_.forget(over);
    for (Watermark* watermark : {&answered_, &commits_, &snapshots_, &barriers_}) watermark->remove_if(over);
    for (auto& [index, session] : sessions_) {
        std::erase_if(session->waited, [&](const auto& entry) { return over(entry.first); });
    }
}

void OrderPlanner::give_out(Session& session, Out& out) {
    while (!session.waiting.empty() && session.waiting.front().late == 0) {
        Session::Waiting& front = session.waiting.front();
        for (const Predecessor& before : front.planned.after) {
            Progress& waited = session.waited[before.session];
            waited = std::max(waited, before.done);
            if (before.kind == EdgeKind::hard) ++stats_.hard_edges;
            if (before.kind == EdgeKind::inferred) ++stats_.inferred_edges;
            if (before.kind == EdgeKind::soft) ++stats_.soft_edges;
        }
        if (!front.planned.after.empty()) ++stats_.ordered;
        out.push_back(std::move(front.planned));
        session.waiting.pop_front();
    }
}

void OrderPlanner::give_out_settled(Out& out) {
    for (const SessionIndex index : std::exchange(settled_, {})) {
        const auto found = sessions_.find(index);
        if (found != sessions_.end()) give_out(*found->second, out);
    }
}

/// Requests whose answer does not come for too long are ordered by what is known.
void OrderPlanner::give_up_late(Timestamp now, Out& out) {
    oldest_asked_ = now;
    while (!late_.empty()) {
        const auto [index, number] = late_.front();
        const auto found = sessions_.find(index);
        Session::Waiting* waiting = found == sessions_.end() ? nullptr : find_waiting(*found->second, number);
        if (waiting != nullptr && waiting->late > 0) {
            if (now - waiting->time < options_.lookahead) {
                oldest_asked_ = waiting->time;
                return;
            }
            ++stats_.over_lookahead;
            for (PlannedStep& step : found->second->steps) {
                if (step.request != number || !step.late) continue;
                plan_effects(*found->second, step, step.asked, waiting);
                step.late = false;
            }
            waiting->late = 0;
            give_out(*found->second, out);
        }
        late_.pop_front();
    }
}

void OrderPlanner::finish(Out& out) {
    while (auto next = in_time_.pop(true)) plan(std::move(next->event), next->note, out);
    late_.clear();
    for (auto& [index, session] : sessions_) {
        for (Session::Waiting& waiting : session->waiting) waiting.late = 0;
        give_out(*session, out);
    }
}

PlannedSession::Waiting* OrderPlanner::find_waiting(Session& session, std::uint64_t number) {
    const auto at =
        std::lower_bound(session.waiting.begin(), session.waiting.end(), number,
                         [](const Session::Waiting& one, std::uint64_t wanted) { return one.number < wanted; });
    return at == session.waiting.end() || at->number != number ? nullptr : &*at;
}

void OrderPlanner::done_waiting(Session& session, std::uint64_t number) {
    Session::Waiting* waiting = find_waiting(session, number);
    if (waiting != nullptr && waiting->late > 0) --waiting->late;
}

}  // namespace understudy::replay
