#include "schema/check/predict/predict_migration.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/sql/ddl_effects.hpp"
#include "core/sql/lexer.hpp"

namespace understudy::schema {
namespace {

bool restarts(BytesView sql) {
    for (const sql::Token& token : sql::Tokens(sql)) {
        if (sql::is_word(token, "restart")) return true;
    }
    return false;
}

}  // namespace

MigrationEffects::MigrationEffects(const std::vector<MigrationStatement>& statements) {
    for (const MigrationStatement& statement : statements) {
        of_definition(statement);
        of_rows(statement);
    }
}

void MigrationEffects::add(BytesView schema, const Bytes& relation, Effect effect) {
    effect.schema = Bytes(schema);
    relations_[relation].push_back(std::move(effect));
}

void MigrationEffects::of_definition(const MigrationStatement& statement) {
    const auto actions = sql::ddl_effects(statement.sql);
    if (!actions) return;
    for (const sql::DdlAction& action : *actions) {
        const auto& [schema, relation] = action.relation;
        const std::pair column(relation, action.name);
        if (action.kind == sql::DdlKind::drop_column) dropped_columns_[column] = statement.place;
        if (action.kind == sql::DdlKind::add_column) {
            added_columns_.insert(column);
            const auto dropped = dropped_columns_.find(column);
            if (dropped != dropped_columns_.end())
                add(schema, relation, {{}, Effect::What::emptied, action.name, statement.place});
        }
        if (action.kind == sql::DdlKind::alter_column_type) retyped_columns_.insert(column);
        if (action.kind == sql::DdlKind::alter_column_type && action.expression && !action.plain_using)
            add(schema, relation, {{}, Effect::What::converted, action.name, statement.place});
        if (action.kind == sql::DdlKind::identity && restarts(statement.sql))
            add(schema, relation, {{}, Effect::What::restarted, action.name, statement.place});
    }
}

void MigrationEffects::of_rows(const MigrationStatement& statement) {
    const auto accesses = sql::statement_accesses(statement.sql);
    if (!accesses) return;
    for (const sql::StatementAccess& access : *accesses) {
        for (const sql::RelationAccess& relation : access.relations) {
            if (relation.kind == sql::AccessKind::insert || relation.kind == sql::AccessKind::delete_)
                add(relation.schema, relation.name, {{}, Effect::What::rows, {}, statement.place});
            if (relation.kind != sql::AccessKind::update) continue;
            for (const Bytes& column : relation.sets) {
                const std::pair at(relation.name, column);
                if (added_columns_.count(at) == 0 || dropped_columns_.count(at) > 0)
                    add(relation.schema, relation.name, {{}, Effect::What::set, column, statement.place});
            }
        }
    }
}

void MigrationEffects::tell_effect(const Effect& effect, const AccessedRelation& touch, const Tell& tell) {
    using What = Effect::What;
    Prediction prediction;
    prediction.severity = Severity::risky;
    prediction.object = touch.object(effect.column);
    const bool named = effect.column.empty() || mentions(touch.statement.sql, effect.column) ||
                       touch.statement.sql.find('*') != Bytes::npos;
    if (effect.what == What::restarted) {
        const auto& given = touch.access.columns;
        const bool defaulted =
            touch.inserts() && !given.empty() && std::find(given.begin(), given.end(), effect.column) == given.end();
        if (!defaulted) return;
        prediction.kind = "sequence_restarted";
        prediction.sqlstate = "23505";
        prediction.reason = fmt::format("the migration ({}) restarts the numbers of column \"{}\": rows may have them already",
                                        effect.place, effect.column);
    } else if (touch.inserts() || !named) {
        return;
    } else if (effect.what == What::emptied) {
        prediction.certainty = Certainty::likely;
        prediction.kind = "column_emptied";
        prediction.reason = fmt::format("the migration ({}) drops column \"{}\" and adds it again: what it held is gone",
                                        effect.place, effect.column);
    } else {
        prediction.kind = "data_changed";
        prediction.reason =
            effect.what == What::rows
                ? fmt::format("the migration ({}) adds or removes rows", effect.place)
                : fmt::format("the migration ({}) {} column \"{}\"", effect.place,
                              effect.what == What::set ? "writes other values into" : "converts by its own expression",
                              effect.column);
    }
    tell(std::move(prediction));
}

void MigrationEffects::predict(const AccessedRelation& touch, const Tell& tell) const {
    const auto found = relations_.find(touch.name.second);
    if (found == relations_.end()) return;
    for (const Effect& effect : found->second) {
        if (!effect.schema.empty() && effect.schema != touch.name.first) continue;
        // A column that was filled again after it was emptied.
        const bool refilled =
            effect.what == Effect::What::emptied &&
            std::any_of(found->second.begin(), found->second.end(), [&](const Effect& other) {
                return other.what == Effect::What::set && other.column == effect.column;
            });
        if (!refilled) tell_effect(effect, touch, tell);
    }
}

}  // namespace understudy::schema
