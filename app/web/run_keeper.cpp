#include "app/web/run_keeper.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/compare/report_files.hpp"
#include "app/compare/rules_file.hpp"
#include "app/rehearse/config_file.hpp"
#include "app/rehearse/replay_program.hpp"
#include "app/service/run_view.hpp"
#include "app/service/tokens.hpp"
#include "app/web/process_table.hpp"
#include "app/web/run_process.hpp"
#include "app/web/wall_clock.hpp"
#include "compare/rules/read_rules.hpp"
#include "core/catalog/conninfo_parts.hpp"

namespace understudy::app {

using service::RunRecord;
using service::RunState;
using service::Schedule;

namespace {

constexpr const char* kFromFile = "serve.yaml";  // who set a schedule

/// The service's history is the place that its trends are of, whatever a rehearsal's own file says. There a rehearsal is a
/// job of its own, unless its file names one.
Result<std::vector<std::string>> history_arguments(const service::ServeConfig& config,
                                                   const service::ConfiguredRehearsal& rehearsal) {
    if (config.history.empty()) return std::vector<std::string>();
    UNDERSTUDY_TRY(const std::string job, config_value(rehearsal.config, "job"));
    std::vector<std::string> arguments = {"--history", config.history};
    if (job.empty()) arguments.insert(arguments.end(), {"--job", rehearsal.name});
    return arguments;
}

}  // namespace

RunKeeper::RunKeeper(const service::ServeConfig& config, RunStore store, Tell tell, TellHooks tell_hooks)
    : config_(config),
      store_(std::move(store)),
      tell_(std::move(tell)),
      tell_hooks_(std::move(tell_hooks)),
      program_(own_path()) {}

Result<std::unique_ptr<RunKeeper>> RunKeeper::open(const service::ServeConfig& config, RunStore store, Tell tell,
                                                   TellHooks tell_hooks) {
    std::unique_ptr<RunKeeper> keeper(new RunKeeper(config, std::move(store), std::move(tell), std::move(tell_hooks)));
    std::vector<std::string> unreadable;
    for (RunRecord& run : keeper->store_.load(unreadable)) {
        const std::string id = run.id;
        keeper->runs_.emplace(id, std::move(run));
    }
    keeper->counters_.unreadable_runs = unreadable.size();
    for (const std::string& name : unreadable)
        fmt::print(stderr, "understudy: runs/{} cannot be read, and is left out\n", name);
    const std::string path = config.state + "/schedules.json";
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) {
        UNDERSTUDY_TRY(const std::string text, read_text_file(path));
        auto schedules = service::parse_schedules(text);
        if (!schedules) return make_error(Errc::malformed, path + ": " + schedules.error().message);
        keeper->schedules_ = std::move(*schedules);
    }
    // What serve.yaml asks for stands where nobody has set another one here.
    const Timestamp now = wall_now();
    std::vector<Schedule>& schedules_now = keeper->schedules_;
    for (const auto& rehearsal : config.rehearsals) {
        const auto outdated = [&](const Schedule& one) {
            return one.rehearsal == rehearsal.name && one.set_by == kFromFile && one.cron != rehearsal.schedule;
        };
        std::erase_if(schedules_now, outdated);
        const auto same = [&](const Schedule& one) { return one.rehearsal == rehearsal.name; };
        const bool has_one = std::any_of(schedules_now.begin(), schedules_now.end(), same);
        if (!has_one && !rehearsal.schedule.empty())
            schedules_now.push_back({rehearsal.name, rehearsal.schedule, now, kFromFile});
    }
    UNDERSTUDY_CHECK(keeper->save_schedules(keeper->schedules_));
    return keeper;
}

const service::ConfiguredRehearsal* RunKeeper::configured(const std::string& rehearsal) const {
    const auto same = [&](const service::ConfiguredRehearsal& one) { return one.name == rehearsal; };
    const auto found = std::find_if(config_.rehearsals.begin(), config_.rehearsals.end(), same);
    return found == config_.rehearsals.end() ? nullptr : &*found;
}

Result<service::RehearsalFacts> RunKeeper::facts_of(const service::ConfiguredRehearsal& rehearsal) const {
    UNDERSTUDY_TRY(const std::string text, read_text_file(rehearsal.config));
    UNDERSTUDY_TRY(service::RehearsalFacts facts, service::rehearsal_facts(text, rehearsal.config));
    UNDERSTUDY_TRY(const auto parts, catalog::conninfo_with_database(facts.target, ""));
    facts.target = parts.keywords;
    return facts;
}

Result<RunRecord> RunKeeper::start(const std::string& name, const std::string& by, std::uint64_t missed,
                                   const service::RunCause& cause) {
    const service::ConfiguredRehearsal* rehearsal = configured(name);
    if (rehearsal == nullptr) return make_error(Errc::usage, "no rehearsal of this name is configured");
    UNDERSTUDY_TRY(const auto facts, facts_of(*rehearsal));
    UNDERSTUDY_TRY(const auto kept, history_arguments(config_, *rehearsal));
    const std::lock_guard lock(mutex_);
    if (!ready_) return make_error(Errc::refused, "the service is not ready: it begins or ends");
    for (const auto& [other, active] : active_) {
        if (active.record.target == facts.target)
            return make_error(Errc::refused, fmt::format("{} runs at the same target", other));
    }
    if (concluding_.count(facts.target) > 0)
        return make_error(Errc::refused, "the end of the run before is still being tidied up");
    const Timestamp now = wall_now();
    RunRecord run;
    run.id = fmt::format("{:%Y%m%dT%H%M%S}-{}", fmt::gmtime(static_cast<std::time_t>(now.ns() / 1'000'000'000)),
                         service::chance_digits());
    run.rehearsal = name;
    run.target = facts.target;
    run.started_by = by;
    run.created = now;
    run.missed = missed;
    run.commit = cause.commit;
    run.pull_request = cause.pull_request;
    for (const service::Hook& hook : config_.hooks) {
        if (concerns(hook, name)) run.hooks.push_back(hook.name);
    }
    // On disk before it is there, so that it is looked for whatever happens in between.
    UNDERSTUDY_CHECK(store_.save(run));
    RunCommand command;
    command.arguments = {program_,          "rehearse",
                         "--config",        rehearsal->config,
                         "--json",          store_.file(run.id, "report.json"),
                         "--html",          store_.file(run.id, "report.html"),
                         "--progress-json", progress_path(run.id),
                         "--quiet"};
    command.arguments.insert(command.arguments.end(), kept.begin(), kept.end());
    command.directory = std::filesystem::path(rehearsal->config).parent_path().string();
    command.log = store_.file(run.id, "log.txt");
    command.scratch = store_.file(run.id, "tmp");
    const auto process = start_process(command);
    if (!process) {
        run.state = RunState::failed;
        run.ended = wall_now();
        run.failure = process.error().message;
        UNDERSTUDY_CHECK(store_.save(run));
        runs_[run.id] = run;
        tell_run(run);
        tell_hooks_(service::HookEvent::ended, run);
        return process.error();
    }
    run.process = *process;
    run.state = RunState::running;
    const auto saved = store_.save(run);  // it is found by its arguments, too
    if (!saved) fmt::print(stderr, "understudy: {}\n", saved.error().message);
    ++counters_.started;
    counters_.missed += missed;
    runs_[run.id] = run;
    active_[name].record = run;
    tell_run(run);
    tell_hooks_(service::HookEvent::began, run);
    return run;
}

void RunKeeper::begin_stopping(Active& active, const std::string& by, Timestamp now) {
    active.stop_asked = now;
    active.record.state = RunState::stopping;
    active.record.stopped_by = by;
    const auto saved = store_.save(active.record);
    if (!saved) fmt::print(stderr, "understudy: {}\n", saved.error().message);
    runs_[active.record.id] = active.record;
    signal_process(active.record.process, SIGINT);
    tell_run(active.record);
}

Result<RunRecord> RunKeeper::stop(const std::string& rehearsal, const std::string& by) {
    const std::lock_guard lock(mutex_);
    const auto found = active_.find(rehearsal);
    if (found == active_.end()) return make_error(Errc::usage, "this rehearsal does not run");
    if (!found->second.stop_asked.known()) begin_stopping(found->second, by, wall_now());
    return found->second.record;
}

Result<void> RunKeeper::accept(const service::ConfiguredRehearsal& rehearsal, const compare::Rule& rule) const {
    UNDERSTUDY_TRY(const auto facts, facts_of(rehearsal));
    const auto folder = std::filesystem::path(rehearsal.config).parent_path();
    const std::string path = facts.rules.empty() ? rehearsal.config : (folder / facts.rules).string();
    UNDERSTUDY_TRY(const std::string text, read_text_file(path));
    UNDERSTUDY_TRY(const std::string longer, compare::with_rule(text, path, rule));
    return replace_file(path, longer);
}

Result<void> RunKeeper::save_schedules(const std::vector<Schedule>& schedules) const {
    return write_private_file(config_.state + "/schedules.json", service::schedules_json(schedules));
}

Result<void> RunKeeper::set_schedule(const std::string& rehearsal, const std::string& cron, const std::string& by) {
    if (configured(rehearsal) == nullptr) return make_error(Errc::usage, "no rehearsal of this name is configured");
    UNDERSTUDY_CHECK(service::parse_cron(cron));
    const std::lock_guard lock(mutex_);
    auto schedules = schedules_;
    std::erase_if(schedules, [&](const Schedule& schedule) { return schedule.rehearsal == rehearsal; });
    schedules.push_back({rehearsal, cron, wall_now(), by});
    UNDERSTUDY_CHECK(save_schedules(schedules));
    schedules_ = std::move(schedules);
    return {};
}

Result<void> RunKeeper::remove_schedule(const std::string& rehearsal) {
    const std::lock_guard lock(mutex_);
    auto schedules = schedules_;
    const auto gone =
        std::erase_if(schedules, [&](const Schedule& schedule) { return schedule.rehearsal == rehearsal; });
    if (gone == 0) return make_error(Errc::usage, "this rehearsal has no schedule");
    UNDERSTUDY_CHECK(save_schedules(schedules));
    schedules_ = std::move(schedules);
    return {};
}

std::vector<RunRecord> RunKeeper::runs() const {
    const std::lock_guard lock(mutex_);
    std::vector<RunRecord> all;
    all.reserve(runs_.size());
    for (const auto& [id, run] : runs_) all.push_back(run);
    std::reverse(all.begin(), all.end());
    return all;
}

std::optional<RunRecord> RunKeeper::find(const std::string& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = runs_.find(id);
    return found == runs_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<Schedule> RunKeeper::schedules() const {
    const std::lock_guard lock(mutex_);
    return schedules_;
}

RunKeeper::Counters RunKeeper::counters() const {
    const std::lock_guard lock(mutex_);
    return counters_;
}

bool RunKeeper::ready() const {
    const std::lock_guard lock(mutex_);
    return ready_;
}

nlohmann::json RunKeeper::live_view() const {
    const std::lock_guard lock(mutex_);
    auto list = nlohmann::json::array();
    for (const auto& [name, active] : active_) {
        auto view = service::run_view(active.record);
        view["progress"] = active.progress.json();
        list.push_back(std::move(view));
    }
    return list;
}

void RunKeeper::tell_run(const RunRecord& run) const {
    const nlohmann::json message{{"type", "run"}, {"run", service::run_view(run)}};
    tell_(message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace understudy::app
