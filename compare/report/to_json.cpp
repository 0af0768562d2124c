#include <nlohmann/json.hpp>

#include "compare/report/latency_json.hpp"
#include "compare/report/report.hpp"
#include "compare/report/time_text.hpp"

namespace understudy::compare {
namespace {

using nlohmann::ordered_json;

/// Session ids do not fit a JSON number.
std::string session_text(SessionId session) { return fmt::format("{:016x}", session.value()); }

ordered_json cells_json(const std::optional<RowCells>& row) {
    if (!row) return nullptr;
    ordered_json cells = ordered_json::array();
    for (const auto& cell : *row) cells.push_back(cell ? ordered_json(*cell) : ordered_json(nullptr));
    return cells;
}

ordered_json example_json(const Example& example) {
    ordered_json json{{"session", session_text(example.exchange.session)},
                      {"ordinal", example.exchange.ordinal.value()},
                      {"step", example.step},
                      {"message", to_string(example.kind)},
                      {"sql", example.sql},
                      {"baseline", example.baseline},
                      {"candidate", example.candidate}};
    if (example.rows.rows.empty()) return json;
    json["columns"] = example.rows.columns;
    ordered_json rows = ordered_json::array();
    for (const RowChange& change : example.rows.rows) {
        rows.push_back({{"baseline", cells_json(change.baseline)}, {"candidate", cells_json(change.candidate)}});
    }
    json["rows"] = std::move(rows);
    if (example.rows.more > 0) json["more_rows"] = example.rows.more;
    return json;
}

ordered_json finding_json(const Finding& finding) {
    ordered_json json{{"id", finding.id},
                      {"severity", to_string(finding.severity)},
                      {"kind", to_string(finding.kind)},
                      {"statement", finding.statement},
                      {"fingerprint", finding.fingerprint},
                      {"place", finding.place},
                      {"count", finding.count},
                      {"sessions", finding.sessions},
                      {"users", finding.users},
                      {"applications", finding.applications},
                      {"databases", finding.databases},
                      {"cause", to_string(finding.cause)},
                      {"explanation", finding.explanation}};
    if (finding.calls_a_day > 0) json["calls_a_day"] = finding.calls_a_day;
    if (!finding.sqlstate.empty()) json["sqlstate"] = finding.sqlstate;
    if (!finding.why.empty()) json["why"] = finding.why;
    if (!finding.blame.empty()) json["blame"] = finding.blame;
    if (finding.noise_class) json["class"] = to_string(*finding.noise_class);
    if (!finding.seen_in.empty()) json["seen_in"] = finding.seen_in;
    if (finding.lexical) json["fingerprint_lexical"] = true;
    if (finding.followed_by > 0) json["followed_by"] = finding.followed_by;
    if (finding.downstream > 0) json["downstream"] = finding.downstream;
    if (finding.first.known()) json["first"] = utc_text(finding.first);
    if (finding.last.known()) json["last"] = utc_text(finding.last);
    if (finding.example) json["example"] = example_json(*finding.example);
    return json;
}

ordered_json findings_json(const std::vector<Finding>& findings) {
    ordered_json list = ordered_json::array();
    for (const Finding& finding : findings) list.push_back(finding_json(finding));
    return list;
}

ordered_json severities_json(const Report& report) {
    ordered_json json = ordered_json::object();
    for (std::size_t i = 0; i < kSeverities; ++i) {
        json[std::string(to_string(static_cast<Severity>(i)))] = report.findings_of(static_cast<Severity>(i));
    }
    return json;
}

ordered_json classes_json(const Report& report) {
    ordered_json json = ordered_json::object();
    for (const auto& [noise, count] : report.apart_by_class()) json[std::string(to_string(noise))] = count;
    return json;
}

ordered_json rules_json(const Report& report) {
    ordered_json list = ordered_json::array();
    for (const RuleUse& use : report.rules) {
        ordered_json json{{"id", fmt::format("line {}", use.rule.line)},
                          {"action", to_string(use.rule.action)},
                          {"reason", use.rule.reason},
                          {"owner", use.rule.owner},
                          {"state", use.state()},
                          {"count", use.count}};
        if (use.rule.expires.known()) json["expires"] = utc_text(use.rule.expires + Duration::nanoseconds(-1)).substr(0, 10);
        list.push_back(std::move(json));
    }
    return list;
}

ordered_json sessions_json(const Report& report) {
    ordered_json list = ordered_json::array();
    for (const SessionActivity& session : report.sessions) {
        ordered_json json{{"session", session_text(session.session)},
                          {"user", session.user},
                          {"application", session.application},
                          {"steps", session.steps},
                          {"differing", session.differing}};
        if (session.first.known()) json["first"] = utc_text(session.first);
        if (session.last.known()) json["last"] = utc_text(session.last);
        list.push_back(std::move(json));
    }
    return list;
}

ordered_json timeline_json(const Timeline& timeline) {
    if (!timeline.start.known()) return ordered_json::object();
    return {{"start", utc_text(timeline.start)},
            {"bucket_s", timeline.width.to_seconds()},
            {"steps", timeline.steps},
            {"differing", timeline.differing}};
}

ordered_json sections_json(const std::vector<Section>& sections) {
    ordered_json list = ordered_json::array();
    for (const Section& section : sections) {
        list.push_back({{"id", section.id},
                        {"title", section.title},
                        {"state", to_string(section.state)},
                        {"summary", section.summary},
                        {"lines", section.lines}});
    }
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

std::string to_json(const Report& report) {
    const Coverage& coverage = report.coverage;
    ordered_json inputs = ordered_json::array();
    for (const InputReport& input : report.inputs) inputs.push_back(input_json(input));
    ordered_json json{
        {"format_version", kReportFormatVersion},
        {"tool_version", UNDERSTUDY_VERSION},
        {"verdict", to_string(report.verdict)},
        {"severities", severities_json(report)},
        {"reasons", report.reasons},
        {"remarks", report.remarks},
        {"compared", coverage.compared},
        {"diverged", report.diverged},
        {"not_compared", coverage.not_compared},
        {"noise", report.noise},
        {"unconfirmed", report.unconfirmed},
        {"downstream", report.downstream},
        {"expected", report.expected},
        {"classes", classes_json(report)},
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
        {"findings", findings_json(report.findings)},
        {"noise_places", findings_json(report.noise_places)},
        {"unconfirmed_places", findings_json(report.unconfirmed_places)},
        {"downstream_places", findings_json(report.downstream_places)},
        {"expected_places", findings_json(report.expected_places)},
        {"rules", rules_json(report)},
        {"sessions", sessions_json(report)},
        {"timeline", timeline_json(report.timeline)},
        {"inputs", std::move(inputs)},
    };
    if (!report.title.empty()) json["title"] = report.title;
    if (!report.sections.empty()) json["sections"] = sections_json(report.sections);
    if (report.latency) json["latency"] = latency_json(*report.latency);
    // SQL may be of any encoding: what is not UTF-8 is replaced.
    return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace understudy::compare
