#include "compare/rules/apply_rules.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace understudy::compare {
namespace {

bool is(const std::string& pattern, std::string_view text) { return pattern.empty() || pattern == text; }

std::string why(const Rule& rule) {
    std::string text = fmt::format("a rule says so: {}", rule.reason);
    if (!rule.owner.empty()) text += fmt::format(" ({})", rule.owner);
    return text;
}

}  // namespace

bool matches(const Rule& rule, const Finding& finding) {
    switch (rule.action) {
        case RuleAction::expected:
            return is(rule.finding, finding.id) && is(rule.fingerprint, finding.fingerprint) &&
                   is(rule.kind, to_string(finding.kind)) && is(rule.place, finding.place) &&
                   is(rule.sqlstate, finding.sqlstate);
        case RuleAction::ignore:
            return is(rule.fingerprint, finding.fingerprint) && rule.place == finding.place &&
                   finding.kind == DivergenceKind::value;
        case RuleAction::tolerance: return false;
    }
    return false;
}

void apply_rules(const std::vector<Rule>& rules, const std::vector<std::uint64_t>& tolerated, Timestamp now,
                 Report& report) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
        report.rules.push_back({rules[i], rules[i].expired(now), i < tolerated.size() ? tolerated[i] : 0});
    }
    for (auto* places : {&report.findings, &report.unconfirmed_places}) {
        std::erase_if(*places, [&](Finding& finding) {
            const auto use = std::find_if(report.rules.begin(), report.rules.end(), [&](const RuleUse& one) {
                return !one.expired && matches(one.rule, finding);
            });
            if (use == report.rules.end()) return false;
            use->count += finding.count;
            finding.why = why(use->rule);
            report.expected_places.push_back(std::move(finding));
            return true;
        });
    }
}

}  // namespace understudy::compare
