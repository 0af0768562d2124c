#include "app/rehearse/stepped_command.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <map>
#include <set>
#include <thread>

#include "app/process/programs.hpp"
#include "app/rehearse/command_gate.hpp"
#include "app/rehearse/migration_choice.hpp"
#include "app/rehearse/shown_statement.hpp"

namespace understudy::app {
namespace {

constexpr std::chrono::milliseconds kPollEvery{3};
constexpr double kSeenAfterMs = 20;  // a statement that is no DDL and lasts so long is a place
constexpr int kPollsToGo = 3000;     // for its sessions to end once the command has: some ten seconds
constexpr std::size_t kMaxPlaces = 1000;

/// The command, on a thread.
class RunningCommand {
public:
    RunningCommand(Program program, const std::function<bool()>& stop)
        : thread_([this, program = std::move(program), &stop] {
              const auto show = [this](std::string_view line) {
                  fmt::print(stderr, "run: {}\n", line);
                  if (line.find_first_not_of(" \t\r") != std::string_view::npos) end_.last_line = line;
              };
              auto ends = run_pipeline(
                  {program}, [&] { return killed_ || stop(); }, show);
              if (ends) {
                  end_.exit_code = ends->back().exit_code;
                  end_.stopped = ends->back().stopped && !killed_;
              } else {
                  failure_ = ends.error();
              }
              over_ = true;
          }) {}
    ~RunningCommand() {
        kill();
        if (thread_.joinable()) thread_.join();
    }
    RunningCommand(const RunningCommand&) = delete;
    RunningCommand& operator=(const RunningCommand&) = delete;

    [[nodiscard]] bool over() const { return over_; }
    void kill() { killed_ = true; }
    Result<CommandEnd> wait() {
        thread_.join();
        if (failure_) return *failure_;
        return end_;
    }

private:
    CommandEnd end_;
    std::optional<Error> failure_;
    std::atomic<bool> killed_ = false;
    std::atomic<bool> over_ = false;
    std::thread thread_;  // last: it uses the others
};

class SteppedCommand {
public:
    SteppedCommand(CommandGate& gate, RunningCommand& command, const std::optional<CommandCut>& cut)
        : gate_(gate), command_(command), cut_(cut) {}

    Result<void> watch() {
        while (!command_.over()) {
            UNDERSTUDY_TRY(const auto sessions, gate_.sessions());
            bool held = false;
            for (const WatchedSession& session : sessions) {
                if (session.held) {
                    held = true;
                    UNDERSTUDY_CHECK(on_held(session));
                } else if (session.running && session.running_ms >= kSeenAfterMs) {
                    UNDERSTUDY_CHECK(on_running(session));
                }
            }
            if (held) UNDERSTUDY_CHECK(gate_.let_pass());
            if (!held) std::this_thread::sleep_for(kPollEvery);
        }
        return {};
    }

    /// Its sessions end by themselves, or else are ended: what it left behind has no say any more.
    Result<void> wait_for_end() {
        UNDERSTUDY_CHECK(gate_.let_all_pass());
        for (int polls = 0;; ++polls) {
            UNDERSTUDY_TRY(const auto sessions, gate_.sessions());
            if (sessions.empty()) return {};
            if (polls == 2 * kPollsToGo)
                return make_error(Errc::io, "a session of the command does not end, though it was terminated");
            for (const WatchedSession& session : sessions) {
                if (polls == kPollsToGo) UNDERSTUDY_CHECK(gate_.terminate(session.pid));
            }
            std::this_thread::sleep_for(kPollEvery);
        }
    }

    [[nodiscard]] bool was_cut() const { return was_cut_; }
    schema::CommandPlaces take_places() { return std::move(places_); }

private:
    Result<void> on_held(const WatchedSession& session) {
        ++held_;
        const auto text = fmt::format("before its DDL statement {} ({})", held_, shown_statement(session.query));
        return reach({text, true, held_, {}}, session);
    }

    Result<void> on_running(const WatchedSession& session) {
        if (!running_seen_.insert(session.pid + " " + session.began).second) return {};
        // Held before, it is a statement of DDL: that is a place already.
        if (held_seen_.count(session.pid + " " + session.began) > 0) return {};
        const std::size_t ordinal = ++running_[session.query];
        const auto text = fmt::format("while it runs: {}", shown_statement(session.query));
        return reach({text, false, ordinal, session.query}, session);
    }

    Result<void> reach(schema::CommandPlace place, const WatchedSession& session) {
        if (place.held) held_seen_.insert(session.pid + " " + session.began);
        const bool here = cut_ && !was_cut_ && cut_->place.held == place.held && cut_->place.key == place.key &&
                          cut_->place.ordinal == place.ordinal;
        if (places_.places.size() < kMaxPlaces) places_.places.push_back(std::move(place));
        if (!here) return {};
        was_cut_ = true;
        if (cut_->kind == schema::Interruption::terminate) return gate_.terminate(session.pid);
        command_.kill();
        // Its session waits at the gate until nobody is there to be told.
        while (!command_.over()) std::this_thread::sleep_for(kPollEvery);
        return {};
    }

    CommandGate& gate_;
    RunningCommand& command_;
    const std::optional<CommandCut>& cut_;
    schema::CommandPlaces places_;
    std::size_t held_ = 0;
    std::map<Bytes, std::size_t> running_;  // how often each statement was seen
    std::set<std::string> running_seen_;    // by backend and begin
    std::set<std::string> held_seen_;
    bool was_cut_ = false;
};

}  // namespace

Result<SteppedRun> run_stepped(const std::string& conninfo, const std::string& command,
                               const std::optional<CommandCut>& cut, const std::function<bool()>& stop) {
    UNDERSTUDY_TRY(auto environment, command_environment(conninfo));
    UNDERSTUDY_TRY(CommandGate gate, CommandGate::open(conninfo));
    SteppedRun run;
    {
        const bool kills = cut && cut->kind == schema::Interruption::drop;
        RunningCommand running(Program{{"/bin/sh", "-c", command}, std::move(environment), kills ? SIGKILL : SIGTERM},
                               stop);
        SteppedCommand stepped(gate, running, cut);
        UNDERSTUDY_CHECK(stepped.watch());
        UNDERSTUDY_TRY(run.end, running.wait());
        UNDERSTUDY_CHECK(stepped.wait_for_end());
        run.cut = stepped.was_cut();
        run.places = stepped.take_places();
    }
    UNDERSTUDY_CHECK(gate.remove());
    if (!gate.holds()) {
        run.places.not_cut.push_back(fmt::format(
            "between its statements: holding it there takes a superuser on the target ({}). Only statements that run "
            "for longer than 20 ms are seen, and stopped in their midst",
            gate.why_not_held()));
    } else {
        run.places.not_cut.emplace_back(
            "between statements that are no DDL, and before its last COMMIT: it is held before statements of DDL, and "
            "others are stopped in their midst where they run for longer than 20 ms");
    }
    return run;
}

}  // namespace understudy::app
