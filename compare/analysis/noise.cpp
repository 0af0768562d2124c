#include "compare/analysis/noise.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace understudy::compare {
namespace {

const char* const kAlsoInControl = "baseline and control, which are the same schema twice, differ there as well";
const char* const kVolatile = "the two candidate runs differ from each other there as well";
const char* const kConcurrency = "the control met the same error of concurrency: it comes of the replay's timing";
const char* const kLone =
    "it was seen in too few sessions to tell it from chance, and other answers differ by chance in "
    "these runs; repeat the candidate and give it as --confirm";
const char* const kLoneStall = "a busy machine can make one statement wait: repeat the candidate and give it as --confirm";
const char* const kNotAgain = "it did not come again when the candidate was replayed once more";

bool noisy(const CellEvidence& cell) { return cell.both_steps > 0 || cell.control_only_sessions > 0; }

/// Whether chance of order or timing shows anywhere: an answer that one run of the unchanged schema has alone. Values
/// that differ in every run (now(), random()) say nothing of it.
bool runs_are_noisy(const std::vector<CellEvidence>& cells) {
    return std::any_of(cells.begin(), cells.end(), [](const CellEvidence& cell) {
        return cell.soft && (cell.control_only_sessions > 0 || cell.baseline_odd_steps > 0);
    });
}

/// `by_chance`: chance shows in these runs, and could be all that it is. Then what comes again in other steps is what
/// chance does, too.
bool recurs(const CellEvidence& cell, bool by_chance) {
    const bool in_enough_sessions =
        cell.candidate_only_sessions >= kWidespreadSessions && cell.confirmation_sessions >= kWidespreadSessions;
    return cell.recurring_steps > 0 || (in_enough_sessions && !by_chance);
}

Verdict finding() { return {Judgement::finding, {}, false}; }
Verdict noise(const char* why) { return {Judgement::noise, why, false}; }

/// A cell that the control does not show at all.
Verdict judge_clean(const CellEvidence& cell, bool noisy_runs, bool has_confirmation, bool significant) {
    if (!cell.soft) return finding();
    if (has_confirmation) {
        if (cell.volatile_steps > 0 && cell.recurring_steps <= cell.volatile_steps) return noise(kVolatile);
        return recurs(cell, noisy_runs && !significant) ? finding() : Verdict{Judgement::unconfirmed, kNotAgain, false};
    }
    if (cell.needs_confirmation) return {Judgement::unconfirmed, kLoneStall, false};
    if (!noisy_runs || significant) return finding();
    return {Judgement::unconfirmed, kLone, cell.candidate_only_sessions >= kWidespreadSessions};
}

}  // namespace

double binomial_upper_tail(std::uint64_t hits, std::uint64_t trials) {
    if (trials == 0 || hits == 0) return 1;
    if (hits > trials) return 0;
    const auto n = static_cast<double>(trials);
    double sum = 0;
    for (std::uint64_t k = hits; k <= trials; ++k) {
        const auto x = static_cast<double>(k);
        const double term =
            std::exp(std::lgamma(n + 1) - std::lgamma(x + 1) - std::lgamma(n - x + 1) - n * std::log(2.0));
        sum += term;
        if (x > n / 2 && term < sum * 1e-17) break;
    }
    return std::min(sum, 1.0);
}

std::vector<bool> benjamini_hochberg(const std::vector<double>& p_values, double q) {
    std::vector<std::size_t> order(p_values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
    std::size_t rejected = 0;
    const auto tests = static_cast<double>(p_values.size());
    for (std::size_t rank = 1; rank <= order.size(); ++rank) {
        if (p_values[order[rank - 1]] <= q * static_cast<double>(rank) / tests) rejected = rank;
    }
    std::vector<bool> result(p_values.size());
    for (std::size_t i = 0; i < rejected; ++i) result[order[i]] = true;
    return result;
}

std::vector<Verdict> judge_cells(const std::vector<CellEvidence>& cells, bool has_control, bool has_confirmation) {
    const bool noisy_runs = has_control && runs_are_noisy(cells);
    // Tested are the cells that the candidate shows and that chance could explain; the others would only dilute.
    std::vector<std::size_t> tested;
    std::vector<double> p_values;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const CellEvidence& cell = cells[i];
        const bool by_chance = noisy(cell) || (cell.soft && noisy_runs);
        if (cell.candidate_only_sessions == 0 || !by_chance) continue;
        tested.push_back(i);
        p_values.push_back(binomial_upper_tail(cell.candidate_only_sessions,
                                               cell.candidate_only_sessions + cell.control_only_sessions));
    }
    const std::vector<bool> rejected = benjamini_hochberg(p_values, kFalseDiscoveryRate);
    std::vector<bool> significant(cells.size());
    for (std::size_t k = 0; k < tested.size(); ++k) significant[tested[k]] = rejected[k];

    std::vector<Verdict> verdicts;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const CellEvidence& cell = cells[i];
        if (cell.concurrency && cell.same_state_in_control) {
            verdicts.push_back(noise(kConcurrency));
        } else if (noisy(cell)) {
            const bool again = has_confirmation ? recurs(cell, false) : !cell.needs_confirmation;
            const bool stands = significant[i] && again;
            verdicts.push_back(stands ? finding() : noise(kAlsoInControl));
        } else {
            verdicts.push_back(judge_clean(cell, noisy_runs, has_confirmation, significant[i]));
        }
    }
    return verdicts;
}

}  // namespace understudy::compare
