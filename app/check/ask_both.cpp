#include "app/check/ask_both.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iterator>

#include "app/check/kept_answers.hpp"
#include "core/base/time.hpp"
#include "schema/check/bodies/predict_bodies.hpp"
#include "schema/check/relevant_names.hpp"

namespace understudy::app {
namespace {

/// What was run of the migration, up to where it failed if it did.
std::vector<schema::MigrationStatement> statements_run(const CheckedDatabases& databases) {
    std::vector<schema::MigrationStatement> all;
    if (!databases.migrations || !databases.migration) return all;
    for (const std::size_t index : databases.migrations->pending) {
        const schema::Script& script = databases.migrations->set.migrations[index].up;
        for (const schema::ScriptStatement& statement : script.statements)
            all.push_back({statement.text, fmt::format("{}:{}", script.path, statement.line)});
    }
    if (all.size() > databases.migration->statements) all.resize(databases.migration->statements);
    return all;
}

}  // namespace

Result<schema::CheckReport> ask_both(const CheckedDatabases& databases, const schema::RecordedStatements& recorded,
                                     const AskOptions& options) {
    schema::DescribeOptions describing;
    describing.temp_tables = options.temp_tables;
    const schema::CheckPlan plan = schema::make_plan(recorded);
    const Timestamp start = system_clock().now();
    UNDERSTUDY_TRY(AskedServers servers, AskedServers::open(databases, options.cache, describing));
    const std::string baseline = servers.baseline().to_string();
    const std::string candidate = servers.candidate().to_string();
    if (baseline == candidate) {
        fmt::print(stderr, "understudy: baseline and candidate are the same database: nothing can differ\n");
    }
    UNDERSTUDY_TRY(const auto answers, servers.ask(recorded, plan));
    schema::CheckReport report =
        schema::build_report(recorded, plan, answers.first, answers.second, options.min_coverage);
    UNDERSTUDY_TRY(schema::SchemaFacts before, schema::read_schema_facts(databases.baseline));
    UNDERSTUDY_TRY(schema::SchemaFacts after, schema::read_schema_facts(databases.candidate));
    UNDERSTUDY_CHECK(schema::read_privileges(databases.baseline, report.roles_not_assumed, before));
    UNDERSTUDY_CHECK(schema::read_privileges(databases.candidate, report.roles_not_assumed, after));
    UNDERSTUDY_TRY(const schema::Routines routines, schema::read_routines(databases.candidate));
    const auto migration = statements_run(databases);
    // Under another search_path any name may mean something else.
    std::optional<std::set<Bytes>> names;
    if (answers.first.paths == answers.second.paths) names = schema::relevant_names(before, after, routines, migration);
    const auto accesses = schema::relevant_accesses(recorded, plan, names);
    auto predictions =
        schema::predict(recorded, plan, accesses, answers.first, answers.second, before, after, migration);
    const schema::BodyPlan bodies =
        schema::plan_bodies(recorded, plan, answers.second.paths, accesses, routines, after);
    if (!bodies.questions.empty() || !bodies.skipped.empty()) {
        UNDERSTUDY_TRY(const auto told, servers.ask(bodies.statements, bodies.plan));
        schema::BodyCheck check;
        auto of_bodies = schema::predict_bodies(bodies, routines, told.first, told.second, before, after, check);
        std::move(of_bodies.begin(), of_bodies.end(), std::back_inserter(predictions));
        schema::add_bodies(report, std::move(check));
    }
    schema::add_predictions(report, recorded, plan, answers.first, answers.second, predictions);
    report.duration = system_clock().now() - start;
    report.baseline = baseline;
    report.asked_as = servers.baseline().user;
    report.candidate = candidate;
    UNDERSTUDY_CHECK(servers.keep());
    if (std::string note = servers.note(); !note.empty()) report.notes.push_back(std::move(note));
    return report;
}

}  // namespace understudy::app
