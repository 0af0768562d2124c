#include "replay/remap/remap_report.hpp"

#include <fmt/format.h>

namespace understudy::replay {

std::map<std::string, std::uint64_t> RemapReport::counters() const {
    std::map<std::string, std::uint64_t> counters;
    const auto put = [&](const std::string& name, std::uint64_t value) {
        if (value > 0) counters["remap." + name] = value;
    };
    for (const auto& [name, counts] : domains) {
        put("learned." + name, counts.learned);
        put("changed." + name, counts.changed);
        put("equal." + name, counts.equal);
        put("unknown." + name, counts.unknown);
        put("unmapped." + name, counts.unmapped);
        put("unfit." + name, counts.unfit);
    }
    put("ambiguous_values", ambiguous_values);
    put("unparsed_statements", unparsed_statements);
    put("unordered_results", unordered_results);
    put("unpaired_results", unpaired_results);
    put("uncommitted_values", uncommitted_values);
    put("refused_values", refused_values);
    put("held_responses", held_responses);
    return counters;
}

std::string RemapReport::summary() const {
    DomainCounts all;
    std::string missing;
    for (const auto& [name, counts] : domains) {
        all.learned += counts.learned;
        all.changed += counts.changed;
        all.equal += counts.equal;
        all.unknown += counts.unknown;
        const std::uint64_t left = counts.unmapped + counts.unfit;
        if (left > 0) missing += fmt::format("{}{} of {}", missing.empty() ? "" : ", ", left, name);
    }
    if (all.learned + all.changed + all.equal + all.unknown == 0) return {};
    std::string text = fmt::format(
        "generated values: {} learned; sent {} as the target's, {} that are the same there, "
        "{} not generated in the capture\n",
        all.learned, all.changed, all.equal, all.unknown);
    if (!missing.empty()) text += fmt::format("  not mapped, so sent as recorded: {}\n", missing);
    if (refused_values > 0) text += fmt::format("  {} values were not learned: the map is full\n", refused_values);
    return text;
}

RemapReport RemapCounts::report(const IdentityDomains& domains) const {
    RemapReport report;
    for (DomainId domain = 1; domain <= domains.size(); ++domain) {
        const Domain& from = domains_[domain - 1];
        const DomainCounts counts{from.learned, from.changed, from.equal, from.unknown, from.unmapped, from.unfit};
        if (counts != DomainCounts{}) report.domains[domains.name(domain)] = counts;
    }
    report.ambiguous_values = ambiguous_values;
    report.unparsed_statements = unparsed_statements;
    report.unordered_results = unordered_results;
    report.unpaired_results = unpaired_results;
    report.uncommitted_values = uncommitted_values;
    report.refused_values = refused_values;
    report.held_responses = held_responses;
    return report;
}

}  // namespace understudy::replay
