// The part of RunKeeper that goes on by itself: recovery, progress, the end of runs, schedules.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "app/service/recovery.hpp"
#include "app/web/process_table.hpp"
#include "app/web/run_keeper.hpp"
#include "app/web/run_process.hpp"
#include "app/web/wall_clock.hpp"

namespace understudy::app {
namespace {

constexpr auto kTick = std::chrono::milliseconds(200);
constexpr Duration kBetweenSchedules = Duration::seconds(1);
constexpr std::size_t kReadAtOnce = 256 * 1024;

bool lives(const service::RunRecord& run, const std::string& word) {
    return find_process(run.process.pid) == run.process || !processes_with(word).empty();
}

}  // namespace

void RunKeeper::clean(service::RunRecord& run) {
    auto said = clean_target(program_, run.target);
    if (!said) {
        const std::lock_guard lock(mutex_);
        ++counters_.clean_failures;
    }
    run.cleaned = said ? *said : "the target could not be cleaned: " + said.error().message;
}

/// A run that nobody minds: its processes are asked to end, and then made to.
void RunKeeper::recover(service::RunRecord run) {
    const std::string word = progress_path(run.id);
    const auto what = service::recovery_of(run.state, lives(run, word), store_.has_report(run.id));
    if (what == service::Recovery::none) return;
    if (what == service::Recovery::adopt) return conclude_run(std::move(run), std::nullopt, false);
    if (what == service::Recovery::end) {
        // The rehearsal stops its replays itself, and drops its copies; where it is gone they are all that is left.
        const bool asked = signal_process(run.process, SIGINT);
        if (!asked) {
            for (const auto& process : processes_with(word)) signal_process(process, SIGINT);
        }
        const Timestamp begin = system_clock().now();
        while (lives(run, word) && system_clock().now() - begin < config_.grace) std::this_thread::sleep_for(kTick);
        kill_all_with(word);
    }
    conclude_run(std::move(run), std::nullopt, true);
}

void RunKeeper::recover() {
    std::vector<service::RunRecord> left;
    for (const service::RunRecord& run : runs()) {
        if (!service::is_over(run.state)) left.push_back(run);
    }
    for (const service::RunRecord& run : left) recover(run);
    const std::lock_guard lock(mutex_);
    ready_ = true;
}

/// Not under the lock: reading a long report and cleaning the target take their time.
void RunKeeper::conclude_run(service::RunRecord run, std::optional<int> exit_code, bool interrupted) {
    if (const auto report = store_.report(run.id)) {
        auto figures = service::figures_of(*report);
        if (figures) run.report = std::move(*figures);
    }
    const bool has_report = run.report.has_value();
    run.exit_code = exit_code;
    run.state = !exit_code && has_report ? service::RunState::finished
                : interrupted            ? service::RunState::interrupted
                              : service::end_state(exit_code.value_or(4), has_report, !run.stopped_by.empty());
    if (run.state == service::RunState::failed) run.failure = store_.last_words(run.id);
    const bool killed = interrupted || (exit_code && *exit_code >= 128);
    if (killed) clean(run);
    std::error_code ignored;
    std::filesystem::remove_all(store_.file(run.id, "tmp"), ignored);
    run.ended = wall_now();
    const auto saved = store_.save(run);
    if (!saved) fmt::print(stderr, "understudy: {}\n", saved.error().message);
    const std::lock_guard lock(mutex_);
    ++counters_.ended[run.report ? run.report->verdict : std::string(to_string(run.state))];
    runs_[run.id] = run;
    concluding_.erase(run.target);
    tell_run(run);
    tell_hooks_(service::HookEvent::ended, run);
}

bool RunKeeper::read_progress(Active& active) const {
    std::ifstream file(progress_path(active.record.id), std::ios::binary);
    if (!file) return false;
    file.seekg(static_cast<std::streamoff>(active.read));
    std::string bytes(kReadAtOnce, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    active.read += bytes.size();
    return active.progress.add(bytes);
}

void RunKeeper::watch_active(Timestamp now) {
    std::vector<std::pair<service::RunRecord, int>> ended;
    std::vector<std::string> to_kill;
    {
        const std::lock_guard lock(mutex_);
        for (auto& [name, active] : active_) {
            if (read_progress(active)) {
                nlohmann::json message{{"type", "progress"},
                                       {"run", active.record.id},
                                       {"rehearsal", name},
                                       {"progress", active.progress.json()}};
                tell_(message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
            }
            if (const auto code = reap(active.record.process)) {
                ended.emplace_back(active.record, *code);
                concluding_.insert(active.record.target);
            } else if (active.stop_asked.known() && !active.killed && now - active.stop_asked > config_.grace) {
                active.killed = true;
                to_kill.push_back(progress_path(active.record.id));
            }
        }
        for (const auto& [run, code] : ended) active_.erase(run.rehearsal);
    }
    for (const std::string& word : to_kill) kill_all_with(word);
    for (auto& [run, code] : ended) {
        // Killed, its replays go on without it.
        if (code >= 128) kill_all_with(progress_path(run.id));
        conclude_run(std::move(run), code, false);
    }
}

void RunKeeper::start_due(Timestamp now) {
    std::map<std::string, std::string> targets;
    for (const service::Schedule& schedule : schedules()) {
        const auto* rehearsal = configured(schedule.rehearsal);
        const auto facts =
            rehearsal != nullptr ? facts_of(*rehearsal) : Result<service::RehearsalFacts>(make_error(Errc::usage, ""));
        // Where its file cannot be read, the attempt to start it says so.
        if (rehearsal != nullptr)
            targets[schedule.rehearsal] = facts ? facts->target : "unknown, of " + schedule.rehearsal;
    }
    std::vector<service::DueStart> due;
    {
        const std::lock_guard lock(mutex_);
        std::set<std::string> busy = concluding_;
        for (const auto& [name, active] : active_) busy.insert(active.record.target);
        due = service::due_starts(schedules_, now, local_offset, targets, std::move(busy));
    }
    for (const service::DueStart& one : due) {
        const auto started = start(one.rehearsal, "schedule", one.missed, {});
        if (!started && started.error().code == Errc::refused) continue;  // it stays due
        if (!started)
            fmt::print(stderr, "understudy: {} was due and did not start: {}\n", one.rehearsal,
                       started.error().message);
        // Handled once it is on disk: killed in between, the next service starts it again rather than missing it.
        const std::lock_guard lock(mutex_);
        for (service::Schedule& schedule : schedules_) {
            if (schedule.rehearsal == one.rehearsal) schedule.handled = now;
        }
        const auto saved = save_schedules(schedules_);
        if (!saved) fmt::print(stderr, "understudy: {}\n", saved.error().message);
    }
}

void RunKeeper::mind(const std::function<bool()>& stop) {
    recover();
    while (!stop()) {
        const Timestamp now = wall_now();
        watch_active(now);
        if (now - looked_at_schedules_ >= kBetweenSchedules || now < looked_at_schedules_) {
            looked_at_schedules_ = now;
            start_due(now);
        }
        std::this_thread::sleep_for(kTick);
    }
    {
        const std::lock_guard lock(mutex_);
        ready_ = false;  // nothing more is started
        for (auto& [name, active] : active_) {
            if (!active.stop_asked.known()) begin_stopping(active, "the end of the service", wall_now());
        }
    }
    while (true) {
        watch_active(wall_now());
        {
            const std::lock_guard lock(mutex_);
            if (active_.empty()) return;
        }
        std::this_thread::sleep_for(kTick);
    }
}

}  // namespace understudy::app
