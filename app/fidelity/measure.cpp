#include "app/fidelity/measure.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/capture_input.hpp"
#include "app/compare/compared_capture.hpp"
#include "app/inspect/summary.hpp"
#include "app/rehearse/comparing.hpp"
#include "compare/measure.hpp"

namespace understudy::app {
namespace {

namespace fidelity = schema::fidelity;

constexpr std::size_t kMaxUsers = 10'000;

/// All counters "remap.NAME.…", added up.
std::uint64_t remapped(const std::map<std::string, std::uint64_t>& counters, std::string_view name) {
    const std::string prefix = fmt::format("remap.{}.", name);
    std::uint64_t sum = 0;
    for (const auto& [counter, value] : counters) {
        if (counter.starts_with(prefix)) sum += value;
    }
    return sum;
}

fidelity::NotCovered not_covered_of(const compare::ReproducedStatement& statement) {
    const compare::CallCounts& counts = statement.counts;
    return {statement.fingerprint, statement.statement,       counts.calls, counts.same, counts.differing,
            counts.open,           statement.first_difference};
}

}  // namespace

Result<CaptureSummary> summarise_capture(const std::string& capture, const Keys& keys) {
    UNDERSTUDY_TRY(const auto files, input_files({capture}));
    inspect::Summariser summariser;
    for (const std::string& file : files) {
        UNDERSTUDY_TRY(auto report, read_capture(file, keys.ring, [&](Event&& event) { summariser.on_event(event); }));
        summariser.end_file(std::move(report));
    }
    const inspect::Summary summary = summariser.finish();
    CaptureSummary result;
    result.quality.percent = summary.quality.percent_floor();
    result.quality.exchanges = summary.quality.known();
    result.quality.sessions = summary.sessions;
    for (const std::string& doubt : summary.doubts()) result.quality.doubts.push_back(doubt);
    for (const auto& [user, sessions] : summary.users.values()) {
        if (result.users.size() < kMaxUsers) result.users.push_back(user);
    }
    return result;
}

Result<Measured> measure_answers(const std::string& capture, const std::string& answers, const Keys& keys) {
    UNDERSTUDY_TRY(const auto production, ComparedCapture::open(capture, keys));
    UNDERSTUDY_TRY(const auto staging, ComparedCapture::open(answers, keys));
    if (staging->header().source != "replay") {
        return make_error(Errc::usage, fmt::format("{} is no replay's file: give with --answers what understudy replay "
                                                   "wrote on staging, with nothing changed",
                                                   answers));
    }
    Measured measured;
    measured.results_known = !production->header().results_unknown;
    compare::Inputs inputs{};
    inputs[compare::index_of(compare::Side::baseline)] = production.get();
    inputs[compare::index_of(compare::Side::candidate)] = staging.get();
    UNDERSTUDY_TRY(auto part, compare::measure_part(inputs, {}, measured.reproduction));
    measured.coverage = std::move(part.seen.coverage);
    UNDERSTUDY_TRY(const auto counters, counters_of(answers, keys));
    measured.mapped_values = remapped(counters, "changed") + remapped(counters, "equal");
    measured.unmapped_values = remapped(counters, "unmapped") + remapped(counters, "unfit");
    return measured;
}

fidelity::Reproduced reproduced_of(const Measured& measured) {
    const compare::Reproduction& found = measured.reproduction;
    fidelity::Reproduced result;
    std::vector<fidelity::Cluster> sessions;
    for (const compare::SessionCalls& one : found.sessions) sessions.push_back({one.same, one.calls});
    result.calls = fidelity::share_of(sessions);
    const double worth = fidelity::effective_size(sessions);
    std::uint64_t whole = 0;
    fidelity::Share& tables = result.table_calls;
    for (const auto& [fingerprint, statement] : found.statements) {
        const compare::CallCounts& counts = statement.counts;
        if (statement.names_table) {
            tables.part += counts.same;
            tables.of += counts.calls;
        }
        if (counts.same == counts.calls) {
            ++whole;
        } else {
            result.not_covered.push_back(not_covered_of(statement));
        }
    }
    // They are as much alike within a session as all calls are.
    const double each = result.calls.of == 0 ? 0 : worth / static_cast<double>(result.calls.of);
    std::tie(tables.low, tables.high) =
        fidelity::wilson_interval(tables.value(), each * static_cast<double>(tables.of));
    result.fingerprints = fidelity::share_of(whole, found.statements.size());
    const compare::CallCounts total = found.total();
    result.differing = total.differing;
    result.open = total.open;
    result.unjudged = total.unjudged();
    result.prepared_otherwise = found.prepared_otherwise;
    result.sessions = found.sessions.size();
    result.ambiguous_percent = measured.coverage.percent_ambiguous();
    result.tainted_percent = measured.coverage.percent_of_compared(measured.coverage.tainted);
    result.mapped_values = measured.mapped_values;
    result.unmapped_values = measured.unmapped_values;
    for (const auto& [reason, count] : measured.coverage.not_compared) {
        result.unjudged_reasons.push_back({fidelity::shortened(reason), count});
    }
    std::stable_sort(result.not_covered.begin(), result.not_covered.end(),
                     [](const auto& a, const auto& b) { return a.calls - a.same > b.calls - b.same; });
    if (result.not_covered.size() > fidelity::kMaxStatementsShown) {
        result.not_covered_left_out = result.not_covered.size() - fidelity::kMaxStatementsShown;
        result.not_covered.resize(fidelity::kMaxStatementsShown);
    }
    return result;
}

}  // namespace understudy::app
