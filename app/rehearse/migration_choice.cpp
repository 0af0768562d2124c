#include "app/rehearse/migration_choice.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "app/options.hpp"
#include "app/outside_effects.hpp"
#include "app/process/command_run.hpp"
#include "app/process/target_for_child.hpp"
#include "app/production_id.hpp"
#include "core/base/time.hpp"
#include "core/net/conninfo.hpp"
#include "core/sql/lexer.hpp"
#include "schema/migration/read_files.hpp"

namespace understudy::app {
namespace {

constexpr std::size_t kShownStatement = 120;

/// Comments are for those who read the file; reports travel further.
Bytes without_comments(BytesView statement) {
    Bytes out;
    std::size_t done = 0;
    for (const sql::Token& token : sql::Tokens(statement)) {
        if (token.kind != sql::TokenKind::comment) continue;
        out.append(statement.substr(done, token.offset - done));
        done = token.end();
    }
    return out.append(statement.substr(done));
}

std::string one_line(BytesView statement) {
    std::string text;
    for (const char c : without_comments(statement)) {
        const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (!space) text.push_back(c);
        if (space && !text.empty() && text.back() != ' ') text.push_back(' ');
        if (text.size() >= kShownStatement) return text + "…";
    }
    return text;
}

Result<schema::SessionSettings> session_settings(const MigrationChoice& choice) {
    schema::SessionSettings settings;
    if (!choice.lock_timeout.empty()) {
        UNDERSTUDY_TRY(settings.lock_timeout, parse_duration(choice.lock_timeout));
    }
    if (!choice.statement_timeout.empty()) {
        UNDERSTUDY_TRY(settings.statement_timeout, parse_duration(choice.statement_timeout));
    }
    settings.role = choice.role;
    return settings;
}

/// A mode that the user named holds for both ways of every migration.
Result<void> apply_mode(const std::string& mode, schema::MigrationSet& set) {
    if (mode.empty()) return {};
    const auto known = schema::parse_run_mode(mode);
    if (!known) {
        return make_error(Errc::usage, fmt::format("--run-mode {}: say one-batch, statements, transaction or "
                                                   "transaction-batch",
                                                   mode));
    }
    for (schema::Migration& migration : set.migrations) migration.up_mode = migration.down_mode = *known;
    return {};
}

Result<std::optional<schema::Layout>> named_layout(const std::string& name) {
    if (name.empty()) return std::optional<schema::Layout>();
    const auto layout = schema::parse_layout(name);
    if (!layout) {
        return make_error(Errc::usage,
                          fmt::format("--layout {}: say plain, golang-migrate, flyway, sqitch, dbmate, goose, "
                                      "sql-migrate, diesel or liquibase",
                                      name));
    }
    return layout;
}

std::string step_text(const schema::Migration& migration, const schema::StatementResult& statement) {
    const std::string where = fmt::format("{}:{}", migration.up.path, statement.line);
    if (statement.error) {
        return fmt::format("{} {}: ERROR {}: {}", where, one_line(statement.text), statement.sqlstate(),
                           statement.message());
    }
    if (!statement.end.known()) return fmt::format("{} {}: no answer", where, one_line(statement.text));
    return fmt::format("{} {} ({})", where, one_line(statement.text), human_duration(statement.end - statement.start));
}

RefusedStatement refused_statement(const schema::Migration& migration, const schema::RunResult& ran) {
    const schema::StatementResult* failure = ran.failure();
    if (failure == nullptr) return {migration.up.path, {}, {}, ran.failure_text()};
    return {fmt::format("{}:{}", migration.up.path, failure->line), failure->text, Bytes(failure->sqlstate()),
            failure->error ? Bytes(failure->message()) : ran.failure_text()};
}

MigrationOutcome stopped_before(const schema::Migration& migration, MigrationOutcome outcome) {
    outcome.succeeded = false;
    outcome.stopped = true;
    outcome.failure = fmt::format("{}: stopped before it, as asked", migration.title());
    return outcome;
}

Result<MigrationOutcome> run_command_of(const MigrationChoice& choice, const MigrationJob& run) {
    MigrationOutcome outcome;
    const Timestamp start = system_clock().now();
    UNDERSTUDY_TRY(const auto environment, command_environment(run.conninfo));
    UNDERSTUDY_TRY(const CommandEnd end, run_command(choice.command, environment, run.stop));
    outcome.duration = system_clock().now() - start;
    outcome.succeeded = end.exit_code == 0 && !end.stopped;
    outcome.stopped = end.stopped;
    outcome.steps.push_back(
        fmt::format("{} ({}, exit code {})", choice.command, human_duration(outcome.duration), end.exit_code));
    if (!outcome.succeeded) outcome.failure = failure_text(choice.command, end);
    return outcome;
}

}  // namespace

Result<std::vector<std::pair<std::string, std::string>>> command_environment(const std::string& conninfo) {
    UNDERSTUDY_TRY(TargetForChild target, target_for_child(conninfo));
    target.environment.emplace_back("PGAPPNAME", schema::RunnerSettings().application_name);
    return std::move(target.environment);
}

void add_migration_options(CLI::App& command, MigrationChoice& choice, const std::string& path_option) {
    command.add_option(
        path_option, choice.path,
        "The migration: an SQL file, or the directory that golang-migrate, Flyway, sqitch, dbmate, goose, "
        "sql-migrate, diesel or Liquibase (formatted SQL) read; of a directory, what is pending");
    command.add_option("--rollback", choice.rollback, "The file of the way back, where the migration is a plain file");
    command.add_option("--layout", choice.layout,
                       "The layout of the directory, where it cannot be told from its files");
    command.add_option(
        "--run-mode", choice.mode,
        "How it is sent: one-batch, statements (each commits), transaction, transaction-batch; default: as "
        "the layout's tool does");
    command.add_option(
        "--migrate-command", choice.command,
        "Your own tool in place of --migration, by /bin/sh; DATABASE_URL (a URL), UNDERSTUDY_TARGET (keywords) and "
        "PGPASSWORD say where");
    command.add_option("--rollback-command", choice.rollback_command, "Your tool's way back, likewise");
    command.add_option("--lock-timeout", choice.lock_timeout, "Set lock_timeout in the migration's session, e.g. 2s");
    command.add_option("--statement-timeout", choice.statement_timeout, "Set statement_timeout there");
    command.add_option("--migration-role", choice.role, "SET ROLE before the migration");
}

Result<schema::ProductionFacts> production_facts(const std::string& text) {
    UNDERSTUDY_TRY(const ProductionId production, parse_production_id(text));
    schema::ProductionFacts facts;
    facts.production_id = production.identifier;
    facts.production_id_none = production.none;
    return facts;
}

Result<ChosenMigrations> choose_migrations(const MigrationChoice& choice, const std::string& target) {
    ChosenMigrations chosen;
    if (!choice.any()) {
        return make_error(Errc::usage, "no migration: say --migration FILE or DIRECTORY, or --migrate-command COMMAND");
    }
    UNDERSTUDY_TRY(chosen.settings.session, session_settings(choice));
    if (!choice.command.empty()) {
        if (!choice.path.empty())
            return make_error(Errc::usage, "--migration and --migrate-command exclude each other");
        return chosen;
    }
    UNDERSTUDY_TRY(const auto layout, named_layout(choice.layout));
    const auto down = choice.rollback.empty() ? std::nullopt : std::optional(choice.rollback);
    UNDERSTUDY_TRY(chosen.set, schema::read_migrations(choice.path, down, layout));
    UNDERSTUDY_CHECK(apply_mode(choice.mode, chosen.set));
    UNDERSTUDY_TRY(auto connection, catalog::ControlConnection::open(target));
    UNDERSTUDY_TRY(schema::PendingMigrations pending, schema::read_pending(connection, chosen.set));
    if (pending.indexes.empty() && !choice.may_be_none) {
        return make_error(Errc::usage, fmt::format("nothing is pending: the target has all {} migrations of {}",
                                                   pending.applied, choice.path));
    }
    chosen.pending = std::move(pending.indexes);
    UNDERSTUDY_CHECK(refuse_outside_effects(chosen.set, chosen.pending, choice.allowed));
    chosen.warnings = chosen.set.warnings;
    chosen.warnings.insert(chosen.warnings.end(), pending.warnings.begin(), pending.warnings.end());
    return chosen;
}

Result<MigrationOutcome> run_migrations(const MigrationChoice& choice, const ChosenMigrations& chosen,
                                        const MigrationJob& run) {
    if (!choice.command.empty()) return run_command_of(choice, run);
    schema::RunnerSettings settings = chosen.settings;
    settings.permission = run.own_scratch ? schema::RunPermission::own_scratch : schema::RunPermission::marked_target;
    settings.on_backend = run.on_backend;
    settings.stop = run.stop;
    UNDERSTUDY_TRY(const net::ConnectionInfo info, net::parse_conninfo(run.conninfo));
    MigrationOutcome outcome;
    const Timestamp start = system_clock().now();
    outcome.succeeded = true;
    for (const std::size_t index : chosen.pending) {
        const schema::Migration& migration = chosen.set.migrations[index];
        if (run.stop()) {
            outcome = stopped_before(migration, std::move(outcome));
            break;
        }
        ++outcome.files;
        UNDERSTUDY_TRY(const schema::RunResult ran,
                       schema::run_script(info, migration.up, migration.up_mode, settings));
        for (const auto& statement : ran.statements) outcome.steps.push_back(step_text(migration, statement));
        outcome.stopped = ran.stopped;
        outcome.succeeded = ran.succeeded(migration.up.statements.size()) && !ran.stopped;
        if (!outcome.succeeded) {
            outcome.failure =
                fmt::format("{}: {}", migration.title(),
                            ran.stopped ? "stopped, as asked: " + ran.failure_text() : ran.failure_text());
            outcome.refused = refused_statement(migration, ran);
        }
        if (!outcome.succeeded) break;
    }
    outcome.duration = system_clock().now() - start;
    return outcome;
}

}  // namespace understudy::app
