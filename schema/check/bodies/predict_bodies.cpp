#include "schema/check/bodies/predict_bodies.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/catalog/search_path.hpp"
#include "core/sql/statement_traits.hpp"
#include "schema/check/server_trouble.hpp"
#include "schema/check/text_format.hpp"

namespace understudy::schema {
namespace {

constexpr std::size_t kShownStatement = 160;

/// What both servers said to one question.
enum class Outcome { same, fails, both_fail, trouble };

struct Judged {
    Outcome outcome = Outcome::same;
    Refusal refusal;
};

std::optional<Refusal> refusal_of_item(const ServerAnswers& answers, std::size_t item) {
    if (answers.descriptions[item].refusal) return answers.descriptions[item].refusal;
    if (item < answers.plans.size()) {
        for (const auto& refusal : answers.plans[item]) {
            if (refusal) return refusal;
        }
    }
    return std::nullopt;
}

Judged judge(const ServerAnswers& baseline, const ServerAnswers& candidate, std::size_t item, BytesView sql) {
    const auto before = refusal_of_item(baseline, item);
    const auto after = refusal_of_item(candidate, item);
    if (is_trouble(before) || is_trouble(after)) return {Outcome::trouble, {}};
    if (!after) return {};
    // A record may have two columns of a name, where the subquery in its place may not.
    if (before || (after->sqlstate == "42702" && sql.find("understudy_row") != BytesView::npos))
        return {Outcome::both_fail, {}};
    return {Outcome::fails, *after};
}

Bytes shortened(BytesView sql) {
    std::string text = printable(sql);
    if (text.size() <= kShownStatement) return text;
    return text.substr(0, kShownStatement) + "...";
}

Prediction failure(const BodyQuestion& question, const Refusal& refusal, const Bytes& object) {
    Prediction prediction;
    prediction.item = kNoItem;
    prediction.certainty = Certainty::likely;
    prediction.severity = Severity::breaks;
    prediction.kind = "function_body";
    prediction.sqlstate = refusal.sqlstate;
    prediction.object = object;
    Bytes by;
    if (question.reached.table) {
        by = fmt::format(" (trigger \"{}\" of {}.{})", question.reached.trigger, question.reached.table->first,
                         question.reached.table->second);
    }
    prediction.reason = fmt::format("{}{} fails{}: {}", question.place, by, question.conditional ? " where it is reached" : "",
                                    refusal.message);
    if (!question.whole) prediction.reason += ": " + shortened(question.sql);
    return prediction;
}

/// A variable's name that a table of the statement now has as a column: PL/pgSQL refuses to choose (docs, "Variable
/// Substitution").
std::vector<Prediction> ambiguities(const BodyQuestion& question, const Bytes& object, const std::vector<Bytes>& path,
                                    const SchemaFacts& before, const SchemaFacts& after) {
    std::vector<Prediction> found;
    if (question.variables.empty()) return found;
    for (const sql::RelationUse& use : sql::traits(question.sql).relations) {
        std::vector<Bytes> schemas = path;
        if (!use.schema.empty()) schemas = {use.schema};
        for (const Bytes& schema : schemas) {
            const auto now = after.relations.find({schema, use.name});
            const auto was = before.relations.find({schema, use.name});
            if (now == after.relations.end() || was == before.relations.end()) continue;
            for (const Bytes& variable : question.variables) {
                if (now->second.column(variable) == nullptr || was->second.column(variable) != nullptr) continue;
                const Refusal refusal{"42702", fmt::format("column reference \"{}\" is ambiguous: it is a variable, and now "
                                                           "a column of {}.{} as well",
                                                           variable, schema, use.name),
                                      {}, 0};
                found.push_back(failure(question, refusal, object));
            }
            break;
        }
    }
    return found;
}

}  // namespace

std::vector<Prediction> predict_bodies(const BodyPlan& bodies, const Routines& routines, const ServerAnswers& baseline,
                                       const ServerAnswers& candidate, const SchemaFacts& before, const SchemaFacts& after,
                                       BodyCheck& check) {
    check.routines = bodies.routines;
    check.not_checked = bodies.skipped;
    std::vector<std::vector<Prediction>> found(bodies.questions.size());
    std::vector<bool> answered(bodies.questions.size(), false);
    for (std::size_t i = 0; i < bodies.plan.items.size(); ++i) {
        const std::size_t index = bodies.plan.items[i].statement;
        const BodyQuestion& question = bodies.questions[index];
        const bool of_block = question.place.ends_with("the block");
        const Bytes object = of_block ? Bytes("DO") : routines.all[question.reached.routine].signature;
        const Judged verdict = judge(baseline, candidate, i, bodies.plan.items[i].sql);
        if (verdict.outcome == Outcome::trouble) ++check.not_checked["server_trouble"];
        if (verdict.outcome == Outcome::both_fail) ++check.not_checked["fails_on_both"];
        answered[index] = verdict.outcome == Outcome::same || verdict.outcome == Outcome::fails;
        if (answered[index]) ++check.checked;
        if (verdict.outcome == Outcome::fails) found[index].push_back(failure(question, verdict.refusal, object));
        if (verdict.outcome != Outcome::same || question.whole) continue;
        const auto path = catalog::schemas_of(candidate.paths[i], {});
        found[index] = ambiguities(question, object, path, before, after);
    }
    std::vector<Prediction> predictions;
    const auto told = [&](const BodyPlan::Questions& questions, const auto& adjust) {
        std::set<std::pair<std::size_t, std::optional<QualifiedName>>> with_statements;
        for (const auto& [index, sure] : questions) {
            const BodyQuestion& question = bodies.questions[index];
            if (!question.whole && !found[index].empty())
                with_statements.insert({question.reached.routine, question.reached.table});
        }
        for (const auto& [index, sure] : questions) {
            const Reached& reached = bodies.questions[index].reached;
            // The statement says more than the validator's word about the whole.
            if (bodies.questions[index].whole && with_statements.count({reached.routine, reached.table}) > 0) continue;
            for (Prediction prediction : found[index]) {
                if (!sure) prediction.certainty = Certainty::possible;
                adjust(prediction);
                predictions.push_back(std::move(prediction));
            }
        }
    };
    for (const auto& [item, questions] : bodies.of_items)
        told(questions, [item = item](Prediction& prediction) { prediction.item = item; });
    for (const auto& [block, questions] : bodies.of_blocks) {
        told(questions, [block = block](Prediction& prediction) { prediction.statement = block; });
        const bool whole = bodies.whole_blocks.count(block) > 0;
        if (whole && std::all_of(questions.begin(), questions.end(), [&](const auto& each) { return answered[each.first]; }))
            check.checked_blocks.insert(block);
    }
    told(bodies.unreached, [](Prediction& prediction) {
        prediction.reason += "; no recorded statement runs it";
    });
    return predictions;
}

}  // namespace understudy::schema
