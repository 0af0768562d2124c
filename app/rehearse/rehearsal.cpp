#include "app/rehearse/rehearsal.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/migration_hazards.hpp"
#include "app/options.hpp"
#include "app/progress_file.hpp"
#include "app/rehearse/replay_program.hpp"
#include "app/rehearse/rollback_host.hpp"
#include "app/rehearse/sections.hpp"
#include "compare/analysis/snapshot_changes.hpp"
#include "compare/report/rehearsed.hpp"
#include "core/catalog/snapshot/read_snapshot.hpp"

namespace understudy::app {
namespace {

constexpr const char* kHeldTitle = "Held sessions";
constexpr const char* kTrafficTitle = "The migration under traffic";
constexpr const char* kRollbackTitle = "The way back";

/// Copies are named with letters alone.
std::string letters(std::size_t number) { return std::string(1, static_cast<char>('a' + number)); }

/// Ends the stage's run, whatever came of it.
template <class T>
Result<T> after(Stage& stage, Result<T> result) {
    const auto ended = stage.end();
    if (result && !ended) return ended.error();
    return result;
}

}  // namespace

Rehearsal::Rehearsal(const RehearseOptions& options, const ChosenMigrations& chosen, const CaptureSpan& span,
                     Stage& stage, std::string folder, std::function<bool()> stop)
    : options_(options),
      chosen_(chosen),
      span_(span),
      stage_(stage),
      folder_(std::move(folder)),
      stop_(std::move(stop)),
      plan_(plan_rehearsal(options, chosen, span)),
      begin_(system_clock().now()),
      judged_by_(options.judging.report) {}

void Rehearsal::step(const std::string& name) {
    std::string left;
    std::optional<double> seconds_left;
    if (done_ > 0) {
        const double before = plan_.weight_from(0) - plan_.weight_from(done_);
        const Duration took = system_clock().now() - begin_;
        const Duration rest = took.scaled(plan_.weight_from(done_) / before);
        seconds_left = rest.to_seconds();
        left = fmt::format(", about {} left", human_duration(rest));
    }
    ++done_;
    begun_.emplace_back(name, system_clock().now());
    append_progress(options_.progress_json, step_progress(name, done_, plan_.steps.size(), seconds_left));
    if (!options_.quiet) fmt::print(stderr, "[{}/{}] {}{}\n", done_, plan_.steps.size(), name, left);
}

std::string Rehearsal::times() const {
    const Timestamp now = system_clock().now();
    std::string parts;
    for (std::size_t i = 0; i < begun_.size(); ++i) {
        const Timestamp end = i + 1 < begun_.size() ? begun_[i + 1].second : now;
        parts += fmt::format("{}{} {}", i == 0 ? "" : ", ", begun_[i].first, human_duration(end - begun_[i].second));
    }
    return fmt::format("the rehearsal took {}: {}", human_duration(now - begin_), parts);
}

Result<void> Rehearsal::replay(const std::string& conninfo, const std::string& run, std::vector<std::string> more) {
    UNDERSTUDY_TRY(const ReplaySaid said,
                   run_replay_job(options_, {conninfo, file(run), options_.speed, std::move(more)}, stop_));
    for (const std::string& line : said.login_failures) {
        const bool news = login_failures_.insert(line).second;
        if (news && !options_.quiet) fmt::print(stderr, "understudy: {}\n", line);
    }
    return {};
}

Result<void> Rehearsal::play(const std::string& run, std::vector<std::string> more) {
    UNDERSTUDY_TRY(const std::string conninfo, stage_.begin(run));
    return after(stage_, replay(conninfo, run, std::move(more)));
}

Result<bool> Rehearsal::play_migrated(const std::string& run) {
    UNDERSTUDY_TRY(const std::string conninfo, stage_.begin(run));
    const auto migrate_and_play = [&]() -> Result<bool> {
        MigrationJob migration;
        migration.conninfo = conninfo;
        migration.own_scratch = stage_.own_scratch();
        migration.stop = stop_;
        UNDERSTUDY_TRY(migrated_, run_migrations(options_.migration, chosen_, migration));
        if (!migrated_.succeeded) return false;
        if (!judged_by_.schema_changes && stage_.own_scratch()) note_schema_changes(conninfo);
        UNDERSTUDY_CHECK(replay(conninfo, run, {"--ignore-start-state"}));
        return true;
    };
    return after(stage_, migrate_and_play());
}

void Rehearsal::note_schema_changes(const std::string& migrated) {
    auto before = catalog::read_snapshot(options_.target);
    auto after = catalog::read_snapshot(migrated);
    if (!before || !after) return;  // the replays' own catalogues tell less, and still something
    forget_copy_tags(*before);
    forget_copy_tags(*after);
    judged_by_.schema_changes = compare::snapshot_changes(*before, *after);
}

std::string Rehearsal::migrate_command() const {
    const MigrationChoice& choice = options_.migration;
    if (!choice.command.empty()) return choice.command;
    std::string command =
        shell_word(own_path()) + " migrate " + shell_word(choice.path) + " --target \"$UNDERSTUDY_TARGET\"";
    const auto add = [&](const char* option, const std::string& value) {
        if (!value.empty()) command += fmt::format(" {} {}", option, shell_word(value));
    };
    add("--production-id", !options_.production_id.empty() ? options_.production_id
                           : span_.system_identifier != 0  ? std::to_string(span_.system_identifier)
                                                           : std::string());
    for (const std::string& effect : choice.allowed) add("--allow", effect);
    add("--rollback", choice.rollback);
    add("--layout", choice.layout);
    add("--run-mode", choice.mode);
    // Transactions that are open at the pause stay open: a lock that they keep from the migration never comes.
    add("--lock-timeout", choice.lock_timeout.empty() ? "10s" : choice.lock_timeout);
    add("--statement-timeout", choice.statement_timeout);
    add("--migration-role", choice.role);
    return command;
}

Result<void> Rehearsal::play_held(const std::string& run, const std::string& command) {
    const std::string at =
        options_.held_at.empty() ? fmt::format("+{}ms", span_.length().count_ns() / 2'000'000) : options_.held_at;
    // A moment is looked for at which few are inside a transaction, near enough that sessions are still there.
    const auto wait = std::clamp(span_.length().scaled(0.1), Duration::milliseconds(50), Duration::seconds(10));
    return play(
        run, {"--ignore-start-state", "--pause-at", at, "--pause-wait",
              fmt::format("{}ms", wait.count_ns() / 1'000'000), "--warm", "--let-transactions-end", "--run", command});
}

/// The runs that answer what fresh sessions see.
Result<void> Rehearsal::play_answers() {
    step("baseline");
    std::vector<std::string> more;
    if (options_.ignore_start_state) more.emplace_back("--ignore-start-state");
    UNDERSTUDY_CHECK(play("baseline", more));
    if (!options_.no_control) {
        step("control");
        UNDERSTUDY_CHECK(play("control", {"--ignore-start-state"}));
    }
    step("candidate");
    UNDERSTUDY_TRY(const bool migrated, play_migrated("candidate"));
    if (!migrated) return {};
    step("confirmation");
    UNDERSTUDY_TRY(const bool again, play_migrated("confirm"));
    if (!again)
        return make_error(Errc::inconclusive,
                          "the migration ran once and failed the second time: " + migrated_.failure);
    return {};
}

Result<compare::Report> Rehearsal::judge_answers() {
    compare::Report report;
    const std::string control = options_.no_control ? "" : file("control");
    if (migrated_.succeeded) {
        UNDERSTUDY_TRY(report, compare_runs({file("baseline"), file("candidate"), control, file("confirm")},
                                            options_.keys, judged_by_));
    }
    report.command = "rehearse";
    report.title = fmt::format("Rehearsal of {}",
                               options_.migration.path.empty() ? options_.migration.command : options_.migration.path);
    compare::ReportOptions gently = options_.judging.report;
    gently.rules.clear();
    gently.known_noise = {};
    const auto staging = compare_runs({options_.capture, file("baseline"), {}, {}}, options_.keys, gently);
    if (staging) {
        report.sections.push_back(staging_section(*staging));
    } else {
        report.sections.push_back(skipped_section("staging", "Staging against production", staging.error().message));
    }
    if (options_.migration.command.empty()) {
        const auto judged = [&]() -> Result<std::vector<schema::hazard::HazardReport>> {
            UNDERSTUDY_TRY(const auto traffic, recorded_traffic(options_.capture, {}, options_.keys));
            return migration_hazards(chosen_.set, chosen_.pending, options_.target, traffic);
        };
        const auto hazards = judged();
        report.sections.push_back(hazards ? hazard_section(*hazards)
                                          : broken_section("hazards", "The text of the migration", hazards.error()));
    }
    report.sections.push_back(migration_section(migrated_));
    return report;
}

void Rehearsal::held(compare::Report& report) {
    step("held baseline");
    const auto judge = [&]() -> Result<compare::Report> {
        UNDERSTUDY_CHECK(play_held("heldbaseline", "true"));
        step("held candidate");
        UNDERSTUDY_CHECK(play_held("heldcandidate", migrate_command()));
        step("held confirmation");
        UNDERSTUDY_CHECK(play_held("heldconfirm", migrate_command()));
        // The unchanged schema without a pause is as good a control as one with it.
        const std::string control = file(options_.no_control ? "baseline" : "control");
        return compare_runs({file("heldbaseline"), file("heldcandidate"), control, file("heldconfirm")}, options_.keys,
                            judged_by_);
    };
    auto found = judge();
    if (!found) {
        report.sections.push_back(broken_section("held", kHeldTitle, found.error()));
        report.sections.back().lines.emplace_back(
            "a transaction that is open when sessions are held stays open, and keeps its locks from the migration: "
            "another "
            "moment (--held-at) may have none");
        return;
    }
    compare::add_held(report, std::move(*found));
    const auto counters = counters_of(file("heldcandidate"), options_.keys);
    report.sections.push_back(counters ? held_section(*counters)
                                       : broken_section("held", kHeldTitle, counters.error()));
}

Result<TrafficTrial> Rehearsal::traffic_once(const std::string& run, const std::string& lock_timeout,
                                             std::size_t moment) {
    UNDERSTUDY_TRY(const std::string conninfo, stage_.begin(run));
    MigrationJob migration;
    migration.conninfo = conninfo;
    migration.own_scratch = stage_.own_scratch();
    migration.stop = stop_;
    return after(stage_, run_traffic_trial(options_, chosen_, span_, migration, file(run), lock_timeout, moment));
}

void Rehearsal::under_traffic(compare::Report& report) {
    step("under traffic");
    const Duration max_stall = options_.allowed_stall;
    std::vector<TrafficTrial> trials;
    std::vector<std::string> problems;
    std::vector<std::size_t> moments;  // of the trials
    std::optional<Error> first_problem;
    for (std::size_t moment = 0; moment < options_.moments && !stop_(); ++moment) {
        auto trial = traffic_once(moment == 0 ? "traffic" : fmt::format("traffic{}", letters(moment)), "", moment);
        if (trial) {
            trials.push_back(std::move(*trial));
            moments.push_back(moment);
        } else {
            problems.push_back(trial.error().message);
            if (!first_problem) first_problem = trial.error();
        }
    }
    if (trials.empty()) {
        const Error stopped{Errc::inconclusive, "stopped"};
        report.sections.push_back(broken_section("traffic", kTrafficTitle, first_problem.value_or(stopped)));
        return;
    }
    const std::size_t worst = worst_of(trials);
    // The lock_timeout that would have saved the day; a team's own command sets its own.
    std::optional<TrafficTrial> gentle;
    const bool worth_it =
        trials[worst].seen.longest_stall > max_stall && options_.migration.command.empty() && !stop_();
    if (worth_it) {
        auto again = traffic_once("gentle", fmt::format("{}ms", max_stall.count_ns() / 2'000'000), moments[worst]);
        if (again) gentle = std::move(*again);
    }
    compare::Section section = traffic_section(trials[worst], gentle ? &*gentle : nullptr, max_stall);
    add_moments(trials, problems, section);
    report.sections.push_back(std::move(section));
}

void Rehearsal::way_back(compare::Report& report) {
    step("rollback");
    const auto tell = [this, trial = std::size_t{0}, begin = system_clock().now()](const std::string& what) mutable {
        std::string left;
        if (const std::size_t all = plan_.rollback_trials; trial > 0 && trial < all) {
            const Duration took = system_clock().now() - begin;
            const double share = static_cast<double>(all - trial) / static_cast<double>(trial);
            left = fmt::format(", trial {} of about {}, {} left", trial + 1, all, human_duration(took.scaled(share)));
        }
        ++trial;
        if (!options_.quiet) fmt::print(stderr, "        {}{}\n", what, left);
    };
    const auto open = [&]() -> Result<std::unique_ptr<RehearsalRollbackHost>> {
        UNDERSTUDY_TRY(auto copies, copy_options(options_, span_.system_identifier, stop_));
        return RehearsalRollbackHost::open(options_, std::move(copies), file("baseline"), file("rollback"), tell);
    };
    auto host = open();
    if (!host) {
        report.sections.push_back(broken_section("rollback", kRollbackTitle, host.error()));
        return;
    }
    schema::RollbackSettings settings;
    settings.runner = chosen_.settings;
    settings.runner.stop = stop_;
    settings.allowed_outside = options_.migration.allowed;
    const schema::RollbackReport found =
        options_.migration.command.empty()
            ? schema::rehearse_rollback(chosen_.set, chosen_.pending, settings, **host)
            : schema::rehearse_command_rollback(options_.migration.command, settings, **host);
    report.sections.push_back(rollback_section(found));
    if (options_.keep.empty()) return;
    const auto written = write_private_file(folder_ + "/rollback.json", schema::to_json(found));
    if (!written) report.remarks.push_back(written.error().message);
}

Result<compare::Report> Rehearsal::run() {
    UNDERSTUDY_CHECK(play_answers());
    if (stop_()) return make_error(Errc::inconclusive, "stopped before the end; copies were dropped");
    UNDERSTUDY_TRY(compare::Report report, judge_answers());
    if (!options_.no_held && migrated_.succeeded) held(report);
    if (!options_.no_traffic && migrated_.succeeded) under_traffic(report);
    const bool can_go_back = can_rehearse_way_back(options_);
    if (!options_.no_rollback && can_go_back && !stop_()) {
        way_back(report);
    } else if (!options_.no_rollback) {
        report.sections.push_back(skipped_section(
            "rollback", kRollbackTitle,
            options_.reset != "template" ? "it needs copies of the target (--reset template)"
                                         : "the way back of your own tool was not given: --rollback-command"));
    }
    if (stop_()) return make_error(Errc::inconclusive, "stopped before the end; copies were dropped");
    compare::judge_sections(report);
    report.remarks.insert(report.remarks.end(), login_failures_.begin(), login_failures_.end());
    report.remarks.push_back(times());
    return report;
}

}  // namespace understudy::app
