#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/service/hooks.hpp"
#include "app/service/live_progress.hpp"
#include "app/service/run_record.hpp"
#include "app/service/schedule.hpp"
#include "app/service/serve_config.hpp"
#include "app/web/run_store.hpp"
#include "compare/rules/rule.hpp"

namespace understudy::app {

/// Starts, watches, stops and finds rehearsals, each a process of this program, and minds their schedules. Whatever it
/// does is on disk before: killed at any moment, the next one finds what runs. Safe from any thread.
class RunKeeper {
public:
    /// Told of every change, as JSON for viewers.
    using Tell = std::function<void(const std::string& json)>;
    /// Told when a run has begun, and when it is over, each once it is on disk. At once, and without calling back.
    using TellHooks = std::function<void(service::HookEvent event, const service::RunRecord& run)>;

    struct Counters {
        std::map<std::string, std::uint64_t> ended;  ///< by state, or verdict
        std::uint64_t started = 0;
        std::uint64_t missed = 0;  ///< times of schedules that were made up for
        std::uint64_t clean_failures = 0;
        std::uint64_t unreadable_runs = 0;
    };

    /// Errors: Errc::io; Errc::malformed for schedules that cannot be read.
    static Result<std::unique_ptr<RunKeeper>> open(const service::ServeConfig& config, RunStore store, Tell tell,
                                                   TellHooks tell_hooks);

    /// Finds and ends what another service left; then, until `stop` says so, watches. Then ends what runs.
    void mind(const std::function<bool()>& stop);
    /// Whether the first part of mind() is over.
    [[nodiscard]] bool ready() const;

    /// Errors: Errc::usage for a rehearsal that is not configured, Errc::refused while its target is busy, Errc::io.
    /// `cause`: what it is for, if anything.
    Result<service::RunRecord> start(const std::string& rehearsal, const std::string& by, std::uint64_t missed,
                                     const service::RunCause& cause);
    /// Errors: Errc::usage when it does not run.
    Result<service::RunRecord> stop(const std::string& rehearsal, const std::string& by);
    /// Adds a rule to the file that the rehearsal takes its rules from. Errors: Errc::io, Errc::malformed.
    Result<void> accept(const service::ConfiguredRehearsal& rehearsal, const compare::Rule& rule) const;
    Result<void> set_schedule(const std::string& rehearsal, const std::string& cron, const std::string& by);
    /// Errors: Errc::usage when there is none.
    Result<void> remove_schedule(const std::string& rehearsal);

    [[nodiscard]] std::vector<service::RunRecord> runs() const;  ///< newest first
    [[nodiscard]] std::optional<service::RunRecord> find(const std::string& id) const;
    [[nodiscard]] std::vector<service::Schedule> schedules() const;
    [[nodiscard]] Counters counters() const;
    /// For viewers: all that runs, with its progress.
    [[nodiscard]] nlohmann::json live_view() const;
    [[nodiscard]] const RunStore& store() const { return store_; }
    [[nodiscard]] const service::ConfiguredRehearsal* configured(const std::string& rehearsal) const;

private:
    struct Active {
        service::RunRecord record;
        service::LiveProgress progress;
        std::uint64_t read = 0;  ///< bytes of progress.jsonl
        Timestamp stop_asked;    ///< unknown: nobody asked
        bool killed = false;
    };
    RunKeeper(const service::ServeConfig& config, RunStore store, Tell tell, TellHooks tell_hooks);

    void recover();
    void recover(service::RunRecord run);
    void watch_active(Timestamp now);
    void conclude_run(service::RunRecord run, std::optional<int> exit_code, bool interrupted);
    bool read_progress(Active& active) const;
    void start_due(Timestamp now);
    void begin_stopping(Active& active, const std::string& by, Timestamp now);
    void clean(service::RunRecord& run);
    Result<service::RehearsalFacts> facts_of(const service::ConfiguredRehearsal& rehearsal) const;
    Result<void> save_schedules(const std::vector<service::Schedule>& schedules) const;
    void tell_run(const service::RunRecord& run) const;
    [[nodiscard]] std::string progress_path(const std::string& id) const { return store_.file(id, "progress.jsonl"); }

    const service::ServeConfig& config_;
    RunStore store_;
    Tell tell_;
    TellHooks tell_hooks_;
    std::string program_;
    mutable std::mutex mutex_;
    std::map<std::string, Active> active_;            // by rehearsal
    std::map<std::string, service::RunRecord> runs_;  // by id
    std::vector<service::Schedule> schedules_;
    std::set<std::string> concluding_;  // targets of runs whose end is being tidied up
    Counters counters_;
    bool ready_ = false;
    Timestamp looked_at_schedules_;
};

}  // namespace understudy::app
