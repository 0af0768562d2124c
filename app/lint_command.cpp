#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "app/capture_input.hpp"
#include "app/command.hpp"
#include "app/compare/report_files.hpp"
#include "app/keys.hpp"
#include "app/lint_files.hpp"
#include "core/catalog/control_connection.hpp"
#include "schema/hazard/hazard.hpp"
#include "schema/hazard/read_facts.hpp"
#include "schema/hazard/traffic_collector.hpp"

namespace understudy::app {
namespace {

namespace hazard = schema::hazard;

struct LintOptions {
    std::vector<std::string> migrations;
    std::string target;
    std::vector<std::string> captures;
    std::string database;
    std::string json;
    bool one_transaction = false;
    Keys keys;
};

Result<hazard::SchemaFacts> facts_of(const LintOptions& options, const std::vector<hazard::ScriptStatement>& script) {
    if (options.target.empty()) return hazard::SchemaFacts();
    hazard::WantedFacts wanted;
    for (const hazard::ScriptStatement& statement : script) {
        if (const auto actions = sql::ddl_effects(statement.text)) hazard::add_wanted(*actions, statement.text, wanted);
    }
    UNDERSTUDY_TRY(auto connection, catalog::ControlConnection::open(options.target));
    return hazard::read_facts(connection, wanted);
}

Result<hazard::Traffic> traffic_of(LintOptions& options) {
    hazard::TrafficCollector collector(options.database);
    if (options.captures.empty()) return hazard::Traffic();
    UNDERSTUDY_CHECK(options.keys.load());
    UNDERSTUDY_TRY(const auto files, input_files(options.captures));
    for (const std::string& file : files) {
        UNDERSTUDY_CHECK(read_capture(file, options.keys.ring, [&](Event&& event) { collector.on_event(event); }));
    }
    return collector.take();
}

Result<int> run_lint(LintOptions& options) {
    std::vector<hazard::ScriptStatement> script;
    for (const std::string& file : options.migrations) {
        UNDERSTUDY_TRY(const std::string text, read_sql_file(file));
        for (hazard::ScriptStatement& statement : hazard::script_of(file, text)) script.push_back(std::move(statement));
    }
    UNDERSTUDY_TRY(const hazard::SchemaFacts facts, facts_of(options, script));
    UNDERSTUDY_TRY(const hazard::Traffic traffic, traffic_of(options));
    const auto mode =
        options.one_transaction ? hazard::TransactionMode::whole_file : hazard::TransactionMode::each_statement;
    const hazard::HazardReport report = hazard::judge_hazards(script, mode, facts, traffic);
    if (!options.json.empty()) UNDERSTUDY_CHECK(write_private_file(options.json, hazard::to_json(report)));
    fmt::print("{}", hazard::to_text(report));
    if (std::fflush(stdout) != 0) return make_error(Errc::io, "cannot write the report to standard output");
    return report.findings() ? kDiverged : kPassed;
}

}  // namespace

void add_lint_command(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<LintOptions>();
    CLI::App* command = app.add_subcommand(
        "lint", "Say what a migration's text would lock, rewrite or break, with real sizes and recorded traffic");
    command->add_option("migration", options->migrations, "SQL files, in the order in which they are run")->required();
    command->add_option(
        "-t,--target", options->target,
        "Connection string or URL of a database with the schema before the migration: sizes, types, keys. It is "
        "only read");
    command->add_option("--capture", options->captures,
                        "Capture files or directories: who uses the tables, and how often");
    command->add_option("--database", options->database, "Only what was recorded in this database (default: all)");
    command->add_flag(
        "--one-transaction", options->one_transaction,
        "Each file is run as one transaction (default: BEGIN and COMMIT in the text count, else each statement is "
        "one)");
    add_key_option(*command, options->keys);
    command->add_option("--json", options->json,
                        "Write the report there as well, as JSON; an existing file is replaced");
    command->footer(
        "Nothing is executed. Without --target the heavier case is assumed wherever the schema decides.\n"
        "Examples:\n"
        "  understudy lint 042_split_name.sql --target 'host=staging dbname=shop' --capture prod.pgcap\n"
        "  understudy lint --one-transaction migrations/*.up.sql -t postgresql://staging/shop --json lint.json\n"
        "Exit code 1: something breaks, stalls or waits; 4: a server or a file cannot be reached.");
    command->callback([options, &exit_code] {
        const Result<int> result = run_lint(*options);
        exit_code = result ? *result : fail(result.error());
    });
}

}  // namespace understudy::app
