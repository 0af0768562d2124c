#include "schema/check/bodies/reach.hpp"

#include <algorithm>
#include <set>

#include "core/catalog/search_path.hpp"
#include "core/sql/function_body.hpp"
#include "core/sql/lexer.hpp"

namespace understudy::schema {
namespace {

/// Views of views of …: no deeper.
constexpr int kMaxViews = 20;

char event_of(sql::AccessKind kind) {
    switch (kind) {
        case sql::AccessKind::insert: return 'i';
        case sql::AccessKind::update: return 'u';
        case sql::AccessKind::delete_: return 'd';
        default: return ' ';
    }
}

bool fires(const RoutineTrigger& trigger, const sql::RelationAccess& access) {
    const char event = event_of(access.kind);
    if (trigger.events.count(event) == 0) return false;
    if (event != 'u' || trigger.columns.empty() || access.sets.empty()) return true;
    return std::any_of(access.sets.begin(), access.sets.end(),
                       [&](const Bytes& column) { return trigger.columns.count(column) > 0; });
}

/// What the statements of a body do; those that cannot be parsed are left out here, and counted where they are asked about.
Accesses accesses_of(const Routine& routine, const std::optional<sql::PlpgsqlBody>& body) {
    Accesses all;
    if (body) {
        for (const sql::PlpgsqlStatement& statement : body->statements) {
            auto accesses = sql::statement_accesses(statement.sql);
            if (accesses) std::move(accesses->begin(), accesses->end(), std::back_inserter(all));
        }
    } else if (routine.language == "sql" && !routine.definition.empty()) {
        if (auto access = sql::function_body_access("sql", routine.definition)) {
            sql::StatementAccess& one = all.emplace_back();
            one.relations = std::move(access->relations);
            one.functions = std::move(access->functions);
        }
    }
    return all;
}

}  // namespace

RoutineReach::RoutineReach(const Routines& routines, const SchemaFacts& schema) : routines_(routines), schema_(schema) {
    for (const Routine& routine : routines.all) {
        auto& body = bodies_.emplace_back();
        if (routine.language == "plpgsql" && !routine.definition.empty()) body = sql::plpgsql_body(routine.definition);
        accesses_.push_back(accesses_of(routine, body));
    }
}

std::optional<QualifiedName> RoutineReach::resolve(const sql::RelationAccess& access,
                                                   const std::vector<Bytes>& path) const {
    if (!access.schema.empty()) return QualifiedName(access.schema, access.name);
    for (const Bytes& schema : path) {
        QualifiedName name(schema, access.name);
        if (schema_.relations.count(name) > 0) return name;
    }
    return std::nullopt;
}

void RoutineReach::of_relation(const QualifiedName& name, const sql::RelationAccess& access, const Found& found) const {
    std::set<QualifiedName> seen{name};
    std::vector<QualifiedName> open{name};
    for (int depth = 0; depth < kMaxViews && !open.empty(); ++depth) {
        std::vector<QualifiedName> next;
        for (const QualifiedName& relation : open) {
            const auto triggers = routines_.triggers.find(relation);
            if (triggers != routines_.triggers.end()) {
                for (const RoutineTrigger& trigger : triggers->second) {
                    const auto routine = routines_.by_signature.find(trigger.signature);
                    if (routine != routines_.by_signature.end() && fires(trigger, access))
                        found({routine->second, relation, trigger.name, true});
                }
            }
            const auto called = routines_.called_by_relation.find(relation);
            if (called != routines_.called_by_relation.end()) {
                for (const Bytes& signature : called->second) {
                    const auto routine = routines_.by_signature.find(signature);
                    if (routine != routines_.by_signature.end()) found({routine->second, std::nullopt, {}, true});
                }
            }
            const auto below = routines_.relations_of_view.find(relation);
            if (below == routines_.relations_of_view.end()) continue;
            for (const QualifiedName& each : below->second) {
                if (seen.insert(each).second) next.push_back(each);
            }
        }
        open = std::move(next);
    }
}

/// `counted`: calls have their arguments.
void RoutineReach::direct(const sql::StatementAccess& access, const std::vector<Bytes>& path, bool counted,
                          const Found& found) const {
    for (const sql::FunctionUse& use : access.functions) {
        std::vector<Bytes> schemas = path;
        if (!use.schema.empty()) schemas = {use.schema};
        std::vector<std::size_t> fitting;
        for (const Bytes& schema : schemas) {
            const auto named = routines_.by_name.find({schema, use.name});
            if (named == routines_.by_name.end()) continue;
            for (const std::size_t each : named->second) {
                const Routine& routine = routines_.all[each];
                const std::size_t given = use.arguments.size();
                if (!counted || (given >= routine.least_arguments && given <= routine.most_arguments))
                    fitting.push_back(each);
            }
        }
        for (const std::size_t each : fitting) found({each, std::nullopt, {}, fitting.size() == 1});
    }
    for (const sql::RelationAccess& relation : access.relations) {
        if (const auto name = resolve(relation, path)) of_relation(*name, relation, found);
    }
}

std::vector<Reached> RoutineReach::from(const Accesses& accesses, const std::vector<Bytes>& path) const {
    std::set<Reached> all;
    std::vector<Reached> open;
    const Found found = [&](Reached reached) {
        if (all.insert(reached).second) open.push_back(std::move(reached));
    };
    for (const sql::StatementAccess& access : accesses) direct(access, path, true, found);
    while (!open.empty()) {
        const Reached reached = std::move(open.back());
        open.pop_back();
        const Routine& routine = routines_.all[reached.routine];
        const std::vector<Bytes> own =
            routine.search_path ? catalog::schemas_of(*routine.search_path, {}) : std::vector<Bytes>();
        for (const sql::StatementAccess& access : accesses_[reached.routine])
            direct(access, routine.search_path ? own : path, routine.language == "plpgsql", found);
    }
    return {all.begin(), all.end()};
}

}  // namespace understudy::schema
