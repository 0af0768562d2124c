#pragma once

#include <set>
#include <string>
#include <vector>

#include "compare/analysis/noise_ledger.hpp"
#include "compare/analysis/tally.hpp"

namespace understudy::compare {

enum class Standing : std::uint8_t {
    finding,
    noise,
    unconfirmed,
    downstream,  ///< an answer that reads what a finding's statement wrote, or failed to write, before
    unseen,      ///< only the control or the confirmation has it
};

struct CellJudgement {
    Standing standing = Standing::finding;
    std::string why;            ///< one sentence; empty for findings
    bool widespread = false;    ///< see Verdict
    CellId upstream = kNoCell;  ///< of what a downstream cell is downstream
    std::string explanation{};  ///< in place of the cell's own, if the judgement knows more
};

/// What each cell of a tally is, in order: first by noise.hpp, then echoes are set apart. A soft difference is
/// downstream when each of its occurrences came after a finding of another statement had spoiled a relation that it
/// touches. One occurrence before that, and it stands for itself. Errors, columns and types are never downstream.
/// A column that is noise since it is drawn anew in every run is a finding where the candidate draws no more: see
/// frozen_value.hpp.
/// `known` counts like a control's answers: what it has of a cell is added to what tonight's control shows.
std::vector<CellJudgement> judge(const Tally& tally, const std::set<Bytes>& control_sqlstates, bool has_control,
                                 bool has_confirmation, const NoiseLedger& known = {});

}  // namespace understudy::compare
