#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "compare/report/plain_text.hpp"
#include "compare/report/writers.hpp"

namespace understudy::compare {
namespace {

using nlohmann::ordered_json;

const char* level_of(Severity severity) {
    switch (severity) {
        case Severity::breaking:
        case Severity::wrong_answer: return "error";
        case Severity::risky: return "warning";
        case Severity::cosmetic: return "note";
    }
    return "warning";
}

ordered_json rules_json(const Report& report) {
    std::set<DivergenceKind> kinds;
    ordered_json rules = ordered_json::array();
    for (const Finding& finding : report.findings) {
        if (!kinds.insert(finding.kind).second) continue;
        std::string words(to_string(finding.kind));
        for (char& c : words) c = c == '_' ? ' ' : c;
        rules.push_back({{"id", to_string(finding.kind)},
                         {"name", to_string(finding.kind)},
                         {"shortDescription", {{"text", "The candidate's answer differs: " + words + "."}}},
                         {"defaultConfiguration", {{"level", level_of(finding.severity)}}}});
    }
    return rules;
}

/// A path as a URI reference (RFC 3986): all but unreserved characters and the slash by number.
std::string uri_of(const std::string& path) {
    std::string uri;
    for (const char c : path) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           std::string_view("-._~/").find(c) != std::string_view::npos;
        uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return uri;
}

ordered_json location_json(const Report& report, const Finding& finding) {
    ordered_json location;
    if (finding.migration_line && !report.migration.empty()) {
        location["physicalLocation"] = {{"artifactLocation", {{"uri", uri_of(report.migration)}}},
                                        {"region", {{"startLine", *finding.migration_line}}}};
    } else if (!report.migration.empty()) {
        location["physicalLocation"] = {{"artifactLocation", {{"uri", uri_of(report.migration)}}}};
    }
    location["logicalLocations"] = {
        {{"name", finding.fingerprint}, {"fullyQualifiedName", finding.statement}, {"kind", "function"}}};
    return location;
}

ordered_json result_json(const Report& report, const Finding& finding) {
    return {{"ruleId", to_string(finding.kind)},
            {"level", level_of(finding.severity)},
            {"message", {{"text", finding.explanation + "\n" + finding.statement + "\n" + finding_reach(finding)}}},
            {"locations", {location_json(report, finding)}},
            {"partialFingerprints", {{"understudy/v1", finding.id}}},
            {"occurrenceCount", finding.count},
            {"properties", {{"cause", to_string(finding.cause)}, {"severity", to_string(finding.severity)}}}};
}

}  // namespace

std::string to_sarif(const Report& report) {
    ordered_json results = ordered_json::array();
    for (const Finding& finding : report.findings) results.push_back(result_json(report, finding));
    ordered_json notes = ordered_json::array();
    for (const std::string& reason : report.reasons) {
        notes.push_back({{"level", report.verdict == ReportVerdict::inconclusive ? "error" : "note"},
                         {"message", {{"text", reason}}}});
    }
    for (const Section& section : report.sections) {
        const bool quiet = section.state == SectionState::passed || section.state == SectionState::skipped;
        notes.push_back(
            {{"level", quiet ? "note" : "error"}, {"message", {{"text", section.title + ": " + section.summary}}}});
    }
    const ordered_json invocation{{"executionSuccessful", report.verdict != ReportVerdict::inconclusive},
                                  {"toolExecutionNotifications", std::move(notes)}};
    const ordered_json json{
        {"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
        {"version", "2.1.0"},
        {"runs",
         {{{"tool",
            {{"driver", {{"name", "Understudy"}, {"version", UNDERSTUDY_VERSION}, {"rules", rules_json(report)}}}}},
           {"columnKind", "unicodeCodePoints"},
           {"invocations", {invocation}},
           {"results", std::move(results)},
           {"properties", {{"verdict", to_string(report.verdict)}}}}}}};
    return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace understudy::compare
