#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "schema/fidelity/difference.hpp"

namespace understudy::schema::fidelity {
namespace {

/// How much a measured fact may differ before it says anything.
enum class Tolerance : std::uint8_t { none, ten_points, twice };

struct FactRule {
    BytesView name;
    DifferenceClass what;
    BytesView attribute;
    Tolerance tolerance;
    BytesView meaning;  ///< what follows; empty: it says itself
};

constexpr std::array kRules{
    FactRule{"major version", DifferenceClass::gate, "major version", Tolerance::none,
             "functions, defaults, plans and texts of messages differ between major versions"},
    FactRule{"minor version", DifferenceClass::warning, "minor version", Tolerance::none,
             "bugs that one of them has, the other may not have"},
    FactRule{"collation version of the database", DifferenceClass::gate, "collation", Tolerance::none,
             "texts sort otherwise, and what compares them finds other rows"},
    FactRule{"standby", DifferenceClass::warning, "replication", Tolerance::none, "a standby takes no writes"},
    FactRule{"standbys", DifferenceClass::warning, "replication", Tolerance::none,
             "conflicts with standbys and what they hold back are not seen"},
    FactRule{"synchronous standbys", DifferenceClass::warning, "replication", Tolerance::none,
             "commits wait for them on one side only"},
    FactRule{"logical replication slots", DifferenceClass::warning, "replication", Tolerance::none,
             "what a migration does to logical replication is not seen"},
    FactRule{"enabled subscriptions", DifferenceClass::warning, "jobs that write", Tolerance::none,
             "rows change on one side without recorded traffic"},
    FactRule{"scheduled jobs", DifferenceClass::warning, "jobs that write", Tolerance::none,
             "rows change on one side without recorded traffic"},
    FactRule{"background workers", DifferenceClass::warning, "jobs that write", Tolerance::none,
             "they may change rows, or take locks, on one side only"},
    FactRule{"platform", DifferenceClass::latency, "hardware", Tolerance::none, {}},
    FactRule{"processors", DifferenceClass::latency, "hardware", Tolerance::none, {}},
    FactRule{"memory, MiB", DifferenceClass::latency, "hardware", Tolerance::ten_points, {}},
    FactRule{"block size", DifferenceClass::latency, "storage", Tolerance::none, {}},
    FactRule{"read time of a block, ms", DifferenceClass::latency, "storage", Tolerance::twice, {}},
    FactRule{"blocks found in the cache, %", DifferenceClass::latency, "cache", Tolerance::ten_points, {}},
};

constexpr BytesView kCollationPrefix = "collation version of ";
constexpr FactRule kCollation{kCollationPrefix, DifferenceClass::gate, "collation", Tolerance::none,
                              "texts sort otherwise, and what compares them finds other rows"};

const FactRule* rule_of(BytesView name) {
    for (const FactRule& rule : kRules) {
        if (rule.name == name) return &rule;
    }
    return name.starts_with(kCollationPrefix) ? &kCollation : nullptr;
}

std::optional<double> number(BytesView text) {
    double value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

bool same(const Bytes& a, const Bytes& b, Tolerance tolerance) {
    if (a == b) return true;
    const auto x = number(a);
    const auto y = number(b);
    if (tolerance == Tolerance::none || !x || !y) return false;
    if (tolerance == Tolerance::twice) return std::max(*x, *y) <= 2 * std::min(*x, *y);
    // Of a share, percentage points; of an amount, per cent.
    return std::abs(*x - *y) <= std::max(10.0, 0.1 * std::max(std::abs(*x), std::abs(*y)));
}

}  // namespace

void compare_facts(const Environment& production, const Environment& staging, DifferenceList& out) {
    const Bytes* major_a = production.fact("major version");
    const Bytes* major_b = staging.fact("major version");
    const bool same_major = major_a != nullptr && major_b != nullptr && *major_a == *major_b;
    const auto both = [&](const Fact& a, const Fact& b) {
        const FactRule* rule = rule_of(a.name);
        if (rule == nullptr || (a.name == "minor version" && !same_major)) return;
        out.count_compared();
        if (same(a.value, b.value, rule->tolerance)) return;
        Bytes text = fmt::format("{}: {} in production, {} on staging", a.name, a.value.empty() ? "none" : a.value,
                                 b.value.empty() ? "none" : b.value);
        if (!rule->meaning.empty()) text += fmt::format(": {}", rule->meaning);
        out.add(rule->what, Bytes(rule->attribute), a.name, a.value, b.value, std::move(text));
    };
    const auto one_side = [&](const Fact& fact, BytesView missing_on) {
        if (rule_of(fact.name) != nullptr) out.not_known(fact.name, fmt::format("{} does not tell", missing_on));
    };
    walk(
        production.facts, staging.facts, [](const Fact& fact) { return fact.name; }, both,
        [&](const Fact& fact) { one_side(fact, "staging"); }, [&](const Fact& fact) { one_side(fact, "production"); });
}

}  // namespace understudy::schema::fidelity
