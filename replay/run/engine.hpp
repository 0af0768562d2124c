#pragma once

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/model/event.hpp"
#include "core/store/capture_reader.hpp"
#include "core/store/capture_span.hpp"
#include "core/store/capture_writer.hpp"
#include "replay/order/order_planner.hpp"
#include "replay/replay_stats.hpp"
#include "replay/run/event_path.hpp"
#include "replay/run/order_watch.hpp"
#include "replay/run/session_runner.hpp"

namespace understudy::replay {

struct EngineOptions {
    double speed = 1;  ///< 0: as fast as the answers come
    unsigned threads = 1;
    ResultsPolicy policy = ResultsPolicy::sample;
    store::KeyRing keys;  ///< for captures that are encrypted
    std::set<std::string> allowed_effects;
    std::uint64_t max_queued_bytes = 256U << 20U;  ///< read from the capture and not sent yet
    Duration drain = Duration::seconds(60);        ///< how long answers may take after the last recorded request
    std::function<bool()> stop_requested;
    SyncMode sync = SyncMode::none;
    /// With an order: what the planner needs, what the plan found ambiguous (nullptr: not known), and whether the
    /// target's own waits are looked at where sessions wait for each other. They outlive the engine.
    OrderPlanner::Options order;
    const catalog::Catalog* catalog = nullptr;
    const AmbiguousSet* ambiguous = nullptr;
    std::string control;            ///< connection string of the watch's own connection; empty: none
    RemapContext* remap = nullptr;  ///< maps generated values; outlives the engine. nullptr: they are sent as recorded
    SelectionOptions selection;     ///< what of the capture is replayed
    unsigned copies = 1;            ///< how often each session runs
    std::optional<PauseOptions> pause;
    store::CaptureSpan span;  ///< of the files, for showing progress
};

/// How a replay went, beside its stats.
struct EngineOutcome {
    bool stopped = false;                  ///< by the user
    std::uint64_t pause_transactions = 0;  ///< not ended when the pause's command began: they went on meanwhile
    std::uint64_t abandoned = 0;           ///< sessions given up after the drain time
    std::optional<Error> refused;          ///< a data connection failed the interlock
    std::optional<Error> failure;          ///< the answers could not be written, or the capture not read
    MessageCounts counts;
    PlanStats plan;
    LeftOutCounts left_out;  ///< by the selection
};

/// Replays a capture: reads its events in order, deals each session to one thread, and records the answers.
///
/// The calling thread reads; memory is bounded by max_queued_bytes, and nothing but that makes the reader wait, so no
/// session's slowness holds up another. One failed session never ends the run.
class Engine final : private PlannedSink {
public:
    /// The references must outlive the engine.
    Engine(const EngineOptions& options, const TargetOptions& target, const Digester& digester,
           store::CaptureFile& output, ConnectionCheck check, ReplayStats& stats);
    ~Engine() override;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// Replays all files in their order; returns when every session has ended.
    EngineOutcome run(const std::vector<std::string>& files);

private:
    class Worker;
    struct Known {  // a session as the reader knows it
        Worker* worker = nullptr;
        SessionIndex index = 0;
        bool started = false;
        Ordinal asked;     // exchanges begun so far
        Ordinal answered;  // exchanges answered so far
        SessionState opened;
    };

    Result<void> read_all(const std::vector<std::string>& files);
    void plan(Event&& event, bool note);
    void deal(PlannedEvent&& planned);
    void deal_planned();
    void on_planned(Planned&& planned) override;
    void deal_note(Known& known, PlannedEvent&& note);
    void queue(Known& known, SessionId session, PlannedEvent&& planned);
    void hold();
    void keep_holding();
    void end_hold();
    std::uint64_t wait_until_idle(Timestamp give_up, PauseFacts& facts);
    void begin(Timestamp first_event);
    void show_end();
    void start_session(Known& known, SessionState&& state);
    void wait_for_room();
    void wait_for_sessions();
    bool should_stop();

    const EngineOptions& options_;
    const TargetOptions& target_;
    const Digester& digester_;
    store::CaptureFile& output_;
    ConnectionCheck check_;
    ReplayStats& stats_;
    EventPath path_;
    std::optional<Pacing> pacing_;
    std::unique_ptr<OrderPlanner> planner_;
    std::unique_ptr<OrderBoard> board_;
    std::unique_ptr<OrderWatch> watch_;
    OrderPlanner::Out planned_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::unordered_map<SessionId, Known> sessions_;
    Timestamp last_event_;
    std::uint64_t started_ = 0;
    std::uint64_t closed_in_recording_ = 0;
    std::size_t next_worker_ = 0;
    std::mutex refusal_mutex_;
    std::optional<Error> refused_;
    std::atomic<bool> stopping_{false};
    std::optional<std::future<Result<void>>> acting_;  // the pause's command
    EngineOutcome outcome_;
};

}  // namespace understudy::replay
