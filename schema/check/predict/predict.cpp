#include "schema/check/predict/predict.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/catalog/search_path.hpp"
#include "core/sql/lexer.hpp"
#include "core/sql/statement_traits.hpp"
#include "schema/check/predict/predict_migration.hpp"
#include "schema/check/predict/predict_parts.hpp"
#include "schema/check/predict/predict_results.hpp"
#include "schema/check/relevant_names.hpp"
#include "schema/check/temp_tables.hpp"

namespace understudy::schema {
namespace {

/// The relation that a name means under a search_path.
std::optional<QualifiedName> resolve(const SchemaFacts& facts, BytesView schema, BytesView name,
                                     const std::vector<Bytes>& path) {
    if (!schema.empty()) {
        QualifiedName whole(schema, name);
        return facts.relations.count(whole) > 0 ? std::optional(std::move(whole)) : std::nullopt;
    }
    for (const Bytes& each : path) {
        QualifiedName whole(each, name);
        if (facts.relations.count(whole) > 0) return whole;
    }
    return std::nullopt;
}

/// Names of functions that are not the same on both sides.
std::set<Bytes> changed_functions(const SchemaFacts& before, const SchemaFacts& after) {
    std::set<Bytes> names;
    for (const auto& [name, overloads] : after.functions) {
        const auto old = before.functions.find(name);
        if (old == before.functions.end() || old->second != overloads) names.insert(name.second);
    }
    return names;
}

void functions(const RecordedStatement& statement, const std::vector<Bytes>& path, const SchemaFacts& before,
               const SchemaFacts& after, const Tell& tell) {
    for (const Bytes& called : sql::traits(statement.sql).functions) {
        const std::size_t dot = called.rfind('.');
        std::vector<Bytes> schemas = path;
        if (dot != Bytes::npos) schemas = {called.substr(0, dot)};
        const Bytes name = dot == Bytes::npos ? called : called.substr(dot + 1);
        for (const Bytes& schema : schemas) {
            const auto old = before.functions.find({schema, name});
            const auto now = after.functions.find({schema, name});
            if (now == after.functions.end()) continue;
            if (old == before.functions.end()) {
                tell({kNoItem, Certainty::likely, Severity::risky, "function_added", "", schema + "." + name,
                      fmt::format("function {}() is new in schema \"{}\" and may be called instead of another", name,
                                  schema)});
            } else if (old->second != now->second) {
                tell({kNoItem, Certainty::likely, Severity::risky, "function_changed", "", schema + "." + name,
                      old->second.size() < now->second.size()
                          ? fmt::format("function {}() has more forms than before: another may be chosen", name)
                          : fmt::format("function {}() does something else", name)});
            }
        }
    }
}

void settings(const SchemaFacts& before, const SchemaFacts& after, const std::set<Bytes>& users,
              std::vector<Prediction>& predictions) {
    const auto told = [&](const std::pair<Bytes, Bytes>& key, const Bytes& was, const Bytes& is) {
        // The target's marker is ours; search_path is followed by Parse.
        if (key.second == "understudy.target" || key.second == "search_path") return;
        if (!key.first.empty() && users.count(key.first) == 0) return;
        const Bytes whose = key.first.empty() ? Bytes("the database") : fmt::format("role \"{}\"", key.first);
        predictions.push_back({kNoItem, Certainty::likely, Severity::risky, "setting", "", key.second,
                               fmt::format("{} of {} is {} instead of {}, for new sessions", key.second, whose,
                                           is.empty() ? "not set" : is, was.empty() ? "not set" : was)});
    };
    for (const auto& [key, value] : after.settings) {
        const auto old = before.settings.find(key);
        if (old == before.settings.end()) told(key, {}, value);
        if (old != before.settings.end() && old->second != value) told(key, old->second, value);
    }
    for (const auto& [key, value] : before.settings) {
        if (after.settings.count(key) == 0) told(key, value, {});
    }
}

/// Functions that the statement calls and its user may no longer.
void forbidden(const RecordedStatement& statement, const std::vector<Bytes>& path, const SchemaFacts& before,
               const SchemaFacts& after, const Tell& tell) {
    for (const Bytes& called : sql::traits(statement.sql).functions) {
        const std::size_t dot = called.rfind('.');
        const Bytes name = dot == Bytes::npos ? called : called.substr(dot + 1);
        for (const Bytes& schema : dot == Bytes::npos ? path : std::vector<Bytes>{called.substr(0, dot)}) {
            const std::pair use(statement.user, QualifiedName(schema, name));
            if (after.forbidden_functions.count(use) == 0 || before.forbidden_functions.count(use) > 0) continue;
            tell({kNoItem, Certainty::likely, Severity::breaks, "privilege", "42501", schema + "." + name,
                  fmt::format("role \"{}\" may no longer call function {}(), by the catalogues", statement.user, name)});
        }
    }
}

/// One item and what both sides have.
struct ItemContext {
    const RecordedStatement& statement;
    const std::vector<Bytes>& path_before;
    const std::vector<Bytes>& path_after;
    const SchemaFacts& before;
    const SchemaFacts& after;
    const std::optional<std::set<QualifiedName>>& changed;
    const MigrationEffects& migration;
};

void relation(const ItemContext& item, const sql::RelationAccess& access, const Tell& tell) {
    const auto was = resolve(item.before, access.schema, access.name, item.path_before);
    const auto is = resolve(item.after, access.schema, access.name, item.path_after);
    if (!was || !is) return;
    if (*was != *is) {
        tell({kNoItem, Certainty::likely, Severity::risky, "other_relation", "", is->first + "." + is->second,
              fmt::format("\"{}\" means {}.{} now, and meant {}.{}", access.name, is->first, is->second, was->first,
                          was->second)});
        return;
    }
    const bool same = item.changed && item.changed->count(*is) == 0;
    if (same && item.migration.none()) return;
    const RelationFacts& old = item.before.relations.at(*was);
    const RelationFacts& now = item.after.relations.at(*is);
    AccessedRelation touch{item.statement, access, *is, old, now, {}, item.before, item.after};
    if (touch.inserts() || touch.updates()) touch.rows = written_rows(item.statement, access, old);
    item.migration.predict(touch, tell);
    if (same) return;
    if (old.kind == now.kind || now.kind == 'p') predict_columns(touch, tell);
    if (old.kind == now.kind) predict_constraints(touch, tell);
    predict_behaviour(touch, tell);
    predict_privileges(touch, tell);
}

void relations(const ItemContext& item, const std::optional<Accesses>& accesses, const Tell& tell) {
    if (!accesses) return;
    std::set<Bytes> temporary;
    for (const Bytes& temp : item.statement.temps) {
        if (const auto creation = temp_creation(temp)) temporary.insert(creation->name);
    }
    for (const sql::StatementAccess& access : *accesses) {
        for (const sql::RelationAccess& each : access.relations) {
            if (each.schema.empty() && temporary.count(each.name) > 0) continue;
            relation(item, each, tell);
        }
    }
}

}  // namespace

bool mentions(BytesView sql, BytesView name) {
    for (const sql::Token& token : sql::Tokens(sql)) {
        if (token.kind == sql::TokenKind::quoted_identifier && token.body == name) return true;
        if (token.kind == sql::TokenKind::word && sql::to_lower(token.text) == name) return true;
    }
    return false;
}

bool AccessedRelation::failed_with(BytesView sqlstate) const {
    const auto& errors = statement.recorded_errors;
    return std::find(errors.begin(), errors.end(), sqlstate) != errors.end();
}

std::vector<Prediction> predict(const RecordedStatements& recorded, const CheckPlan& plan,
                                const std::vector<std::optional<Accesses>>& accesses,
                                const ServerAnswers& baseline, const ServerAnswers& candidate,
                                const SchemaFacts& before, const SchemaFacts& after,
                                const std::vector<MigrationStatement>& migration) {
    std::vector<Prediction> predictions;
    std::set<Bytes> users;
    const auto changed = changed_relations(before, after);
    const std::set<Bytes> other_functions = changed_functions(before, after);
    const MigrationEffects effects(migration);
    for (std::size_t i = 0; i < plan.items.size(); ++i) {
        const RecordedStatement& statement = recorded.statements[plan.items[i].statement];
        users.insert(statement.user);
        if (baseline.descriptions[i].refusal || candidate.descriptions[i].refusal) continue;
        const bool same_path = baseline.paths[i] == candidate.paths[i];
        const bool same_calls = before.forbidden_functions == after.forbidden_functions;
        const std::size_t first = predictions.size();
        const Tell tell = [&](Prediction prediction) {
            prediction.item = i;
            const auto of_item = predictions.begin() + static_cast<std::ptrdiff_t>(first);
            if (std::find(of_item, predictions.end(), prediction) == predictions.end()) {
                predictions.push_back(std::move(prediction));
            }
        };
        predict_results({statement, baseline.descriptions[i], candidate.descriptions[i], baseline.types, candidate.types}, before,
                        after, effects.retyped(), tell);
        if (same_path && same_calls && other_functions.empty() && changed && changed->empty() && effects.none()) continue;
        const auto path_before = catalog::schemas_of(baseline.paths[i], statement.user);
        const auto path_after = catalog::schemas_of(candidate.paths[i], statement.user);
        relations({statement, path_before, path_after, before, after, changed, effects}, accesses[i], tell);
        if (!same_calls) forbidden(statement, path_after, before, after, tell);
        const auto mentioned = [&](const Bytes& name) { return mentions(statement.sql, name); };
        if (std::any_of(other_functions.begin(), other_functions.end(), mentioned))
            functions(statement, path_after, before, after, tell);
    }
    settings(before, after, users, predictions);
    return predictions;
}

}  // namespace understudy::schema
