#include "app/inspect/summary.hpp"

namespace understudy::app::inspect {
namespace {

Json counts(const NamedCounts& counts) {
    Json json = Json::object();
    for (const auto& [name, value] : counts.values()) json[name] = value;
    return json;
}

constexpr std::array kOutcomes = {StepOutcome::complete,   StepOutcome::error,   StepOutcome::skipped,
                                  StepOutcome::suspended,  StepOutcome::empty,   StepOutcome::incomplete,
                                  StepOutcome::unanswered, StepOutcome::not_sent};

}  // namespace

Json to_json(const Summary& summary) {
    Json json;
    json["format_version"] = kJsonFormatVersion;
    json["what"] = "summary";
    json["complete"] = all_complete(summary.files);
    json["sessions"] = summary.sessions;
    json["joined_sessions"] = summary.joined_sessions;
    json["exchanges"] = summary.exchanges;
    json["statements"] = summary.statements;
    json["rows"] = summary.rows;
    json["errors"] = summary.errors;
    json["first"] = utc_text(summary.first);
    json["first_ns"] = summary.first.ns();
    json["duration_ms"] = milliseconds(elapsed(summary.first, summary.last));
    json["session_ends"] = counts(summary.session_ends);
    json["users"] = counts(summary.users);
    json["databases"] = counts(summary.databases);
    json["applications"] = counts(summary.applications);
    json["messages"] = {{"frontend", counts(summary.frontend_messages)}, {"backend", counts(summary.backend_messages)}};
    json["sqlstates"] = counts(summary.sqlstates);
    json["loss"] = counts(summary.loss);
    json["counters"] = counts(summary.counters);
    json["steps"] = {{"all", summary.all_steps()}};
    for (const StepOutcome outcome : kOutcomes)
        json["steps"][std::string(key_of(outcome))] = summary.steps_with(outcome);
    json["unresolved_requests"] = summary.quality.unresolved;
    json["gaps"] = summary.quality.client_gaps + summary.quality.server_gaps;
    json["gap_bytes"] = summary.quality.gap_bytes;
    json["quality"] = to_json(summary.quality);
    json["quality"]["upper_bound"] = !summary.doubts().empty();
    json["quality"]["doubts"] = summary.doubts();
    Json session_losses = Json::object();
    for (const auto& [session, losses] : summary.session_losses) {
        Json one = Json::object();
        for (const auto& [name, value] : losses) one[name] = value;
        session_losses[session_text(session)] = std::move(one);
    }
    json["session_losses"] = std::move(session_losses);
    json["cancels"] = summary.cancels;
    json["catalogs"] = summary.catalogs;
    json["left_out"] = summary.left_out;
    json["files"] = Json::array();
    for (const FileReport& file : summary.files) json["files"].push_back(to_json(file));
    return json;
}

}  // namespace understudy::app::inspect
