#include "app/rehearse/traffic_trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <tuple>

#include "app/options.hpp"
#include "app/rehearse/replay_program.hpp"
#include "core/catalog/control_connection.hpp"
#include "schema/lock_watch/lock_watch.hpp"

namespace understudy::app {
namespace {

constexpr std::chrono::milliseconds kPoll{50};
constexpr Duration kPatience = Duration::seconds(60);  // until the first session of the replay is there
constexpr Duration kLongestLeadIn = Duration::seconds(10);

/// The replay, on a thread.
class PlayedTraffic {
public:
    PlayedTraffic(const RehearseOptions& options, ReplayJob job, std::function<bool()> stop)
        : thread_([this, &options, job = std::move(job), stop = std::move(stop)] {
              const auto done = run_replay_job(options, job, [&] { return given_up_ || stop(); });
              if (!done) result_ = done.error();
              over_ = true;
          }) {}
    ~PlayedTraffic() {
        given_up_ = true;
        if (thread_.joinable()) thread_.join();
    }
    [[nodiscard]] bool over() const { return over_; }
    Result<void> wait() {
        thread_.join();
        return result_;
    }

private:
    Result<void> result_;
    std::atomic<bool> over_ = false;
    std::atomic<bool> given_up_ = false;
    std::thread thread_;  // last: it uses the others
};

Result<bool> somebody_plays(catalog::ControlConnection& connection) {
    UNDERSTUDY_CHECK(connection.begin_read_only());
    UNDERSTUDY_TRY(const auto rows,
                   connection.query("select count(*) from pg_catalog.pg_stat_activity where datname = "
                                    "pg_catalog.current_database() and pid <> pg_catalog.pg_backend_pid() and "
                                    "coalesce(application_name, '') not like 'understudy%' and "
                                    "coalesce(backend_type, 'client backend') = 'client backend' and query <> ''"));
    UNDERSTUDY_CHECK(connection.commit());
    return rows.size() == 1 && rows[0].size() == 1 && rows[0][0] && *rows[0][0] != "0";
}

Result<void> wait_for_traffic(const std::string& conninfo, const PlayedTraffic& traffic,
                              const std::function<bool()>& stop) {
    UNDERSTUDY_TRY(auto connection, catalog::ControlConnection::open(conninfo));
    const Timestamp begin = system_clock().now();
    while (system_clock().now() - begin < kPatience && !traffic.over() && !stop()) {
        UNDERSTUDY_TRY(const bool there, somebody_plays(connection));
        if (there) return {};
        std::this_thread::sleep_for(kPoll);
    }
    return make_error(Errc::inconclusive,
                      "the replay's sessions did not show up: there was no traffic to migrate under");
}

void let_it_play(Duration time, const PlayedTraffic& traffic, const std::function<bool()>& stop) {
    const Timestamp begin = system_clock().now();
    while (system_clock().now() - begin < time && !traffic.over() && !stop()) std::this_thread::sleep_for(kPoll);
}

/// Other roles' statements and waits are hidden from who is no member of pg_read_all_stats (docs, "The Cumulative
/// Statistics System"; superusers are members of all roles).
Result<std::string> what_is_hidden(const std::string& conninfo) {
    UNDERSTUDY_TRY(auto connection, catalog::ControlConnection::open(conninfo));
    UNDERSTUDY_CHECK(connection.begin_read_only());
    UNDERSTUDY_TRY(const auto rows,
                   connection.query("select pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'member'), "
                                    "pg_catalog.quote_ident(current_user)"));
    UNDERSTUDY_CHECK(connection.commit());
    if (rows.size() != 1 || rows[0].size() != 2 || !rows[0][0] || !rows[0][1] || *rows[0][0] == "t")
        return std::string();
    return fmt::format(
        "the role {0} may not see what sessions of other roles do: their statements and some of their "
        "waits are missing here. GRANT pg_read_all_stats TO {0} shows them",
        *rows[0][1]);
}

}  // namespace

std::size_t worst_of(const std::vector<TrafficTrial>& trials) {
    const auto rank = [](const TrafficTrial& trial) {
        return std::tuple(!trial.migrated.succeeded, trial.seen.deadlocks > 0, trial.seen.longest_stall);
    };
    const auto worst = std::max_element(
        trials.begin(), trials.end(), [&](const TrafficTrial& a, const TrafficTrial& b) { return rank(a) < rank(b); });
    return static_cast<std::size_t>(worst - trials.begin());
}

Duration lead_in(const CaptureSpan& span, Duration window, const std::string& speed, std::size_t moment,
                 std::size_t moments) {
    const double factor = speed == "max" ? 20 : std::max(0.001, std::strtod(speed.c_str(), nullptr));
    const Duration played = std::min(span.length(), window).scaled(1 / factor);
    if (moments <= 1) return std::min(kLongestLeadIn, played.scaled(1.0 / 3));
    return played.scaled(static_cast<double>(moment + 1) / static_cast<double>(moments + 1));
}

Result<TrafficTrial> run_traffic_trial(const RehearseOptions& options, ChosenMigrations chosen, const CaptureSpan& span,
                                       const MigrationJob& run, const std::string& answers,
                                       const std::string& lock_timeout, std::size_t moment) {
    const Duration window = options.traffic_window;
    TrafficTrial trial;
    trial.lock_timeout = lock_timeout;
    if (!lock_timeout.empty()) {
        UNDERSTUDY_TRY(chosen.settings.session.lock_timeout, parse_duration(lock_timeout));
    }
    ReplayJob job{run.conninfo, answers, options.traffic_speed, {"--ignore-start-state", "--drain", "10s"}};
    if (window < span.length()) {
        job.more.insert(job.more.end(), {"--to", fmt::format("+{}ms", window.count_ns() / 1'000'000)});
    }
    PlayedTraffic traffic(options, job, run.stop);
    UNDERSTUDY_CHECK(wait_for_traffic(run.conninfo, traffic, run.stop));
    UNDERSTUDY_TRY(trial.blind, what_is_hidden(run.conninfo));
    trial.begun_after = lead_in(span, window, options.traffic_speed, moment, options.moments);
    let_it_play(trial.begun_after, traffic, run.stop);
    UNDERSTUDY_TRY(const auto watch,
                   schema::lock_watch::LockWatch::start(run.conninfo, {{}, chosen.settings.application_name}));
    auto migrated = run_migrations(options.migration, chosen, run);
    // Those who queued behind it are served now: their waits end before the watch does.
    let_it_play(Duration::milliseconds(300), traffic, run.stop);
    UNDERSTUDY_TRY(trial.seen, watch->stop());
    if (!migrated) return migrated.error();
    trial.migrated = std::move(*migrated);
    const auto played = traffic.wait();
    if (!played) trial.replay_problem = played.error().message;
    return trial;
}

}  // namespace understudy::app
