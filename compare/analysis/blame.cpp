#include "compare/analysis/blame.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "compare/analysis/called_function.hpp"
#include "core/sql/lexer.hpp"

namespace understudy::compare {
namespace {

/// Whether a setting can bring the difference about.
bool setting_matters(const Cell& cell, BytesView setting) {
    const BytesView state = cell.divergence.sqlstate;
    if (is_error(cell.divergence.kind)) {
        if (state == "25006") return setting == "default_transaction_read_only" || setting == "transaction_read_only";
        if (state == "57014" || state == "55P03") return setting.ends_with("_timeout");
        return setting == "search_path" && (state.starts_with("42") || state == "3F000");
    }
    static constexpr std::array<BytesView, 9> kOfAnswers{
        "timezone",     "datestyle",   "intervalstyle", "extra_float_digits", "bytea_output",
        "lc_monetary", "search_path", "row_security",  "default_text_search_config"};
    return std::find(kOfAnswers.begin(), kOfAnswers.end(), sql::to_lower(setting)) != kOfAnswers.end();
}

bool names(const Cell& cell, const SchemaChange& change) {
    if (change.setting) return setting_matters(cell, change.object);
    if (change.relation.empty()) {
        const auto& functions = cell.functions;
        return std::any_of(functions.begin(), functions.end(), [&](const Bytes& function) {
            return unqualified(function) == change.object;
        });
    }
    return change.relation == cell.error_table ||
           std::any_of(cell.relations.begin(), cell.relations.end(),
                       [&](const sql::RelationUse& relation) { return relation.name == change.relation; });
}

/// How much the difference is about the change: its own column or constraint comes first.
int nearness(const Cell& cell, const SchemaChange& change) {
    if (change.object.empty()) return 1;
    if (change.object == cell.error_constraint) return 3;
    const Divergence& divergence = cell.divergence;
    const bool in_words = divergence.place == "column " + change.object ||
                          divergence.candidate.find(change.object) != Bytes::npos ||
                          divergence.baseline.find(change.object) != Bytes::npos;
    return in_words ? 2 : 0;
}

bool asks_the_catalogue(const Cell& cell) {
    if (cell.relations.empty()) return false;
    return std::all_of(cell.relations.begin(), cell.relations.end(), [](const sql::RelationUse& relation) {
        return relation.schema == "information_schema" || relation.schema == "pg_catalog" ||
               (relation.schema.empty() && relation.name.starts_with("pg_"));
    });
}

/// Whether it asks how a statement would run: the planner's choice, which every index and ANALYZE can change.
bool asks_for_a_plan(const Cell& cell) {
    for (const sql::Token& token : sql::Tokens(cell.statement)) return sql::is_word(token, "explain");
    return false;
}

/// Whether it is, each time, what the statement leaves open: other rows of a LIMIT without ORDER BY, values put together in
/// another order.
bool is_open_choice(const Cell& cell) { return cell.count > 0 && cell.other_choices == cell.count; }

/// Relations of which something else than an order differs: their data is not what it was.
std::set<Bytes> relations_of_findings(const Tally& tally, const std::vector<CellJudgement>& judgements) {
    std::set<Bytes> relations;
    for (CellId id = 0; id < judgements.size(); ++id) {
        const Cell& cell = tally.cells()[id];
        const Standing standing = judgements[id].standing;
        if (standing != Standing::finding && standing != Standing::downstream) continue;
        if (cell.divergence.kind == DivergenceKind::order || is_shape(cell.divergence.kind)) continue;
        if (is_open_choice(cell) || asks_for_a_plan(cell)) continue;
        for (const sql::RelationUse& relation : cell.relations) relations.insert(relation.name);
    }
    return relations;
}

}  // namespace

Blame::Blame(const catalog::Catalog& baseline, const catalog::Catalog& candidate)
    : known_(true), changes_(schema_changes(baseline, candidate)), keys_known_(true) {
    for (const catalog::Catalog* side : {&baseline, &candidate}) {
        for (const catalog::Key& key : side->keys) keys_.insert(key.name);
    }
}

std::vector<Bytes> Blame::of(const Cell& cell) const {
    std::vector<const SchemaChange*> found;
    for (const SchemaChange& change : changes_) {
        if (names(cell, change)) found.push_back(&change);
    }
    std::stable_sort(found.begin(), found.end(), [&](const SchemaChange* a, const SchemaChange* b) {
        return nearness(cell, *a) > nearness(cell, *b);
    });
    if (found.size() > kMaxTexts) found.resize(kMaxTexts);
    std::vector<Bytes> texts;
    for (const SchemaChange* change : found) texts.push_back(change->text);
    return texts;
}

bool Blame::explains(const Cell& cell) const {
    if (!is_error(cell.divergence.kind) || cell.cause != Cause::data) return false;
    const bool of_constraint = cell.divergence.sqlstate.starts_with("23");
    const bool of_unknown_index = keys_known_ && cell.divergence.sqlstate == "23505" && !cell.error_constraint.empty() &&
                                  !keys_.contains(cell.error_constraint);
    if (of_unknown_index) return true;
    return std::any_of(changes_.begin(), changes_.end(), [&](const SchemaChange& change) {
        if (of_constraint) return change.constraint && change.object == cell.error_constraint;
        return names(cell, change);
    });
}

bool Blame::untouched(const Cell& cell) const {
    if (!known_ || cell.relations.empty()) return false;
    return std::none_of(changes_.begin(), changes_.end(),
                        [&](const SchemaChange& change) { return !change.index && names(cell, change); });
}

void judge_by_schema(const Tally& tally, const Blame& blame, std::vector<CellJudgement>& judgements) {
    const std::set<Bytes> changed = relations_of_findings(tally, judgements);
    const auto data_is_the_same = [&](const Cell& cell) {
        return std::none_of(cell.relations.begin(), cell.relations.end(),
                            [&](const sql::RelationUse& relation) { return changed.contains(relation.name); });
    };
    for (CellId id = 0; id < judgements.size(); ++id) {
        CellJudgement& judgement = judgements[id];
        const Cell& cell = tally.cells()[id];
        if (judgement.standing != Standing::finding && judgement.standing != Standing::unconfirmed) continue;
        if (!is_soft(cell.divergence.kind) || cell.divergence.kind == DivergenceKind::stall) continue;
        const char* why = nullptr;
        if (cell.count > 0 && cell.float_sums == cell.count) {
            why = "sums of floating-point numbers depend on the order in which the rows come; the difference is in the last "
                  "digits";
        } else if (cell.divergence.kind == DivergenceKind::order && cell.divergence.candidate.ends_with("ties") &&
                   blame.untouched(cell) && data_is_the_same(cell)) {
            why = "the same rows in another order, where the ORDER BY is by something that the answer does not show and the "
                  "schema of its tables did not change, and nothing else of them differs: ties";
        } else if (is_open_choice(cell) && blame.untouched(cell) && data_is_the_same(cell)) {
            why = "other rows with other keys, or the same values in another order, where the statement leaves that open (LIMIT, "
                  "aggregates or window functions without ORDER BY), the schema of its tables did not change, and nothing "
                  "else of them differs";
        } else if (asks_the_catalogue(cell)) {
            why = "it asks the catalogue itself, which the change changes";
        } else if (asks_for_a_plan(cell)) {
            why = "it asks for a plan, which the planner chooses";
        }
        if (why == nullptr) continue;
        judgement.standing = Standing::noise;
        judgement.why = why;
        judgement.widespread = false;
    }
}

}  // namespace understudy::compare
