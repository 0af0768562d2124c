#include "app/inspect/summary.hpp"

#include <numeric>

namespace understudy::app::inspect {
namespace {

bool is_execution(const StepResult& result) {
    if (result.kind != StepKind::execute && result.kind != StepKind::statement) return false;
    return result.outcome == StepOutcome::complete || result.outcome == StepOutcome::suspended ||
           result.outcome == StepOutcome::empty || result.outcome == StepOutcome::error;
}

/// A connection that only carried a CancelRequest, or bytes of another protocol, is no session of
/// PostgreSQL's.
bool is_session(const SessionInfo& info) {
    return info.end != SessionEnd::cancel_request && info.end != SessionEnd::not_postgresql;
}

}  // namespace

void NamedCounts::add(BytesView name, std::uint64_t count) {
    const bool known = values_.size() < kMaxNames || values_.count(Bytes(name)) > 0;
    values_[known ? Bytes(name) : Bytes("(others)")] += count;
}

std::uint64_t Summary::all_steps() const { return std::accumulate(steps.begin(), steps.end(), std::uint64_t{0}); }

double Summary::quality_percent() const {
    const std::uint64_t all = all_steps();
    const std::uint64_t lost = steps_with(StepOutcome::incomplete) + steps_with(StepOutcome::unanswered);
    return all == 0 ? 100.0 : 100.0 * static_cast<double>(all - lost) / static_cast<double>(all);
}

void Summariser::on_event(const Event& event) {
    if (const auto* counters = std::get_if<Counters>(&event); counters != nullptr && counters->session == SessionId()) {
        counters_ = *counters;
    }
    if (const auto* request = std::get_if<Request>(&event); request != nullptr && request->unresolved) {
        ++summary_.unresolved_requests;
    }
    if (const auto* gap = std::get_if<Gap>(&event)) {
        ++summary_.gaps;
        summary_.gap_bytes += gap->bytes;
    }
    if (std::holds_alternative<CancelSent>(event)) ++summary_.cancels;
    if (std::holds_alternative<CatalogRecord>(event)) ++summary_.catalogs;
    follower_.on_event(event);
}

void Summariser::end_file(FileReport file) {
    summary_.files.push_back(std::move(file));
    for (const auto& [name, value] : counters_.values) add_counter(name, value);
    counters_.values.clear();
}

Summary Summariser::finish() {
    follower_.finish();
    summary_.first = follower_.start();
    summary_.last = follower_.last();
    summary_.left_out = follower_.left_out();
    return std::move(summary_);
}

void Summariser::add_counter(const std::string& name, std::uint64_t value) {
    const auto add_without = [&](std::string_view prefix, NamedCounts& to) {
        if (!name.starts_with(prefix)) return false;
        to.add(BytesView(name).substr(prefix.size()), value);
        return true;
    };
    if (add_without("messages.frontend.", summary_.frontend_messages)) return;
    if (add_without("messages.backend.", summary_.backend_messages)) return;
    if (add_without("loss.", summary_.loss)) return;
    summary_.counters.add(name, value);
}

void Summariser::add_error(const ServerMessage* error) {
    ++summary_.errors;
    const BytesView code = error == nullptr ? BytesView() : error->sqlstate();
    summary_.sqlstates.add(code.empty() ? "unknown" : code);
}

void Summariser::on_step(const FollowedStep& step) {
    const StepResult& result = step.result;
    const auto outcome = static_cast<std::size_t>(result.outcome);
    if (outcome < summary_.steps.size()) ++summary_.steps[outcome];
    if (is_execution(result)) ++summary_.statements;
    if (result.outcome == StepOutcome::error) add_error(result.error ? &*result.error : nullptr);
    summary_.rows += result.rows;
}

void Summariser::on_session_end(const SessionInfo& session) {
    summary_.session_ends.add(session.end ? key_of(*session.end) : "unknown");
    if (session.error) add_error(&*session.error);
    summary_.exchanges += session.exchanges;
    if (!is_session(session)) return;
    ++summary_.sessions;
    if (session.joined) ++summary_.joined_sessions;
    if (!session.identity.user.empty()) summary_.users.add(session.identity.user);
    if (!session.identity.database.empty()) summary_.databases.add(session.identity.database);
    if (!session.identity.application.empty()) summary_.applications.add(session.identity.application);
}

}  // namespace understudy::app::inspect
