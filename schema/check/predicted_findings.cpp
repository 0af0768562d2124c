#include <algorithm>
#include <map>
#include <tuple>

#include "core/sql/fingerprint.hpp"
#include "schema/check/check_report.hpp"

namespace understudy::schema {
namespace {

/// Whether the item fails on the candidate, by Parse or by planning, where the baseline takes it.
bool fails(const ServerAnswers& baseline, const ServerAnswers& candidate, std::size_t item) {
    if (candidate.descriptions[item].refusal) return true;
    if (item >= baseline.plans.size() || item >= candidate.plans.size()) return false;
    const auto& before = baseline.plans[item];
    const auto& after = candidate.plans[item];
    for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
        if (!before[i] && after[i]) return true;
    }
    return false;
}

}  // namespace

void add_predictions(CheckReport& report, const RecordedStatements& recorded, const CheckPlan& plan,
                     const ServerAnswers& baseline, const ServerAnswers& candidate,
                     const std::vector<Prediction>& predictions) {
    using Key = std::tuple<std::uint64_t, bool, bool, Bytes, Bytes, Bytes, Bytes>;
    std::map<Key, PredictedFinding> grouped;
    for (const Prediction& prediction : predictions) {
        const bool planned = prediction.item != kNoItem;
        if (planned && fails(baseline, candidate, prediction.item)) continue;
        const bool of_item = planned || prediction.statement != kNoItem;
        const RecordedStatement* statement =
            !of_item ? nullptr
                     : &recorded.statements[planned ? plan.items[prediction.item].statement : prediction.statement];
        const sql::Fingerprint fingerprint = of_item ? statement->fingerprint : sql::Fingerprint{};
        const Key key(fingerprint.value, fingerprint.lexical, of_item, prediction.kind, prediction.object,
                      prediction.sqlstate, prediction.reason);
        const auto [found, added] = grouped.try_emplace(key);
        PredictedFinding& finding = found->second;
        if (added) {
            finding.prediction = prediction;
            finding.fingerprint = fingerprint;
            if (of_item) finding.statement = sql::normalise(statement->sql);
            if (of_item) finding.first = statement->first;
        }
        // Of several variants the surest counts.
        finding.prediction.certainty = std::min(finding.prediction.certainty, prediction.certainty);
        ++finding.variants;
        if (!of_item) continue;
        finding.count += statement->executions;
        if (!statement->user.empty()) finding.users.insert(statement->user);
        finding.first = std::min(finding.first, statement->first);
        finding.last = std::max(finding.last, statement->last);
    }
    report.predictions_made = true;
    for (auto& [key, finding] : grouped) {
        const bool likely = finding.prediction.certainty == Certainty::likely;
        (likely ? report.predicted : report.possible).push_back(std::move(finding));
    }
    const auto worse = [](const PredictedFinding& a, const PredictedFinding& b) {
        return std::tuple(a.prediction.severity, ~a.count, a.fingerprint.value) <
               std::tuple(b.prediction.severity, ~b.count, b.fingerprint.value);
    };
    std::stable_sort(report.predicted.begin(), report.predicted.end(), worse);
    std::stable_sort(report.possible.begin(), report.possible.end(), worse);
    if (!report.predicted.empty()) report.verdict = Verdict::findings;
}

}  // namespace understudy::schema
