#include "schema/check/check_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "core/catalog/catalog.hpp"
#include "core/pgwire/value.hpp"
#include "core/sql/lexer.hpp"
#include "core/sql/literal_text.hpp"
#include "schema/check/checkable.hpp"
#include "schema/check/server_trouble.hpp"

namespace understudy::schema {
namespace {

std::string_view cause_of(BytesView sqlstate) {
    if (sqlstate == "42501") return "privilege";
    return sqlstate.starts_with("22") ? "data" : "schema";
}

/// The types of a PREPARE; trailing ones may be left out, unknown ones are inferred.
Bytes declared_types(const RecordedStatement& statement, const RecordedStatements& recorded) {
    Bytes list;
    for (const std::uint32_t oid : statement.parameter_types) {
        list += list.empty() ? " (" : ", ";
        const auto user_type = recorded.declared_types.find(oid);
        if (user_type != recorded.declared_types.end()) {
            list += catalog::quoted_if_needed(user_type->second.schema) + "." +
                    catalog::quoted_if_needed(user_type->second.name);
        } else {
            const BytesView builtin = pgwire::builtin_type_name(oid);
            list += builtin.empty() ? BytesView("unknown") : builtin;
        }
    }
    return list.empty() ? list : list + ")";
}

/// What can be pasted into psql: PREPARE does what a Parse does. Other statements than queries cannot be
/// prepared in SQL.
Bytes example_of(const CheckPlan::Item& item, const RecordedStatements& recorded) {
    const RecordedStatement& statement = recorded.statements[item.statement];
    Bytes example;
    if (statement.search_path) {
        example =
            fmt::format("SELECT set_config('search_path', {}, false);\n", sql::quote_literal(*statement.search_path));
    }
    for (const Bytes& temp : statement.temps) example += temp + ";\n";
    const Bytes word = sql::first_word(item.sql);
    for (const BytesView preparable :
         {"select", "insert", "update", "delete", "merge", "with", "values", "table", ""}) {
        if (word == preparable) example += "PREPARE understudy_check" + declared_types(statement, recorded) + " AS\n";
    }
    return example + item.sql + ";";
}

Bytes in_words(const Difference& difference) {
    switch (difference.kind) {
        case DifferenceKind::error_appeared:
        case DifferenceKind::error_disappeared:
        case DifferenceKind::error_changed: return {};
        case DifferenceKind::parameter_types:
            return fmt::format("parameter {} is {} instead of {}", difference.place, difference.candidate,
                               difference.baseline);
        case DifferenceKind::column_added:
            return fmt::format("column \"{}\" ({}) is added to the result", difference.place, difference.candidate);
        case DifferenceKind::column_removed:
            return fmt::format("column \"{}\" ({}) is gone from the result", difference.place, difference.baseline);
        case DifferenceKind::column_renamed:
            return fmt::format("column \"{}\" of the result is now called \"{}\"", difference.baseline,
                               difference.candidate);
        case DifferenceKind::column_retyped:
        case DifferenceKind::type_modifier:
            return fmt::format("column \"{}\" of the result is {} instead of {}", difference.place,
                               difference.candidate, difference.baseline);
        case DifferenceKind::column_order:
            return fmt::format("the columns come as {} instead of {}", difference.candidate, difference.baseline);
    }
    return {};
}

/// Folds differences into findings.
class Grouping {
public:
    explicit Grouping(const RecordedStatements& recorded) : recorded_(recorded) {}

    void add(const CheckPlan::Item& item, const Difference& difference, const Description& baseline,
             const Description& candidate) {
        const RecordedStatement& statement = recorded_.statements[item.statement];
        const Key key(statement.fingerprint.value, statement.fingerprint.lexical, difference.kind, difference.place,
                      difference.baseline, difference.candidate);
        auto [found, added] = findings_.try_emplace(key);
        Finding& finding = found->second;
        if (added) begin(finding, item, difference, candidate.refusal ? candidate.refusal : baseline.refusal);
        finding.count += statement.executions;
        ++finding.variants;
        if (!statement.user.empty()) finding.users.insert(statement.user);
        finding.first = std::min(finding.first, statement.first);
        finding.last = std::max(finding.last, statement.last);
    }

    void finish(CheckReport& report) {
        for (auto& [key, finding] : findings_) {
            const bool only_information = severity_of(finding.kind) == Severity::information;
            (only_information ? report.information : report.findings).push_back(std::move(finding));
        }
        const auto rank = [](const Finding& f) {
            return std::tuple(severity_of(f.kind), f.kind != DifferenceKind::error_appeared, ~f.count,
                              f.fingerprint.value);
        };
        const auto worse = [&](const Finding& a, const Finding& b) { return rank(a) < rank(b); };
        std::stable_sort(report.findings.begin(), report.findings.end(), worse);
        std::stable_sort(report.information.begin(), report.information.end(), worse);
    }

private:
    using Key = std::tuple<std::uint64_t, bool, DifferenceKind, Bytes, Bytes, Bytes>;

    void begin(Finding& finding, const CheckPlan::Item& item, const Difference& difference,
               const std::optional<Refusal>& refusal) const {
        const RecordedStatement& statement = recorded_.statements[item.statement];
        finding.kind = difference.kind;
        finding.statement = sql::normalise(statement.sql);
        finding.fingerprint = statement.fingerprint;
        finding.place = difference.place;
        finding.baseline = difference.baseline;
        finding.candidate = difference.candidate;
        finding.message = in_words(difference);
        finding.cause = "schema";
        if (refusal) {
            finding.sqlstate = refusal->sqlstate;
            finding.message = refusal->message;
            finding.hint = refusal->hint;
            finding.position = refusal->position;
            finding.cause = cause_of(refusal->sqlstate);
        }
        finding.first = statement.first;
        finding.last = statement.last;
        finding.checked_sql = item.sql;
        finding.example = example_of(item, recorded_);
    }

    const RecordedStatements& recorded_;
    std::map<Key, Finding> findings_;
};

/// Differences of planning, each SQLSTATE once a statement.
void compare_plans(const std::vector<std::optional<Refusal>>& before, const std::vector<std::optional<Refusal>>& after,
                   const CheckPlan::Item& item, Grouping& grouping) {
    const TypeNames baseline_types;
    std::set<Bytes> told;
    for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
        const Description a{before[i], {}, {}};
        const Description b{after[i], {}, {}};
        if (is_trouble(a.refusal) || is_trouble(b.refusal)) continue;
        for (const Difference& difference : differences({a, baseline_types}, {b, baseline_types})) {
            const Refusal& refusal = b.refusal ? *b.refusal : *a.refusal;
            if (told.insert(refusal.sqlstate).second) grouping.add(item, difference, a, b);
        }
    }
}

void judge(CheckReport& report) {
    const bool found = !report.findings.empty() || !report.predicted.empty();
    const bool enough = report.checked > 0 && report.coverage() >= report.min_coverage;
    report.verdict = found ? Verdict::findings : enough ? Verdict::passed : Verdict::inconclusive;
}

}  // namespace

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::passed: return "passed";
        case Verdict::findings: return "findings";
        case Verdict::inconclusive: return "inconclusive";
    }
    return "unknown";
}

double CheckReport::coverage() const {
    std::uint64_t all = checked;
    for (const auto& [reason, count] : not_checked) all += count;
    return all == 0 ? 0 : static_cast<double>(checked) / static_cast<double>(all);
}

CheckReport build_report(const RecordedStatements& recorded, const CheckPlan& plan, const ServerAnswers& baseline,
                         const ServerAnswers& candidate, double min_coverage) {
    UNDERSTUDY_ASSERT(baseline.descriptions.size() == plan.items.size());
    UNDERSTUDY_ASSERT(candidate.descriptions.size() == plan.items.size());
    CheckReport report;
    report.not_checked = plan.cannot;
    report.nothing_to_check = plan.nothing;
    Grouping grouping(recorded);
    for (std::size_t i = 0; i < plan.items.size(); ++i) {
        const CheckPlan::Item& item = plan.items[i];
        const Description& a = baseline.descriptions[i];
        const Description& b = candidate.descriptions[i];
        if (is_trouble(a.refusal) || is_trouble(b.refusal)) {
            ++report.not_checked["server_trouble"];
            continue;
        }
        if (a.refusal && b.refusal && a.refusal->sqlstate == b.refusal->sqlstate) {
            const auto& errors = recorded.statements[item.statement].recorded_errors;
            if (std::find(errors.begin(), errors.end(), a.refusal->sqlstate) == errors.end()) {
                ++report.not_checked["fails_on_both"];
                continue;
            }
            ++report.failed_alike;
        }
        ++report.checked;
        for (const Difference& difference : differences({a, baseline.types}, {b, candidate.types})) {
            grouping.add(item, difference, a, b);
        }
        if (!a.refusal && !b.refusal && i < baseline.plans.size() && i < candidate.plans.size())
            compare_plans(baseline.plans[i], candidate.plans[i], item, grouping);
    }
    grouping.finish(report);
    report.executions = recorded.executions;
    report.unknown_executions = recorded.unknown_executions;
    report.unreadable_exchanges = recorded.unreadable;
    report.other_databases = recorded.other_databases;
    report.min_coverage = min_coverage;
    report.baseline_version = baseline.server_version;
    report.candidate_version = candidate.server_version;
    report.roles_not_assumed = candidate.roles_not_assumed;
    judge(report);
    return report;
}

void add_bodies(CheckReport& report, BodyCheck bodies) {
    const std::uint64_t blocks = bodies.checked_blocks.size();
    report.bodies = std::move(bodies);
    if (blocks > 0) {
        std::uint64_t& unchecked = report.not_checked["do_block"];
        unchecked -= std::min(unchecked, blocks);
        if (unchecked == 0) report.not_checked.erase("do_block");
        report.checked += blocks;
    }
    judge(report);
}

std::string_view explanation(DifferenceKind kind) {
    switch (kind) {
        case DifferenceKind::error_appeared: return "The statement fails on the candidate.";
        case DifferenceKind::error_disappeared:
            return "The statement fails on the baseline only: it now runs where it did not.";
        case DifferenceKind::error_changed:
            return "The statement fails on both, with another SQLSTATE: error handling may miss it.";
        case DifferenceKind::parameter_types:
            return "Drivers that bind by the described type send other bytes; binary parameters of the old "
                   "type may fail.";
        case DifferenceKind::column_added:
            return "Readers by position see another result. Sessions that prepared the statement before the "
                   "change fail with "
                   "0A000, cached plan must not change result type.";
        case DifferenceKind::column_removed:
        case DifferenceKind::column_renamed:
            return "Readers of this column fail. Sessions that prepared the statement before the change fail "
                   "with 0A000.";
        case DifferenceKind::column_retyped:
            return "Values arrive as another type. Sessions that prepared the statement before the change "
                   "fail with 0A000.";
        case DifferenceKind::column_order:
            return "Readers by position take one column for another. Sessions that prepared the statement "
                   "before fail with 0A000.";
        case DifferenceKind::type_modifier:
            return "Harmless to fresh sessions. Sessions that prepared the statement before the change fail "
                   "with 0A000.";
    }
    return {};
}

}  // namespace understudy::schema
