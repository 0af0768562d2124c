#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "app/command.hpp"
#include "app/compare/compared_capture.hpp"
#include "app/fidelity/section.hpp"
#include "app/history/keep_run.hpp"
#include "app/options.hpp"
#include "app/rehearse/config_file.hpp"
#include "app/rehearse/rehearsal.hpp"
#include "app/rehearse/rehearse_options.hpp"
#include "app/rehearse/run_folder.hpp"
#include "app/time_option.hpp"

namespace understudy::app {
namespace {

Result<Duration> time_span(const std::string& text) {
    UNDERSTUDY_TRY(const Duration parsed, parse_duration(text));
    if (parsed > Duration()) return parsed;
    return make_error(Errc::usage, fmt::format("'{}' is no time span", text));
}

Result<void> complete(RehearseOptions& options) {
    if (options.capture.empty()) {
        return make_error(Errc::usage, "no capture: name one, or write an understudy.yaml (understudy init)");
    }
    if (options.target.empty())
        return make_error(Errc::usage, "no target: say --target CONNINFO, a marked staging database");
    UNDERSTUDY_TRY(options.traffic_window, time_span(options.traffic_time));
    UNDERSTUDY_TRY(options.allowed_stall, time_span(options.max_stall));
    if (!options.held_at.empty()) UNDERSTUDY_CHECK(TimeOption::parse(options.held_at));
    return {};
}

Result<int> run_rehearse(CLI::App& command, RehearseOptions& options, const std::string& fidelity,
                         const HistoryOptions& history) {
    UNDERSTUDY_CHECK(apply_config(command, options.config, command.get_option("--config")->count() > 0));
    UNDERSTUDY_CHECK(complete(options));
    UNDERSTUDY_CHECK(options.keys.load());
    std::optional<compare::Section> certified;
    if (!fidelity.empty()) {
        UNDERSTUDY_TRY(const auto certificate, read_certificate_file(fidelity));
        certified = fidelity_section(certificate);
    }
    options.judging.rules.path = options.judging.rules.path.empty() && std::filesystem::exists(options.config)
                                     ? options.config
                                     : options.judging.rules.path;
    UNDERSTUDY_CHECK(prepare(options.judging));
    watch_for_stop();
    UNDERSTUDY_TRY(const CaptureSpan span, span_of(options.capture, options.keys));
    options.migration.allowed.insert(options.allow.begin(), options.allow.end());
    UNDERSTUDY_TRY(ChosenMigrations chosen, choose_migrations(options.migration, options.target));
    UNDERSTUDY_TRY(chosen.settings.production, production_facts(options.production_id));
    chosen.settings.production.recorded_system_identifier = span.system_identifier;
    UNDERSTUDY_TRY(const auto stage, make_stage(options, span.system_identifier, stop_requested));
    if (options.plan) {
        fmt::print("{}", plan_text(plan_rehearsal(options, chosen, span), options, chosen, span, stage->describe()));
        return kPassed;
    }
    UNDERSTUDY_TRY(HistoryKeeper keeper, HistoryKeeper::open(history, "rehearse"));
    for (const std::string& warning : chosen.warnings) fmt::print(stderr, "understudy: {}\n", warning);
    UNDERSTUDY_TRY(const RunFolder folder, RunFolder::make(options.keep));
    Rehearsal rehearsal(options, chosen, span, *stage, folder.path(), stop_requested);
    UNDERSTUDY_TRY(compare::Report report, rehearsal.run());
    if (certified) add_fidelity(report, std::move(*certified));
    if (options.judging.migration.empty() && std::filesystem::is_regular_file(options.migration.path)) {
        options.judging.migration = options.migration.path;
    }
    UNDERSTUDY_TRY(const auto capture, ComparedCapture::open(options.capture, options.keys));
    const ReportedRuns runs{folder.path() + "/baseline.pgcap", folder.path() + "/candidate.pgcap"};
    return keeper.conclude_run(options.judging, report, capture->digest_key(), runs, options.keys);
}

void add_replay_options(CLI::App& command, RehearseOptions& options) {
    command.add_option("--speed", options.speed, "Of the replays that compare answers: a number, or max")
        ->capture_default_str();
    command.add_option("--sync", options.sync, "Order across sessions, as replay has it")->capture_default_str();
    command.add_option("--credentials", options.credentials, "Passwords of the recorded roles: a file like .pgpass");
    command.add_flag("--impersonate", options.impersonate,
                     "Log in as the target's user and take the recorded roles on");
    command.add_option("--user-map", options.user_map, "RECORDED=TARGET; may be given more than once");
    command.add_option("--database-map", options.database_map, "RECORDED=TARGET; may be given more than once");
    command.add_option("--identity", options.identities, "TABLE.COLUMN whose values are generated, as replay has it");
    command.add_option("--harmless", options.harmless, "A volatile function that touches no table");
    command.add_option("--allow", options.allow,
                       "Let this effect outside the database pass, by the name in the refusal");
    command.add_option("--production-id", options.production_id, "System identifier of production, or none");
    command.add_flag("--ignore-start-state", options.ignore_start_state,
                     "Do not check first that the target holds the data the capture began with");
    add_key_option(command, options.keys);
}

void add_scope_options(CLI::App& command, RehearseOptions& options) {
    command.add_option("--reset", options.reset, "How each run gets the start state: template, command or none")
        ->check(CLI::IsMember({"template", "command", "none"}))
        ->capture_default_str();
    command.add_option(
        "--reset-command", options.reset_command,
        "Restores the target before each run; UNDERSTUDY_TARGET and UNDERSTUDY_RUN say where and for what");
    command.add_flag("--close-connections", options.close_connections,
                     "End other connections to the target, which would keep it from being copied");
    command.add_flag("--no-control", options.no_control, "Without the second baseline: noise is not told from change");
    command.add_flag("--no-held", options.no_held, "Without sessions that are open while the migration runs");
    command.add_flag("--no-traffic", options.no_traffic, "Without the migration under traffic");
    command.add_flag("--no-rollback", options.no_rollback, "Without the way back");
    command.add_option("--held-at", options.held_at, "When held sessions pause, e.g. +90s (default: in the middle)");
    command.add_option("--traffic-time", options.traffic_time, "So much of the capture plays while the migration runs")
        ->capture_default_str();
    command.add_option("--traffic-speed", options.traffic_speed, "At this speed")->capture_default_str();
    command
        .add_option("--moments", options.moments,
                    "At how many moments of it the migration runs, each on a copy of its own")
        ->check(CLI::Range(1, 20))
        ->capture_default_str();
    command.add_option("--max-stall", options.max_stall, "How long a query of a user may wait behind the migration")
        ->capture_default_str();
    command.add_option("--keep", options.keep, "Keep the answers of all runs in this directory");
    command.add_flag("--plan", options.plan, "Only say what would be done, and how long it should take");
    command.add_flag("-q,--quiet", options.quiet, "No progress");
    command.add_option("--progress-json", options.progress_json, "Append how it gets on to this file, a line of JSON each");
}

}  // namespace

void add_rehearse_command(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<RehearseOptions>();
    auto history = std::make_shared<HistoryOptions>();
    CLI::App* command =
        app.add_subcommand("rehearse", "Play the whole evening: replays, the migration under traffic, the way back");
    command->add_option("capture", options->capture, "Capture file or directory");
    command->add_option("-t,--target", options->target,
                        "Connection string or URL of the target: marked, and with the start state");
    command->add_option("--config", options->config, "File with these options in its section rehearse")
        ->capture_default_str();
    add_migration_options(*command, options->migration, "--migration");
    add_scope_options(*command, *options);
    add_replay_options(*command, *options);
    add_judging_options(*command, options->judging, JudgingScope::rehearsal);
    auto fidelity = std::make_shared<std::string>();
    command->add_option("--fidelity", *fidelity,
                        "Certificate of understudy fidelity (its --json) for this staging: a section of the report; a "
                        "gate that differs makes the rehearsal inconclusive");
    add_history_options(*command, *history);
    command->footer(
        "Examples:\n"
        "  understudy rehearse prod.pgcap --target 'host=staging dbname=shop' --migration migrations/042.up.sql \\\n"
        "      --rollback migrations/042.down.sql --html report.html\n"
        "  understudy rehearse prod.pgcap --target postgresql://staging/shop --migration db/migrations --plan\n"
        "  understudy rehearse prod.pgcap --target postgresql://staging/shop --migration db/migrations \\\n"
        "      --history postgresql://ops/understudy --job nightly\n"
        "  understudy rehearse                                       # with understudy.yaml (understudy init)\n"
        "The target itself is not touched with --reset template: each run has a copy of it, dropped afterwards\n"
        "(understudy clean removes what a killed run left).\n"
        "Exit codes: 0 nothing found, 1 something did not go well, 2 wrong usage, 3 inconclusive, 4 environment.");
    command->callback([options, fidelity, history, command, &exit_code] {
        const Result<int> result = run_rehearse(*command, *options, *fidelity, *history);
        // Whichever step it was that noticed the signal.
        const bool stopped = !result && stop_requested();
        exit_code = result    ? *result
                    : stopped ? fail(Error{Errc::inconclusive, "stopped before the end; copies were dropped"})
                              : fail(result.error());
    });
}

}  // namespace understudy::app
