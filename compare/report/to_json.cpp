#include <nlohmann/json.hpp>

#include "compare/report/report.hpp"
#include "compare/report/time_text.hpp"

namespace understudy::compare {
namespace {

using nlohmann::ordered_json;

/// Session ids do not fit a JSON number.
std::string session_text(SessionId session) { return fmt::format("{:016x}", session.value()); }

ordered_json example_json(const Example& example, bool include_values) {
    ordered_json json{{"session", session_text(example.exchange.session)},
                      {"ordinal", example.exchange.ordinal.value()},
                      {"step", example.step},
                      {"message", to_string(example.kind)},
                      {"sql", example.sql},
                      {"baseline", example.baseline},
                      {"candidate", example.candidate}};
    if (include_values && !example.rows.empty()) {
        ordered_json rows = ordered_json::array();
        for (const auto& [baseline, candidate] : example.rows) {
            rows.push_back({{"baseline", baseline}, {"candidate", candidate}});
        }
        json["rows"] = std::move(rows);
    }
    return json;
}

ordered_json finding_json(const Finding& finding, bool include_values) {
    ordered_json json{{"kind", to_string(finding.kind)},
                      {"statement", finding.statement},
                      {"fingerprint", finding.fingerprint},
                      {"place", finding.place},
                      {"count", finding.count},
                      {"sessions", finding.sessions},
                      {"cause", to_string(finding.cause)},
                      {"explanation", finding.explanation}};
    if (!finding.sqlstate.empty()) json["sqlstate"] = finding.sqlstate;
    if (!finding.why.empty()) json["why"] = finding.why;
    if (finding.lexical) json["fingerprint_lexical"] = true;
    if (finding.followed_by > 0) json["followed_by"] = finding.followed_by;
    if (finding.downstream > 0) json["downstream"] = finding.downstream;
    if (finding.first.known()) json["first"] = utc_text(finding.first);
    if (finding.last.known()) json["last"] = utc_text(finding.last);
    if (finding.example) json["example"] = example_json(*finding.example, include_values);
    return json;
}

ordered_json findings_json(const std::vector<Finding>& findings, bool include_values) {
    ordered_json list = ordered_json::array();
    for (const Finding& finding : findings) list.push_back(finding_json(finding, include_values));
    return list;
}

ordered_json input_json(const InputReport& input) {
    const CaptureHeader& header = input.header;
    const store::Damage& damage = input.damage;
    return {{"role", to_string(input.side)},
            {"name", input.name},
            {"source", header.source},
            {"description", header.description},
            {"created", header.created.known() ? utc_text(header.created) : ""},
            {"tool_version", header.tool_version},
            {"server_version", header.server_version},
            {"system_identifier", std::to_string(header.system_identifier)},
            {"policy", to_string(header.policy)},
            {"exchanges", input.notes.exchanges},
            {"complete", damage.none()},
            {"damage",
             {{"bad_chunks", damage.bad_chunks},
              {"bytes_skipped", damage.bytes_skipped},
              {"bytes_cut_off", damage.bytes_cut_off},
              {"unknown_records", damage.unknown_records},
              {"trailer_missing", damage.trailer_missing}}},
            {"gaps", input.notes.gaps},
            {"loss", input.notes.losses}};
}

}  // namespace

std::string to_json(const Report& report, const ReportOptions& options) {
    const Coverage& coverage = report.coverage;
    const bool values = options.include_values;
    ordered_json inputs = ordered_json::array();
    for (const InputReport& input : report.inputs) inputs.push_back(input_json(input));
    const ordered_json json{
        {"format_version", kReportFormatVersion},
        {"verdict", to_string(report.verdict)},
        {"reasons", report.reasons},
        {"remarks", report.remarks},
        {"compared", coverage.compared},
        {"diverged", report.diverged},
        {"not_compared", coverage.not_compared},
        {"noise", report.noise},
        {"unconfirmed", report.unconfirmed},
        {"downstream", report.downstream},
        {"coverage",
         {{"percent", coverage.percent()},
          {"min_percent", report.min_coverage},
          {"steps", coverage.steps},
          {"exchanges", coverage.exchanges},
          {"exchanges_compared", coverage.exchanges_compared},
          {"steps_differing", coverage.differing},
          {"steps_folded", coverage.folded},
          {"steps_ambiguous", coverage.ambiguous},
          {"steps_with_data", coverage.with_data},
          {"steps_tainted", coverage.tainted},
          {"steps_excused", coverage.excused},
          {"steps_only_in_candidate", coverage.extra_steps},
          {"steps_in_control", coverage.control_compared},
          {"steps_in_confirmation", coverage.confirmation_compared}}},
        {"findings", findings_json(report.findings, values)},
        {"noise_places", findings_json(report.noise_places, values)},
        {"unconfirmed_places", findings_json(report.unconfirmed_places, values)},
        {"downstream_places", findings_json(report.downstream_places, values)},
        {"inputs", std::move(inputs)},
    };
    // SQL may be of any encoding: what is not UTF-8 is replaced.
    return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace understudy::compare
