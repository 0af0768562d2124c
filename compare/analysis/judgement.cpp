#include "compare/analysis/judgement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace understudy::compare {
namespace {

/// Who spoiled a relation first.
struct Spoiler {
    Timestamp when;
    CellId cell = kNoCell;
};

/// The earliest two of different statements: a cell must not be downstream of its own statement.
struct Spoilers {
    std::vector<std::pair<sql::Fingerprint, Spoiler>> by_statement;

    void add(const sql::Fingerprint& statement, Timestamp when, CellId cell) {
        for (auto& [known, spoiler] : by_statement) {
            if (known != statement) continue;
            if (when < spoiler.when) spoiler = {when, cell};
            return;
        }
        by_statement.emplace_back(statement, Spoiler{when, cell});
    }
};

using SpoiledRelations = std::map<Bytes, Spoilers>;

CellId upstream_of(const Cell& cell, const SpoiledRelations& spoiled) {
    if (!cell.first_unexplained) return kNoCell;
    for (const sql::RelationUse& relation : cell.relations) {
        const auto found = spoiled.find(relation.name);
        if (found == spoiled.end()) continue;
        for (const auto& [statement, spoiler] : found->second.by_statement) {
            if (statement != cell.fingerprint && spoiler.when < *cell.first_unexplained) return spoiler.cell;
        }
    }
    return kNoCell;
}

void add_spoiled(const Cell& cell, CellId id, SpoiledRelations& spoiled) {
    for (const auto& [relation, when] : cell.spoiled) spoiled[relation].add(cell.fingerprint, when, id);
}

Standing standing_of(Judgement judgement) {
    switch (judgement) {
        case Judgement::finding: return Standing::finding;
        case Judgement::noise: return Standing::noise;
        case Judgement::unconfirmed: return Standing::unconfirmed;
    }
    return Standing::finding;
}

/// Whether chance was the candidate's undoing: what is drawn anew on the baseline is one value on the candidate.
bool draws_no_more(const Cell& cell) {
    const NoiseClass noise = cell.noise_class();
    return (noise == NoiseClass::time_dependent || noise == NoiseClass::random) && cell.frozen.holds();
}

}  // namespace

std::vector<CellJudgement> judge(const Tally& tally, const std::set<Bytes>& control_sqlstates, bool has_control,
                                 bool has_confirmation, const NoiseLedger& known) {
    const auto& cells = tally.cells();
    std::vector<CellEvidence> evidence;
    for (const Cell& cell : cells) {
        evidence.push_back(cell.judged_evidence());
        evidence.back().same_state_in_control = control_sqlstates.count(cell.divergence.sqlstate) > 0;
        if (const NoiseLedger::Entry* entry = known.find(cell)) {
            evidence.back().control_only_sessions += static_cast<std::uint64_t>(std::ceil(entry->sessions));
        }
    }
    std::vector<CellJudgement> result;
    for (Verdict& verdict : judge_cells(evidence, has_control, has_confirmation)) {
        result.push_back({standing_of(verdict.judgement), std::move(verdict.why), verdict.widespread, kNoCell});
        const Cell& cell = cells[result.size() - 1];
        const NoiseLedger::Entry* entry = known.find(cell);
        if (entry != nullptr && cell.control.size() == 0 && verdict.judgement == Judgement::noise) {
            result.back().why = fmt::format("known noise: unchanged runs differed there on {} of {} nights", entry->nights,
                                            known.nights());
        }
        if (verdict.judgement == Judgement::noise && draws_no_more(cell)) {
            result.back() = {Standing::finding, {}, false, kNoCell,
                             cell.divergence.place + " holds always the same value on the candidate, in both of its runs; the "
                                                     "baseline gives another each time"};
        }
    }

    SpoiledRelations spoiled;
    std::vector<CellId> soft;
    for (CellId id = 0; id < cells.size(); ++id) {
        if (cells[id].count == 0) {
            result[id].standing = Standing::unseen;
        } else if (is_soft(cells[id].divergence.kind)) {
            soft.push_back(id);
        } else if (result[id].standing == Standing::finding) {
            add_spoiled(cells[id], id, spoiled);
        }
    }
    // In the order in which they began, so that an echo's own echoes are traced to the same root.
    std::stable_sort(soft.begin(), soft.end(), [&](CellId a, CellId b) {
        return cells[a].first_unexplained.value_or(Timestamp()) < cells[b].first_unexplained.value_or(Timestamp());
    });
    for (const CellId id : soft) {
        CellJudgement& judgement = result[id];
        if (judgement.standing == Standing::noise) continue;
        const CellId upstream = upstream_of(cells[id], spoiled);
        if (upstream != kNoCell) {
            judgement.standing = Standing::downstream;
            judgement.upstream = result[upstream].upstream == kNoCell ? upstream : result[upstream].upstream;
            judgement.why = "it reads what a statement of a finding had written, or failed to write, before";
        }
        if (judgement.standing != Standing::unconfirmed) add_spoiled(cells[id], id, spoiled);
    }
    return result;
}

}  // namespace understudy::compare
