#include "app/service/run_record.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "app/service/hooks.hpp"
#include "app/service/tokens.hpp"

namespace understudy::app::service {
namespace {

using Json = nlohmann::json;
constexpr std::array<std::string_view, 7> kStates = {"starting", "running", "stopping",   "finished",
                                                     "failed",   "stopped", "interrupted"};

std::string text_at(const Json& json, const char* key) {
    return json.is_object() && json.contains(key) && json[key].is_string() ? json[key].get<std::string>()
                                                                           : std::string();
}

template <class T>
T number_at(const Json& json, const char* key) {
    if (!json.is_object() || !json.contains(key)) return T{};
    const Json& value = json[key];
    const bool fits = std::is_floating_point_v<T> ? value.is_number()
                      : std::is_signed_v<T>       ? value.is_number_integer()
                                                  : value.is_number_unsigned();
    return fits ? value.get<T>() : T{};
}

Json figures_json(const ReportFigures& report) {
    return {{"verdict", report.verdict},       {"title", report.title},
            {"reasons", report.reasons},       {"findings", report.findings},
            {"compared", report.compared},     {"coverage_percent", report.coverage_percent},
            {"severities", report.severities}, {"sections", report.sections}};
}

ReportFigures figures_from(const Json& json) {
    ReportFigures figures;
    figures.verdict = text_at(json, "verdict");
    figures.title = text_at(json, "title");
    figures.findings = number_at<std::uint64_t>(json, "findings");
    figures.compared = number_at<std::uint64_t>(json, "compared");
    figures.coverage_percent = number_at<double>(json, "coverage_percent");
    const Json reasons = json.value("reasons", Json::array());
    for (const Json& reason : reasons) {
        if (reason.is_string()) figures.reasons.push_back(reason);
    }
    const Json severities = json.value("severities", Json::object());
    for (const auto& [name, count] : severities.items()) {
        if (count.is_number_unsigned()) figures.severities[name] = count;
    }
    const Json sections = json.value("sections", Json::object());
    for (const auto& [name, state] : sections.items()) {
        if (state.is_string()) figures.sections[name] = state;
    }
    return figures;
}

}  // namespace

std::string_view to_string(RunState state) { return kStates[static_cast<std::size_t>(state)]; }

std::string run_json(const RunRecord& run) {
    Json json{{"id", run.id},
              {"rehearsal", run.rehearsal},
              {"target", run.target},
              {"started_by", run.started_by},
              {"stopped_by", run.stopped_by},
              {"state", to_string(run.state)},
              {"created_ns", run.created.ns()},
              {"ended_ns", run.ended.ns()},
              {"missed", run.missed},
              {"commit", run.commit},
              {"pull_request", run.pull_request},
              {"hooks", run.hooks},
              {"process", {{"pid", run.process.pid}, {"start", run.process.start}, {"boot", run.process.boot}}},
              {"exit_code", run.exit_code ? Json(*run.exit_code) : Json(nullptr)},
              {"failure", run.failure},
              {"cleaned", run.cleaned},
              {"report", run.report ? figures_json(*run.report) : Json(nullptr)}};
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<RunRecord> parse_run(const std::string& text) {
    const auto bad = [](const char* what) {
        return make_error(Errc::malformed, std::string("no record of a run: ") + what);
    };
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) return bad("not a JSON object");
    RunRecord run;
    run.id = text_at(json, "id");
    run.rehearsal = text_at(json, "rehearsal");
    if (!is_plain_name(run.id) || !is_plain_name(run.rehearsal)) return bad("its names");
    run.target = text_at(json, "target");
    run.started_by = text_at(json, "started_by");
    run.stopped_by = text_at(json, "stopped_by");
    const std::string state = text_at(json, "state");
    const auto found = std::find(kStates.begin(), kStates.end(), state);
    if (found == kStates.end()) return bad("its state");
    run.state = static_cast<RunState>(found - kStates.begin());
    run.created = Timestamp::from_ns(number_at<std::int64_t>(json, "created_ns"));
    run.ended = Timestamp::from_ns(number_at<std::int64_t>(json, "ended_ns"));
    run.missed = number_at<std::uint64_t>(json, "missed");
    const std::string commit = text_at(json, "commit");
    if (is_commit(commit)) run.commit = commit;
    run.pull_request = number_at<std::uint64_t>(json, "pull_request");
    const Json hooks = json.value("hooks", Json::array());
    for (const Json& hook : hooks) {
        if (hook.is_string() && run.hooks.size() < kMaxHooks) run.hooks.push_back(hook);
    }
    if (json.contains("process")) {
        run.process = {number_at<std::int64_t>(json["process"], "pid"),
                       number_at<std::uint64_t>(json["process"], "start"), text_at(json["process"], "boot")};
    }
    if (json.contains("exit_code") && json["exit_code"].is_number_integer())
        run.exit_code = json["exit_code"].get<int>();
    run.failure = text_at(json, "failure");
    run.cleaned = text_at(json, "cleaned");
    if (json.contains("report") && json["report"].is_object()) run.report = figures_from(json["report"]);
    return run;
}

Result<ReportFigures> figures_of(const std::string& report_json) {
    const Json json = Json::parse(report_json, nullptr, false);
    if (!json.is_object() || !json.contains("verdict")) return make_error(Errc::malformed, "no report of understudy");
    Json figures = {{"verdict", json["verdict"]}};
    for (const char* key : {"title", "reasons", "compared", "severities"}) {
        if (json.contains(key)) figures[key] = json[key];
    }
    if (figures.contains("reasons") && !figures["reasons"].is_array()) figures.erase("reasons");
    if (figures.contains("severities") && !figures["severities"].is_object()) figures.erase("severities");
    figures["findings"] = json.contains("findings") && json["findings"].is_array() ? json["findings"].size() : 0;
    if (json.contains("coverage")) figures["coverage_percent"] = number_at<double>(json["coverage"], "percent");
    figures["sections"] = Json::object();
    if (json.contains("sections") && json["sections"].is_array()) {
        for (const auto& section : json["sections"])
            figures["sections"][text_at(section, "id")] = text_at(section, "state");
    }
    return figures_from(figures);
}

RunState end_state(int exit_code, bool has_report, bool stopped) {
    if (stopped && !has_report) return RunState::stopped;
    const bool verdict = exit_code == 0 || exit_code == 1 || exit_code == 3;
    return has_report && verdict ? RunState::finished : RunState::failed;
}

}  // namespace understudy::app::service
