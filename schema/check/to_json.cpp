#include <nlohmann/json.hpp>

#include "schema/check/check_report.hpp"
#include "schema/check/text_format.hpp"

namespace understudy::schema {
namespace {

using Json = nlohmann::ordered_json;

Json reasons_json(const Reasons& reasons) {
    Json json = Json::object();
    for (const auto& [reason, count] : reasons) json[std::string(reason)] = count;
    return json;
}

Json finding_json(const Finding& finding) {
    Json json;
    json["kind"] = to_string(finding.kind);
    json["severity"] = to_string(severity_of(finding.kind));
    json["statement"] = finding.statement;
    json["fingerprint"] = finding.fingerprint.hex();
    if (!finding.sqlstate.empty()) json["sqlstate"] = finding.sqlstate;
    json["message"] = finding.message;
    if (!finding.hint.empty()) json["hint"] = finding.hint;
    json["explanation"] = explanation(finding.kind);
    json["place"] = finding.place;
    if (finding.position > 0) json["position"] = finding.position;
    json["cause"] = finding.cause;
    json["baseline"] = finding.baseline;
    json["candidate"] = finding.candidate;
    json["count"] = finding.count;
    json["variants"] = finding.variants;
    json["users"] = finding.users;
    json["first"] = utc_text(finding.first);
    json["last"] = utc_text(finding.last);
    json["example"] = finding.example;
    return json;
}

Json findings_json(const std::vector<Finding>& findings) {
    Json json = Json::array();
    for (const Finding& finding : findings) json.push_back(finding_json(finding));
    return json;
}

Json predicted_json(const std::vector<PredictedFinding>& findings) {
    Json json = Json::array();
    for (const PredictedFinding& finding : findings) {
        Json one;
        one["kind"] = finding.prediction.kind;
        one["severity"] = to_string(finding.prediction.severity);
        one["statement"] = finding.statement;
        one["fingerprint"] = finding.fingerprint.hex();
        if (!finding.prediction.sqlstate.empty()) one["sqlstate"] = finding.prediction.sqlstate;
        one["object"] = finding.prediction.object;
        one["reason"] = finding.prediction.reason;
        one["count"] = finding.count;
        one["variants"] = finding.variants;
        one["users"] = finding.users;
        one["first"] = utc_text(finding.first);
        one["last"] = utc_text(finding.last);
        json.push_back(std::move(one));
    }
    return json;
}

Json migration_json(const MigrationOutcome& outcome) {
    Json json;
    json["files"] = outcome.files;
    json["statements"] = outcome.statements;
    json["failed"] = outcome.failed;
    if (outcome.failed) {
        json["place"] = outcome.place;
        json["statement"] = outcome.statement;
        json["sqlstate"] = outcome.sqlstate;
        json["message"] = outcome.message;
    }
    return json;
}

Json bodies_json(const BodyCheck& bodies) {
    return {{"routines", bodies.routines}, {"checked", bodies.checked}, {"not_checked", reasons_json(bodies.not_checked)}};
}

Json server_json(const std::string& name, const Bytes& version) { return {{"connection", name}, {"version", version}}; }

}  // namespace

std::string to_json(const CheckReport& report) {
    Json json;
    json["format_version"] = kCheckFormatVersion;
    json["verdict"] = to_string(report.verdict);
    json["checked"] = report.checked;
    json["coverage"] = report.coverage();
    json["min_coverage"] = report.min_coverage;
    json["executions"] = report.executions;
    json["seconds"] = report.duration.to_seconds();
    json["baseline"] = server_json(report.baseline, report.baseline_version);
    json["candidate"] = server_json(report.candidate, report.candidate_version);
    json["findings"] = findings_json(report.findings);
    json["information"] = findings_json(report.information);
    json["predicted"] = predicted_json(report.predicted);
    json["possible"] = predicted_json(report.possible);
    json["predictions_made"] = report.predictions_made;
    json["bodies"] = bodies_json(report.bodies);
    if (report.migration) json["migration"] = migration_json(*report.migration);
    json["roles_not_assumed"] = report.roles_not_assumed;
    json["notes"] = report.notes;
    json["failed_alike"] = report.failed_alike;
    json["not_checked"] = reasons_json(report.not_checked);
    json["nothing_to_check"] = reasons_json(report.nothing_to_check);
    json["unknown_executions"] = report.unknown_executions;
    json["unreadable_exchanges"] = report.unreadable_exchanges;
    json["other_database_sessions"] = report.other_databases;
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace understudy::schema
