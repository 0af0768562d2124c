#include <nlohmann/json.hpp>

#include "schema/hazard/hazard.hpp"
#include "schema/hazard/sentences.hpp"

namespace understudy::schema::hazard {
namespace {

using Json = nlohmann::ordered_json;

Json hazard_json(const Hazard& hazard) {
    Json json;
    json["kind"] = to_string(hazard.kind);
    json["severity"] = to_string(hazard.severity);
    json["file"] = hazard.file;
    json["line"] = hazard.line;
    json["statement"] = hazard.statement + 1;
    if (!hazard.relation.name.empty()) json["relation"] = name_text(hazard.relation);
    if (hazard.lock != sql::TableLock::none) json["lock"] = to_string(hazard.lock);
    if (hazard.work != TableWork::none) json["work"] = to_string(hazard.work);
    json["certain"] = hazard.certain;
    if (hazard.bytes > 0) json["bytes"] = hazard.bytes;
    if (hazard.rows >= 0) json["rows"] = hazard.rows;
    if (hazard.calls_waiting > 0) json["calls_waiting_per_second"] = hazard.calls_waiting;
    if (hazard.longest_transaction > Duration()) {
        json["longest_transaction_seconds"] = hazard.longest_transaction.to_seconds();
    }
    if (!hazard.sqlstate.empty()) json["sqlstate"] = hazard.sqlstate;
    json["message"] = hazard.message;
    if (!hazard.advice.empty()) json["advice"] = hazard.advice;
    return json;
}

}  // namespace

std::string to_json(const HazardReport& report) {
    Json json;
    json["format_version"] = kHazardFormatVersion;
    json["verdict"] = report.findings() ? "findings" : "passed";
    json["statements"] = report.statements;
    json["unknown_statements"] = report.unknown;
    json["not_looked_into"] = report.not_looked_into;
    json["hazards_beyond_limit"] = report.beyond_limit;
    json["server_major"] = report.server_major;
    json["traffic_seconds"] = report.traffic_span.to_seconds();
    json["traffic_calls"] = report.traffic_calls;
    json["traffic_calls_of_unknown_tables"] = report.traffic_unjudged;
    json["hazards"] = Json::array();
    for (const Hazard& hazard : report.hazards) json["hazards"].push_back(hazard_json(hazard));
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace understudy::schema::hazard
