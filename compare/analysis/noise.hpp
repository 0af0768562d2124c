#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace understudy::compare {

// Whether what differs is the change's doing or would differ anyway. Pure numbers; see docs/report.md, "Noise".

/// What was seen of one cell (statement, place, kind) in the runs: baseline A, candidate B, control C, confirmation B2.
struct CellEvidence {
    bool soft = false;                   ///< a kind that data and chance can make
    bool needs_confirmation = false;  ///< chance makes it in a single run: it has to come again
    bool concurrency = false;            ///< an error of locks and serialisation
    bool same_state_in_control = false;  ///< that SQLSTATE also appeared between baseline and control, in any cell

    std::uint64_t candidate_only_sessions = 0;  ///< with A = C ≠ B (or no control for the step): distinct sessions
    std::uint64_t control_only_sessions = 0;    ///< with A = B ≠ C
    std::uint64_t both_steps = 0;               ///< A ≠ B and A ≠ C
    std::uint64_t baseline_odd_steps = 0;       ///< of those: B = C, so it is A that stands alone

    std::uint64_t recurring_steps = 0;        ///< candidate-only, and B2 differs from A in the same step
    std::uint64_t volatile_steps = 0;         ///< B and B2 differ from each other there as well
    std::uint64_t confirmation_sessions = 0;  ///< with A ≠ B2, in whatever step
};

enum class Judgement : std::uint8_t { finding, noise, unconfirmed };

struct Verdict {
    Judgement judgement = Judgement::finding;
    std::string why;          ///< one sentence; empty for findings
    bool widespread = false;  ///< unconfirmed, but more than a stray: see kWidespreadSessions
};

inline constexpr double kFalseDiscoveryRate = 0.01;
/// An unconfirmed difference in so many sessions, never seen in the control, forbids the verdict "same".
inline constexpr std::uint64_t kWidespreadSessions = 3;

/// P(X ≥ hits) for X ~ Binomial(trials, ½), exact. 1 when there are no trials.
double binomial_upper_tail(std::uint64_t hits, std::uint64_t trials);

/// Which hypotheses are rejected at false discovery rate `q` (Benjamini and Hochberg, 1995).
std::vector<bool> benjamini_hochberg(const std::vector<double>& p_values, double q);

/// One verdict for each cell, in order. Unpaired counts are never compared: the unit is a step that both runs have, and
/// within a cell a session counts once, because what one wrong row does to the reads after it are echoes.
std::vector<Verdict> judge_cells(const std::vector<CellEvidence>& cells, bool has_control, bool has_confirmation);

}  // namespace understudy::compare
