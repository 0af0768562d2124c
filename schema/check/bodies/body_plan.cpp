#include "schema/check/bodies/body_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/catalog/search_path.hpp"
#include "core/sql/lexer.hpp"
#include "core/sql/literal_text.hpp"
#include "schema/check/bodies/variable_types.hpp"

namespace understudy::schema {
namespace {

/// As whom and where a body is run.
struct Situation {
    Bytes user;
    std::optional<Bytes> search_path;
    friend auto operator<=>(const Situation&, const Situation&) = default;
};

Bytes shown_name(const Routine& routine) { return routine.name + "()"; }

class Planning {
public:
    Planning(const Routines& routines, const SchemaFacts& schema, BodyPlan& out)
        : routines_(routines), reach_(routines, schema), out_(out) {
        if (routines.beyond_limit > 0) out.skipped["beyond_limit"] += routines.beyond_limit;
    }

    const RoutineReach& reach() const { return reach_; }

    /// The questions about one routine, the same for all that reach it in one situation.
    const std::set<std::size_t>& questions_of(const Reached& reached, Situation situation) {
        const Routine& routine = routines_.all[reached.routine];
        if (routine.search_path) situation.search_path = routine.search_path;
        if (routine.security_definer) situation.user.clear();
        const auto [found, added] = asked_.try_emplace({{reached.routine, reached.table, {}, true}, situation});
        if (!added) return found->second;
        validator(reached, situation, found->second);
        if (routine.definition.empty()) {
            ++out_.skipped["too_long"];
        } else if (routine.language == "plpgsql") {
            const auto& body = reach_.body(reached.routine);
            if (body) statements(*body, routine, reached, situation, found->second);
            if (!body) ++out_.skipped["unreadable_body"];
        }
        return found->second;
    }

    /// Whether all of the block's SQL is asked about.
    bool block(std::size_t index, const RecordedStatement& statement, const sql::PlpgsqlBody& body) {
        static const Routine kBlock;
        std::uint64_t skipped = 0;
        for (const auto& [reason, count] : out_.skipped) skipped += count;
        std::set<std::size_t> questions;
        statements(body, kBlock, {}, {statement.user, statement.search_path}, questions);
        note(questions, true, out_.of_blocks[index]);
        for (const auto& [reason, count] : out_.skipped) skipped -= count;
        return skipped == 0;
    }

    static void note(const std::set<std::size_t>& questions, bool sure, BodyPlan::Questions& into) {
        for (const std::size_t question : questions) into[question] = into[question] || sure;
    }

private:
    void add(BodyQuestion question, Bytes sql, CheckPlan::Ask ask, const Situation& situation,
             std::set<std::size_t>& into) {
        if (out_.questions.size() >= kMaxBodyQuestions) {
            ++out_.skipped["beyond_limit"];
            return;
        }
        RecordedStatement& statement = out_.statements.statements.emplace_back();
        statement.sql = sql;
        statement.user = situation.user;
        statement.search_path = situation.search_path;
        out_.plan.items.push_back({out_.questions.size(), std::move(sql), false, ask});
        into.insert(out_.questions.size());
        out_.questions.push_back(std::move(question));
    }
    void validator(const Reached& reached, Situation situation, std::set<std::size_t>& into) {
        const Routine& routine = routines_.all[reached.routine];
        situation.user.clear();  // it asks for privileges that callers need not have
        const Bytes of = sql::quote_literal(routine.signature) + "::pg_catalog.regprocedure";
        add({reached, true, {}, 0, false, {}, shown_name(routine)},
            fmt::format("select pg_catalog.{}({})", routine.validator, of), CheckPlan::Ask::run, situation, into);
    }
    void statements(const sql::PlpgsqlBody& body, const Routine& routine, const Reached& reached,
                    const Situation& situation, std::set<std::size_t>& into) {
        out_.skipped["dynamic_sql"] += body.dynamic;
        if (body.dynamic == 0 && out_.skipped["dynamic_sql"] == 0) out_.skipped.erase("dynamic_sql");
        if (body.prefers_columns) {
            ++out_.skipped["variable_conflict"];
            return;
        }
        const VariableTypes types(body, routine, reached.table);
        const Bytes name = routine.name.empty() ? Bytes("the block") : shown_name(routine);
        for (const sql::PlpgsqlStatement& statement : body.statements) {
            BodyQuestion question{reached, false, statement.sql, statement.line, statement.conditional, {}, {}};
            const auto typed = sql::with_typed_variables(
                statement.sql,
                [&](const sql::NameReference& reference) {
                    auto stand = types.stand_for(reference);
                    if (stand && reference.names.size() == 1 && !reference.star && !body.prefers_variables)
                        question.variables.insert(reference.names[0]);
                    return stand;
                },
                [&](std::uint32_t number) { return types.parameter(number); });
            if (!typed) {
                ++out_.skipped["untyped_variable"];
                continue;
            }
            question.place = statement.line > 0 ? fmt::format("line {} of {}", statement.line, name) : name;
            add(std::move(question), *typed, CheckPlan::Ask::describe, situation, into);
        }
    }

    const Routines& routines_;
    RoutineReach reach_;
    BodyPlan& out_;
    std::map<std::pair<Reached, Situation>, std::set<std::size_t>> asked_;
};

/// DO statements: what they run directly, and what these run.
void plan_blocks(const RecordedStatements& recorded, Planning& planning, BodyPlan& out) {
    for (std::size_t i = 0; i < recorded.statements.size(); ++i) {
        const RecordedStatement& statement = recorded.statements[i];
        const auto definition = sql::function_of_do_block(statement.sql);
        const auto body = definition ? sql::plpgsql_body(*definition) : std::nullopt;
        if (!body) continue;
        if (planning.block(i, statement, *body)) out.whole_blocks.insert(i);
        Accesses accesses;
        for (const sql::PlpgsqlStatement& each : body->statements) {
            if (auto some = sql::statement_accesses(each.sql)) accesses.insert(accesses.end(), some->begin(), some->end());
        }
        const auto path = catalog::schemas_of(statement.search_path.value_or("\"$user\", public"), statement.user);
        for (const Reached& reached : planning.reach().from(accesses, path)) {
            const auto& questions = planning.questions_of(reached, {statement.user, statement.search_path});
            Planning::note(questions, reached.sure, out.of_blocks[i]);
        }
    }
}

}  // namespace

BodyPlan plan_bodies(const RecordedStatements& recorded, const CheckPlan& plan, const std::vector<Bytes>& paths,
                     const std::vector<std::optional<Accesses>>& accesses, const Routines& routines,
                     const SchemaFacts& schema) {
    BodyPlan out;
    Planning planning(routines, schema, out);
    std::set<std::size_t> reached_routines;
    for (std::size_t i = 0; i < plan.items.size() && !routines.all.empty(); ++i) {
        const RecordedStatement& statement = recorded.statements[plan.items[i].statement];
        if (!accesses[i]) continue;
        const auto path = catalog::schemas_of(paths[i], statement.user);
        for (const Reached& reached : planning.reach().from(*accesses[i], path)) {
            reached_routines.insert(reached.routine);
            const auto& questions = planning.questions_of(reached, {statement.user, statement.search_path});
            Planning::note(questions, reached.sure, out.of_items[i]);
        }
    }
    plan_blocks(recorded, planning, out);
    out.routines = reached_routines.size();
    for (std::size_t i = 0; i < routines.all.size(); ++i) {
        if (reached_routines.count(i) > 0 || routines.all[i].of_triggers) continue;
        Planning::note(planning.questions_of({i, std::nullopt, {}, true}, {}), false, out.unreached);
    }
    const auto group = [&](const CheckPlan::Item& item) {
        const RecordedStatement& statement = out.statements.statements[item.statement];
        return std::tie(statement.user, statement.search_path);
    };
    std::stable_sort(out.plan.items.begin(), out.plan.items.end(),
                     [&](const auto& a, const auto& b) { return group(a) < group(b); });
    return out;
}

}  // namespace understudy::schema
