#include "app/compare/latency_runs.hpp"

#include <CLI/CLI.hpp>
#include <set>

#include "app/compare/compared_capture.hpp"
#include "core/catalog/control_connection.hpp"
#include "core/sql/split.hpp"

namespace understudy::app {
namespace {

constexpr std::size_t kExplained = 10;

Result<compare::RunLatencies> read_run(const std::string& path, const Keys& keys) {
    UNDERSTUDY_TRY(const auto capture, ComparedCapture::open(path, keys));
    return compare::read_latencies(*capture);
}

/// The plan as EXPLAIN prints it, in a read-only transaction that is never committed; why not, where it cannot be had.
/// A statement with parameters is planned for any values (GENERIC_PLAN, PostgreSQL 16), or not at all before that.
Bytes plan_of(catalog::ControlConnection& connection, const Bytes& statement) {
    if (sql::split_statements(statement).size() != 1) return "(several statements)";
    const bool parameters = statement.find('$') != Bytes::npos;
    const auto rows = connection.query((parameters ? "EXPLAIN (GENERIC_PLAN) " : "EXPLAIN ") + statement);
    if (!rows) return "(no plan: " + rows.error().message + ")";
    Bytes plan;
    for (const catalog::Row& row : *rows) plan += row[0].value_or("") + "\n";
    return plan;
}

Result<void> add_plans(const LatencyRuns& runs, compare::LatencyReport& report) {
    std::size_t explained = 0;
    for (compare::LatencyPlace& place : report.places) {
        if (place.judgement.verdict != compare::LatencyVerdict::regressed || explained++ == kExplained) break;
        for (const bool baseline : {true, false}) {
            // One connection each: a statement that fails ends its transaction.
            const std::string& where = baseline ? runs.explain_baseline : runs.explain_candidate;
            UNDERSTUDY_TRY(auto connection, catalog::ControlConnection::open(where));
            UNDERSTUDY_CHECK(connection.begin_read_only());
            (baseline ? place.baseline_plan : place.candidate_plan) = plan_of(connection, place.example);
        }
        place.first_difference = compare::first_difference(place.baseline_plan, place.candidate_plan);
    }
    return {};
}

}  // namespace

void add_latency_options(CLI::App& command, LatencyRuns& runs) {
    command.add_flag("--latency", runs.wanted, "Compare how long statements took, too (--pair does so as well)");
    command.add_option("--pair", runs.pairs,
                       "One more pair of runs, BASELINE CANDIDATE, for latencies: five pairs in all for a verdict");
    auto* baseline = command.add_option("--explain-baseline", runs.explain_baseline,
                                        "Connection string of a server with the unchanged schema: plans of what got slower");
    auto* candidate =
        command.add_option("--explain-candidate", runs.explain_candidate, "… and of one with the changed schema");
    baseline->needs(candidate);
    candidate->needs(baseline);
}

Result<compare::LatencyReport> latency_of(const LatencyRuns& runs, const std::string& baseline,
                                          const std::string& candidate, const Keys& keys) {
    std::vector<std::pair<std::string, std::string>> paths = {{baseline, candidate}};
    paths.insert(paths.end(), runs.pairs.begin(), runs.pairs.end());
    std::set<std::string> seen;
    for (const auto& [first, second] : paths) {
        for (const std::string& path : {first, second}) {
            if (seen.insert(path).second) continue;
            return make_error(Errc::usage, path + " is given twice: each run of each pair has to be a run of its own");
        }
    }
    std::vector<std::pair<compare::RunLatencies, compare::RunLatencies>> pairs;
    for (const auto& [first, second] : paths) {
        UNDERSTUDY_TRY(auto a, read_run(first, keys));
        UNDERSTUDY_TRY(auto b, read_run(second, keys));
        pairs.emplace_back(std::move(a), std::move(b));
    }
    auto report = compare::report_latency(pairs);
    if (!runs.explain_baseline.empty()) UNDERSTUDY_CHECK(add_plans(runs, report));
    return report;
}

}  // namespace understudy::app
