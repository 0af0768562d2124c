#include "app/replay/replay_choice.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/options.hpp"
#include "app/process/command_run.hpp"
#include "app/replay/resume.hpp"
#include "app/time_option.hpp"
#include "core/catalog/read_catalog.hpp"
#include "core/catalog/read_volatility.hpp"
#include "core/catalog/type_structures.hpp"

namespace understudy::app {
namespace {

std::string facts_text(const replay::PauseFacts& facts) {
    std::string text = fmt::format("pause: {} sessions are held", human_count(facts.sessions));
    if (facts.busy > 0) text += fmt::format("; {} still wait for an answer", human_count(facts.busy));
    if (facts.transactions > 0) {
        text += fmt::format("; {} have a transaction open, whose locks the command may wait for: they go on to its end",
                            human_count(facts.transactions));
    }
    return text + "\n";
}

/// What happens while the sessions are held.
Result<void> act(const PauseFlags& flags, const std::string& target, const replay::PauseFacts& facts) {
    fmt::print(stderr, "{}", facts_text(facts));
    UNDERSTUDY_TRY(const CommandEnd end,
                   run_command(flags.run,
                               {{"UNDERSTUDY_TARGET", target},
                                {"UNDERSTUDY_HELD_SESSIONS", fmt::format("{}", facts.sessions)},
                                {"UNDERSTUDY_OPEN_TRANSACTIONS", fmt::format("{}", facts.transactions)}},
                               stop_requested));
    if (end.stopped || end.exit_code == 0) return {};
    const std::string ended = fmt::format("the command of --run ended with exit code {}", end.exit_code);
    if (!flags.may_fail) {
        return make_error(Errc::io, ended + "; the replay goes no further (--run-may-fail goes on)");
    }
    fmt::print(stderr, "{}; going on\n", ended);
    return {};
}

/// Types that the command made are read by their values, too. Where they cannot be read, the columns count as unlike.
void learn_types(const std::string& control, Digester& digester) {
    if (const auto after = catalog::read_catalog(control)) {
        digester.learn(catalog::user_types(*after));
    } else {
        fmt::print(stderr, "understudy: types that --run made are not known: {}\n", after.error().message);
    }
}

Result<void> check_pause(const PauseFlags& flags) {
    if (!flags.at.empty() && flags.run.empty()) {
        return make_error(Errc::usage, "--pause-at needs --run COMMAND; --run true does nothing, as a baseline does");
    }
    if (flags.at.empty() && (!flags.run.empty() || flags.warm || flags.may_fail)) {
        return make_error(Errc::usage, "--run, --run-may-fail and --warm need --pause-at TIME");
    }
    UNDERSTUDY_CHECK(parse_duration(flags.wait));
    if (!flags.at.empty()) UNDERSTUDY_CHECK(TimeOption::parse(flags.at));
    return {};
}

Result<void> check_resume(const ReplayChoice& choice) {
    if (choice.resume.empty()) return {};
    if (!choice.selection.read_only) {
        return make_error(
            Errc::usage,
            "--resume needs --read-only: a replay that wrote has left the target between two states, so the "
            "rest would be asked of other data; restore the target and begin anew");
    }
    if (choice.selection.scale > 1 || !choice.pause.at.empty()) {
        return make_error(Errc::usage, "--resume goes neither with --scale nor with --pause-at");
    }
    return {};
}

}  // namespace

void add_choice_options(CLI::App& command, ReplayChoice& choice) {
    add_selection_options(command, choice.selection);
    command
        .add_option("--resume", choice.resume,
                    "Go on where the interrupted replay with these answers ended; they are copied. Needs --read-only")
        ->group("What is replayed");
    constexpr const char* kGroup = "Holding sessions over a migration";
    PauseFlags& pause = choice.pause;
    command.add_option("--pause-at", pause.at, "Hold all sessions at this time of the capture, and run a command")
        ->group(kGroup);
    command.add_option("--run", pause.run, "What to run meanwhile, by /bin/sh; UNDERSTUDY_TARGET says where")
        ->group(kGroup);
    command
        .add_option(
            "--pause-wait", pause.wait,
            "How long exchanges and transactions that are open then may go on; the quietest moment of so long is "
            "taken")
        ->group(kGroup)
        ->capture_default_str();
    command
        .add_flag("--let-transactions-end", pause.let_transactions_end,
                  "Whoever is inside a transaction even then is not held: it goes on to its end while the command runs")
        ->group(kGroup);
    command.add_flag("--run-may-fail", pause.may_fail, "Go on when the command fails")->group(kGroup);
    command
        .add_flag("--warm", pause.warm,
                  "Prepare, before the pause, the named statements that held sessions prepare after it")
        ->group(kGroup);
}

Result<void> choose(const ReplayChoice& choice, const std::vector<std::string>& files, replay::EngineOptions& engine) {
    UNDERSTUDY_CHECK(check_pause(choice.pause));
    UNDERSTUDY_CHECK(check_resume(choice));
    UNDERSTUDY_TRY(const Timestamp start, capture_start(files, engine.keys));
    UNDERSTUDY_TRY(engine.selection, selection_of(choice.selection, start));
    engine.copies = choice.selection.scale;
    UNDERSTUDY_TRY(engine.span, store::capture_span(files));
    if (!choice.resume.empty()) {
        UNDERSTUDY_TRY(engine.selection.done, read_resume_points(choice.resume, engine.keys));
    }
    return {};
}

Result<void> complete_choice(const ReplayChoice& choice, const std::vector<std::string>& files,
                             const std::string& control, const std::string& target, Digester& digester,
                             replay::EngineOptions& engine) {
    if (choice.selection.read_only) {
        UNDERSTUDY_TRY(engine.selection.statements.functions, catalog::read_volatility(control));
    }
    const PauseFlags& flags = choice.pause;
    if (flags.at.empty()) return {};
    UNDERSTUDY_TRY(const TimeOption at, TimeOption::parse(flags.at));
    UNDERSTUDY_TRY(const Timestamp start, capture_start(files, engine.keys));
    UNDERSTUDY_TRY(const Duration wait, parse_duration(flags.wait));
    UNDERSTUDY_TRY(engine.pause,
                   replay::plan_pause(files, engine.keys, engine.selection, at.resolve(start), wait, flags.warm));
    engine.pause->let_transactions_end = flags.let_transactions_end;
    engine.pause->act = [flags, target, control, &digester](const replay::PauseFacts& facts) -> Result<void> {
        UNDERSTUDY_CHECK(act(flags, target, facts));
        learn_types(control, digester);
        return {};
    };
    return {};
}

void add_choice_counters(const replay::EngineOptions& engine, const replay::EngineOutcome& outcome,
                         const replay::ReplayStats& stats, std::map<std::string, std::uint64_t>& counters) {
    for (const auto& [key, count] : outcome.left_out) counters["replay.left_out." + key] = count;
    if (engine.selection.statements.read_only) counters["replay.read_only_refused"] = stats.read_only_refused;
    if (engine.copies > 1) counters["replay.scale"] = engine.copies;
    if (!engine.pause) return;
    const replay::HeldSessions& held = engine.pause->held;
    counters["replay.held_sessions"] = held.sessions * engine.copies;
    counters["replay.pause_transactions"] = outcome.pause_transactions;
    counters["replay.held_statements"] = held.statements * engine.copies;
    for (const auto& [fingerprint, sessions] : held.fingerprints) {
        counters[fmt::format("replay.held_fingerprint.{:016x}", fingerprint)] = sessions * engine.copies;
    }
    if (!engine.pause->warm) return;
    counters["replay.statements_warmed"] = stats.statements_warmed;
    counters["replay.statements_not_warmed"] = stats.statements_not_warmed + held.left_out;
    counters["replay.parses_elided"] = stats.parses_elided;
}

std::string choice_summary(const replay::EngineOptions& engine, const replay::EngineOutcome& outcome,
                           const replay::ReplayStats& stats) {
    std::string text = left_out_text(outcome.left_out);
    if (engine.selection.statements.read_only && stats.read_only_refused > 0) {
        text += fmt::format(
            "{} steps were refused because they would have written (SQLSTATE 25006): a view, trigger or function of "
            "the "
            "target does more than its statement says\n",
            human_count(stats.read_only_refused));
    }
    if (!engine.pause) return text;
    const replay::HeldSessions& held = engine.pause->held;
    text += fmt::format("{} sessions with {} prepared statements were held over the pause\n",
                        human_count(held.sessions * engine.copies), human_count(held.statements * engine.copies));
    if (engine.pause->warm) {
        text +=
            fmt::format("  {} more statements were prepared before it; {} could not be\n",
                        human_count(stats.statements_warmed), human_count(stats.statements_not_warmed + held.left_out));
    }
    return text;
}

}  // namespace understudy::app
