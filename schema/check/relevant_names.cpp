#include "schema/check/relevant_names.hpp"

#include "core/sql/ddl_effects.hpp"
#include "core/sql/lexer.hpp"
#include "core/sql/statement_traits.hpp"

namespace understudy::schema {
namespace {

void add_of_migration(const std::vector<MigrationStatement>& migration, std::set<Bytes>& names) {
    for (const MigrationStatement& statement : migration) {
        for (const sql::RelationUse& use : sql::traits(statement.sql).relations) names.insert(use.name);
        const auto actions = sql::ddl_effects(statement.sql);
        if (!actions) continue;
        for (const sql::DdlAction& action : *actions) names.insert(action.relation.name);
    }
}

bool has_one_of(BytesView sql, const std::set<Bytes>& names) {
    for (const sql::Token& token : sql::Tokens(sql)) {
        if (token.kind == sql::TokenKind::word && names.count(sql::to_lower(token.text)) > 0) return true;
        if (token.kind != sql::TokenKind::quoted_identifier) continue;
        // Escapes in a quoted name are not undone here: such a statement is taken apart.
        if (names.count(Bytes(token.body)) > 0 || token.body.find('"') != BytesView::npos || token.text[0] != '"')
            return true;
    }
    return false;
}

}  // namespace

std::optional<std::set<QualifiedName>> changed_relations(const SchemaFacts& before, const SchemaFacts& after) {
    if (before.domains != after.domains || before.sequences != after.sequences ||
        before.sequence_users != after.sequence_users || before.unbound_roles != after.unbound_roles) {
        return std::nullopt;
    }
    std::set<QualifiedName> changed;
    const auto add = [&](const SchemaFacts& facts, const SchemaFacts& other) {
        for (const auto& [name, relation] : facts.relations) {
            const auto found = other.relations.find(name);
            if (found != other.relations.end() && found->second == relation) continue;
            changed.insert(name);
            for (const auto& [constraint_name, constraint] : relation.constraints) {
                if (constraint.type == 'f') changed.insert({constraint.referenced_schema, constraint.referenced});
            }
        }
    };
    add(before, after);
    add(after, before);
    return changed;
}

std::optional<std::set<Bytes>> relevant_names(const SchemaFacts& before, const SchemaFacts& after,
                                              const Routines& routines, const std::vector<MigrationStatement>& migration) {
    const auto changed = changed_relations(before, after);
    if (!changed) return std::nullopt;
    std::set<Bytes> names;
    const auto add = [&](const auto& all) {
        for (const auto& [name, value] : all) names.insert(name.second);
    };
    for (const QualifiedName& name : *changed) names.insert(name.second);
    add(routines.by_name);
    add(routines.triggers);
    add(routines.called_by_relation);
    add(routines.relations_of_view);
    add_of_migration(migration, names);
    return names;
}

std::vector<std::optional<Accesses>> relevant_accesses(const RecordedStatements& recorded, const CheckPlan& plan,
                                                       const std::optional<std::set<Bytes>>& names) {
    std::vector<std::optional<Accesses>> all(plan.items.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Bytes& sql = recorded.statements[plan.items[i].statement].sql;
        if (!names || has_one_of(sql, *names)) all[i] = sql::statement_accesses(sql);
    }
    return all;
}

}  // namespace understudy::schema
