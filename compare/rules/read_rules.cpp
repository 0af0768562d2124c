#include "compare/rules/read_rules.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

namespace understudy::compare {
namespace {

class Reader {
public:
    explicit Reader(const std::string& name) : name_(name) {}

    Result<RuleSet> read(const YAML::Node& root) {
        RuleSet set;
        if (!root || root.IsNull()) return set;
        if (!root.IsMap()) return wrong(root, "this is not a file of sections (compare: …)");
        const YAML::Node section = root["compare"];
        if (!section || section.IsNull()) return set;
        UNDERSTUDY_CHECK(only_keys(section, {"min_coverage", "fail_on", "expected", "ignore", "tolerances"}));
        if (const YAML::Node value = section["min_coverage"]) {
            UNDERSTUDY_TRY(set.min_coverage, number(value, 0, 100));
        }
        if (const YAML::Node value = section["fail_on"]) {
            UNDERSTUDY_TRY(set.fail_on, severity(value));
        }
        UNDERSTUDY_CHECK(list(section["expected"], RuleAction::expected, set));
        UNDERSTUDY_CHECK(list(section["ignore"], RuleAction::ignore, set));
        UNDERSTUDY_CHECK(list(section["tolerances"], RuleAction::tolerance, set));
        return set;
    }

private:
    [[nodiscard]] Error wrong(const YAML::Node& at, const std::string& what) const {
        return make_error(Errc::malformed, fmt::format("{}:{}: {}", name_, at.Mark().line + 1, what));
    }

    Result<void> only_keys(const YAML::Node& map, const std::vector<std::string_view>& keys) const {
        if (!map.IsMap()) return wrong(map, "a list of keys and values is needed here");
        for (const auto& entry : map) {
            const std::string& key = entry.first.Scalar();
            if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
            return wrong(entry.first, fmt::format("\"{}\" is not known here; known are {}", key, fmt::join(keys, ", ")));
        }
        return {};
    }

    Result<double> number(const YAML::Node& node, double least, double most) const {
        const std::string& text = node.IsScalar() ? node.Scalar() : std::string();
        double value = 0;
        const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
        if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || !std::isfinite(value) ||
            value < least || value > most) {
            return wrong(node, fmt::format("a number from {} to {} is needed here", least, most));
        }
        return value;
    }

    Result<Severity> severity(const YAML::Node& node) const {
        for (std::size_t i = 0; i < kSeverities; ++i) {
            const auto one = static_cast<Severity>(i);
            if (node.IsScalar() && node.Scalar() == to_string(one)) return one;
        }
        return wrong(node, "breaking, wrong answer, risky or cosmetic is needed here");
    }

    Result<void> text(const YAML::Node& map, const char* key, std::string& out) const {
        const YAML::Node node = map[key];
        if (!node) return {};
        if (!node.IsScalar()) return wrong(node, fmt::format("{} is one text", key));
        out = node.Scalar();
        return {};
    }

    Result<void> list(const YAML::Node& node, RuleAction action, RuleSet& set) const {
        if (!node || node.IsNull()) return {};
        if (!node.IsSequence()) return wrong(node, fmt::format("{} is a list: begin each entry with \"- \"", to_string(action)));
        for (const YAML::Node& entry : node) {
            if (set.rules.size() >= kMaxRules) return wrong(entry, fmt::format("more than {} rules", kMaxRules));
            UNDERSTUDY_TRY(auto rule, one(entry, action));
            set.rules.push_back(std::move(rule));
        }
        return {};
    }

    Result<Rule> one(const YAML::Node& node, RuleAction action) const {
        Rule rule;
        rule.action = action;
        rule.line = node.Mark().line + 1;
        switch (action) {
            case RuleAction::expected:
                UNDERSTUDY_CHECK(only_keys(node, {"finding", "fingerprint", "kind", "place", "sqlstate", "reason", "owner",
                                                  "expires"}));
                break;
            case RuleAction::ignore:
                UNDERSTUDY_CHECK(only_keys(node, {"column", "fingerprint", "reason", "owner", "expires"}));
                break;
            case RuleAction::tolerance:
                UNDERSTUDY_CHECK(only_keys(node, {"column", "fingerprint", "absolute", "relative", "reason", "owner",
                                                  "expires"}));
                break;
        }
        UNDERSTUDY_CHECK(text(node, "finding", rule.finding));
        UNDERSTUDY_CHECK(text(node, "fingerprint", rule.fingerprint));
        UNDERSTUDY_CHECK(text(node, "kind", rule.kind));
        UNDERSTUDY_CHECK(text(node, "place", rule.place));
        UNDERSTUDY_CHECK(text(node, "sqlstate", rule.sqlstate));
        UNDERSTUDY_CHECK(text(node, "reason", rule.reason));
        UNDERSTUDY_CHECK(text(node, "owner", rule.owner));
        if (const YAML::Node value = node["absolute"]) {
            UNDERSTUDY_TRY(rule.absolute, number(value, 0, 1e18));
        }
        if (const YAML::Node value = node["relative"]) {
            UNDERSTUDY_TRY(rule.relative, number(value, 0, 1));
        }
        if (node["column"]) {
            UNDERSTUDY_CHECK(text(node, "column", rule.place));
            rule.place = "column " + rule.place;
        }
        if (const YAML::Node value = node["expires"]) {
            const auto day = parse_day(value.IsScalar() ? value.Scalar() : std::string());
            if (!day) return wrong(value, day.error().message);
            rule.expires = *day;
        }
        UNDERSTUDY_CHECK(complete(node, rule));
        return rule;
    }

    /// An excuse needs a reason, somebody to ask, and an end.
    Result<void> complete(const YAML::Node& node, const Rule& rule) const {
        if (rule.reason.empty()) return wrong(node, "this rule needs a reason: why may that differ?");
        const bool any = rule.finding.empty() && rule.fingerprint.empty() && rule.place.empty() && rule.sqlstate.empty();
        if (any) return wrong(node, "this rule would excuse everything: say a finding, fingerprint, place or column");
        if (rule.action == RuleAction::expected) {
            if (rule.owner.empty()) return wrong(node, "this rule needs an owner: whom to ask about it?");
            if (!rule.expires.known()) return wrong(node, "this rule needs a day on which it expires (expires: 2027-01-31)");
        }
        if (rule.action == RuleAction::tolerance && rule.absolute == 0 && rule.relative == 0) {
            return wrong(node, "a tolerance needs absolute or relative");
        }
        return known_names(node, rule);
    }

    Result<void> known_names(const YAML::Node& node, const Rule& rule) const {
        bool known = rule.kind.empty();
        for (std::size_t i = 0; i < kDivergenceKinds; ++i) {
            known = known || rule.kind == to_string(static_cast<DivergenceKind>(i));
        }
        if (!known) return wrong(node, fmt::format("\"{}\" is no kind of difference (docs/report.md)", rule.kind));
        return {};
    }

    const std::string& name_;
};

}  // namespace

std::string_view to_string(RuleAction action) {
    switch (action) {
        case RuleAction::expected: return "expected";
        case RuleAction::ignore: return "ignore";
        case RuleAction::tolerance: return "tolerances";
    }
    return "unknown";
}

Result<Timestamp> parse_day(const std::string& text) {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    const char* const end = text.data() + text.size();
    const auto shape = text.size() == 10 && text[4] == '-' && text[7] == '-';
    if (shape && std::from_chars(text.data(), text.data() + 4, year).ptr == text.data() + 4 &&
        std::from_chars(text.data() + 5, text.data() + 7, month).ptr == text.data() + 7 &&
        std::from_chars(text.data() + 8, end, day).ptr == end) {
        const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
        if (date.ok() && year >= 1971 && year < 2200) {
            const auto next = std::chrono::sys_days(date) + std::chrono::days(1);
            return Timestamp::from_ns(std::chrono::duration_cast<std::chrono::nanoseconds>(next.time_since_epoch()).count());
        }
    }
    return make_error(Errc::malformed, fmt::format("\"{}\" is no day; write it as 2027-01-31", text));
}

Result<RuleSet> read_rules(const std::string& yaml, const std::string& name) {
    if (yaml.size() > kMaxRulesBytes) return make_error(Errc::malformed, fmt::format("{} is larger than 1 MiB", name));
    try {
        return Reader(name).read(YAML::Load(yaml));
    } catch (const YAML::Exception& error) {
        return make_error(Errc::malformed, fmt::format("{}:{}: {}", name, error.mark.line + 1, error.msg));
    }
}

}  // namespace understudy::compare
