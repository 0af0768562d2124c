#include "compare/part/comparison_part.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "compare/report/build_report.hpp"

namespace understudy::compare {
namespace {

void add_notes(CaptureNotes& into, const CaptureNotes& other) {
    into.events += other.events;
    into.exchanges += other.exchanges;
    into.gaps += other.gaps;
    into.gap_bytes += other.gap_bytes;
    into.impersonated += other.impersonated;
    into.dropped_steps += other.dropped_steps;
    for (const auto& [name, count] : other.losses) into.losses[name] += count;
}

Result<void> add_inputs(std::vector<InputReport>& into, const std::vector<InputReport>& other) {
    const bool same = std::equal(into.begin(), into.end(), other.begin(), other.end(),
                                 [](const auto& a, const auto& b) { return a.side == b.side && a.header == b.header; });
    if (!same) {
        return make_error(Errc::usage, "these parts are not of one comparison: they were made from different captures");
    }
    // Each read the whole file, so each met all of its damage.
    for (std::size_t i = 0; i < into.size(); ++i) add_notes(into[i].notes, other[i].notes);
    return {};
}

}  // namespace

std::string tolerances_of(const std::vector<Rule>& rules) {
    std::string text;
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const Rule& rule = rules[i];
        if (rule.action != RuleAction::tolerance) continue;
        text += fmt::format("{} {} {} {} {} {}\n", i, rule.fingerprint, rule.place, rule.absolute, rule.relative,
                            rule.expires.ns());
    }
    return text;
}

Result<void> ComparisonPart::add(ComparisonPart&& other) {
    for (const SessionPart& part : other.parts) {
        if (!parts.empty() && part.of != parts.front().of) {
            return make_error(Errc::usage,
                              fmt::format("part {}/{} is not one of {} parts", part.index, part.of, parts.front().of));
        }
        if (std::find(parts.begin(), parts.end(), part) != parts.end()) {
            return make_error(Errc::usage, fmt::format("part {}/{} was given twice", part.index, part.of));
        }
    }
    if (tolerances != other.tolerances) {
        return make_error(Errc::usage,
                          "the parts were compared with different tolerances in their rules: compare them again with "
                          "one understudy.yaml");
    }
    UNDERSTUDY_CHECK(add_inputs(inputs, other.inputs));
    parts.insert(parts.end(), other.parts.begin(), other.parts.end());
    std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
    seen.add(std::move(other.seen));
    return {};
}

std::string ComparisonPart::missing() const {
    std::string text;
    const std::uint32_t of = parts.empty() ? 1 : parts.front().of;
    for (std::uint32_t index = 1; index <= of; ++index) {
        if (std::find(parts.begin(), parts.end(), SessionPart{index, of}) != parts.end()) continue;
        text += fmt::format("{}{}/{}", text.empty() ? "" : ", ", index, of);
    }
    return text;
}

Report report_of(const ComparisonPart& whole, const ReportOptions& options) {
    Blame blame;
    if (options.schema_changes) {
        blame = Blame(*options.schema_changes);
    } else if (whole.before && whole.after) {
        blame = Blame(*whole.before, *whole.after);
    }
    return build_report(whole.seen, blame, whole.inputs, options);
}

}  // namespace understudy::compare
