#include <fmt/format.h>

#include <algorithm>

#include "schema/check/text_format.hpp"
#include "schema/hazard/hazard.hpp"
#include "schema/hazard/sentences.hpp"

namespace understudy::schema::hazard {
namespace {

std::string headline(const HazardReport& report) {
    std::string counts;
    for (const HazardSeverity severity :
         {HazardSeverity::breaks, HazardSeverity::stalls, HazardSeverity::waits, HazardSeverity::notice}) {
        const auto count = std::count_if(report.hazards.begin(), report.hazards.end(),
                                         [&](const Hazard& hazard) { return hazard.severity == severity; });
        if (count > 0) counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", count, to_string(severity));
    }
    if (counts.empty()) counts = "none";
    return fmt::format("{}: {} statement{}, hazards: {}\n", report.findings() ? "FINDINGS" : "PASSED",
                       report.statements, report.statements == 1 ? "" : "s", counts);
}

std::string ground(const HazardReport& report) {
    std::string text = report.server_major == 0
                           ? "  server   none asked: sizes are unknown, the heavier case is assumed\n"
                           : fmt::format("  server   PostgreSQL {}\n", report.server_major);
    if (report.traffic_span > Duration()) {
        text +=
            fmt::format("  traffic  {} calls in {}", count_text(report.traffic_calls), time_text(report.traffic_span));
        if (report.traffic_unjudged > 0)
            text += fmt::format(", and {} of which no table is known", count_text(report.traffic_unjudged));
        return text + "\n";
    }
    return text + "  traffic  no capture given: who waits is not known\n";
}

}  // namespace

std::string to_text(const HazardReport& report) {
    std::string text = headline(report) + ground(report);
    std::string place;
    for (const Hazard& hazard : report.hazards) {
        const std::string here = fmt::format("{}:{}", printable(hazard.file), hazard.line);
        if (here != place) text += fmt::format("\n{}\n", here);
        place = here;
        text += fmt::format("  {}: {}  [{}]\n", to_string(hazard.severity), printable(hazard.message),
                            to_string(hazard.kind));
        if (!hazard.advice.empty()) text += fmt::format("    safer: {}\n", printable(hazard.advice));
    }
    text += "\n";
    if (report.unknown > 0) text += fmt::format("Not understood, so not judged: {} statement(s)\n", report.unknown);
    if (report.not_looked_into > 0) text += fmt::format("DO and CALL, not looked into: {}\n", report.not_looked_into);
    if (report.beyond_limit > 0) text += fmt::format("... and {} hazards more than are kept\n", report.beyond_limit);
    return text + "Judged from the text. What triggers, functions and event triggers do is not seen.\n";
}

}  // namespace understudy::schema::hazard
