#include "app/inspect/summary.hpp"

#include <fmt/format.h>

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

std::uint64_t NamedCounts::at(BytesView name) const {
    const auto found = values_.find(Bytes(name));
    return found == values_.end() ? 0 : found->second;
}

std::uint64_t Summary::all_steps() const { return std::accumulate(steps.begin(), steps.end(), std::uint64_t{0}); }

std::vector<std::string> Summary::doubts() const {
    std::vector<std::string> reasons;
    for (const auto& [name, count] : loss.values()) {
        if (count > 0 && hides_traffic(name)) reasons.push_back(fmt::format("{} {}", count_text(count), name));
    }
    if (quality.unknown_gaps > 0) reasons.push_back(counted(quality.unknown_gaps, "gap") + " of unknown length");
    if (quality.dropped == 0 && loss.at("gaps") > quality.client_gaps + quality.server_gaps) {
        reasons.emplace_back("gaps that are counted and not in the file");
    }
    for (const auto& [end, noun] :
         {std::pair("encrypted", "encrypted session (TLS or GSS)"), std::pair("replication", "replication session")}) {
        const std::uint64_t count = session_ends.at(end);
        if (count > 0) reasons.push_back(fmt::format("{} {}", count_text(count), noun));
    }
    if (!all_complete(files)) reasons.emplace_back("files that are not whole");
    if (left_out > 0) reasons.push_back(counted(left_out, "event") + " beyond the limits of inspect");
    return reasons;
}

void Summariser::on_event(const Event& event) {
    if (const auto* counters = std::get_if<Counters>(&event); counters != nullptr && counters->session == SessionId()) {
        counters_ = *counters;
    }
    if (const auto* counters = std::get_if<Counters>(&event); counters != nullptr && counters->session != SessionId()) {
        note_losses(*counters);
    }
    if (std::holds_alternative<StatementInferred>(event)) ++inferred_;
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
    summary_.quality.inferred = inferred_;  // most stand behind their session's end
    return std::move(summary_);
}

void Summariser::note_losses(const Counters& counters) {
    auto& losses = summary_.session_losses;
    std::map<std::string, std::uint64_t> found;
    for (const auto& [name, value] : counters.values) {
        if (name.starts_with("loss.") && value > 0) found.emplace(name.substr(5), value);
    }
    const bool room = losses.size() < NamedCounts::kMaxNames || losses.count(counters.session) != 0;
    if (!found.empty() && room) losses[counters.session] = std::move(found);
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
    summary_.quality.add(session.quality);
    if (!is_session(session)) return;
    ++summary_.sessions;
    if (session.joined) ++summary_.joined_sessions;
    if (!session.identity.user.empty()) summary_.users.add(session.identity.user);
    if (!session.identity.database.empty()) summary_.databases.add(session.identity.database);
    if (!session.identity.application.empty()) summary_.applications.add(session.identity.application);
}

}  // namespace understudy::app::inspect
