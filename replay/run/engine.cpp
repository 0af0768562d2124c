#include "replay/run/engine.hpp"

#include <thread>

#include "core/store/capture_codec.hpp"
#include "replay/run/worker.hpp"

namespace understudy::replay {
namespace {

constexpr std::size_t kBatch = 256;  // events handed to a thread at once
constexpr auto kPoll = std::chrono::milliseconds(2);
constexpr Duration kStall = Duration::seconds(5);
constexpr std::uint64_t kExtraBytes = 64U << 20U;
constexpr Duration kHeadStart = Duration::milliseconds(200);  // time to connect the sessions that were open already

}  // namespace

Engine::Engine(const EngineOptions& options, const TargetOptions& target, const Digester& digester,
               store::CaptureFile& output, ConnectionCheck check, ReplayStats& stats)
    : options_(options),
      target_(target),
      digester_(digester),
      output_(output),
      check_(std::move(check)),
      stats_(stats),
      path_(options.selection, options.pause, options.copies, *this) {
    for (unsigned i = 0; i < std::max(1U, options.threads); ++i) {
        workers_.push_back(std::make_unique<Worker>(output_, stats_));
    }
    if (options_.sync == SyncMode::none) return;
    UNDERSTUDY_ASSERT(options_.catalog != nullptr);
    OrderPlanner::Options order = options_.order;
    order.mode = options_.sync;
    planner_ = std::make_unique<OrderPlanner>(order, *options_.catalog, digester_, nullptr);
    board_ = std::make_unique<OrderBoard>();
    watch_ = std::make_unique<OrderWatch>(*board_, options_.control, stats_);
}

Engine::~Engine() = default;

EngineOutcome Engine::run(const std::vector<std::string>& files) {
    if (auto read = read_all(files); !read) outcome_.failure = read.error();
    if (planner_) {
        planner_->finish(planned_);
        deal_planned();
        outcome_.plan = planner_->stats();
    }
    for (auto& [session, known] : sessions_) {
        if (known.started) known.worker->queue_end_of_input(session);
    }
    for (const auto& worker : workers_) worker->flush_queue();
    wait_for_sessions();
    for (const auto& worker : workers_) {
        worker->join();
        if (worker->failure() && !outcome_.failure) outcome_.failure = worker->failure();
        for (std::size_t i = 0; i < worker->counts().frontend.size(); ++i) {
            outcome_.counts.frontend[i] += worker->counts().frontend[i];
            outcome_.counts.backend[i] += worker->counts().backend[i];
        }
    }
    outcome_.left_out = path_.left_out();
    outcome_.refused = refused_;
    return outcome_;
}

Result<void> Engine::read_all(const std::vector<std::string>& files) {
    stats_.capture_chunks = options_.span.chunks;
    for (const std::string& file : files) {
        const std::uint64_t before = stats_.capture_chunks_read;
        UNDERSTUDY_TRY(const auto reader, store::CaptureReader::open(file, options_.keys));
        while (!should_stop()) {
            UNDERSTUDY_TRY(std::optional<Event> event, reader->next());
            if (!event) break;
            stats_.capture_chunks_read.store(before + reader->chunks(), std::memory_order_relaxed);
            path_.on_event(std::move(*event));
            if (acting_) {
                keep_holding();
            } else if (path_.pause_due()) {
                hold();
            }
            if (path_.past_end()) break;
            if (stats_.queued_bytes.load(std::memory_order_relaxed) > options_.max_queued_bytes) wait_for_room();
        }
    }
    if (!acting_ && path_.pause_pending() && !should_stop()) hold();
    if (acting_) end_hold();
    return {};
}

bool Engine::should_stop() {
    if (options_.stop_requested && options_.stop_requested()) outcome_.stopped = true;
    for (const auto& worker : workers_) {
        if (worker->failed()) return true;
    }
    return outcome_.stopped || stopping_.load(std::memory_order_relaxed);
}

void Engine::begin(Timestamp first_event) {
    if (pacing_) return;
    const Duration head_start = options_.speed > 0 ? kHeadStart : Duration();
    const Timestamp start = system_clock().now() + head_start;
    pacing_.emplace(options_.speed, first_event, start);
    stats_.start_ns = start.ns();
    show_end();
}

/// When the last event is due, for whoever looks.
void Engine::show_end() {
    Timestamp last = options_.span.last;
    if (options_.selection.to.known()) last = std::min(last, options_.selection.to);
    if (last.known() && !pacing_->unpaced()) stats_.end_due_ns = pacing_->due(last).ns();
}

void Engine::plan(Event&& event, bool note) {
    if (!planner_) return deal({std::move(event), {}, 0, note});
    planner_->on_event(std::move(event), planned_, note);
    deal_planned();
}

void Engine::deal_planned() {
    for (PlannedEvent& planned : planned_) deal(std::move(planned));
    planned_.clear();
}

void Engine::deal(PlannedEvent&& planned) {
    Event& event = planned.event;
    const SessionId session = store::event_session(event);
    if (session.value() == 0) return;
    if (const auto time = store::event_time(event); time.known()) {
        begin(time);
        last_event_ = std::max(last_event_, time);
    }
    Known& known = sessions_[session];
    known.index = planned.index;
    if (planned.note) return deal_note(known, std::move(planned));
    if (auto* opened = std::get_if<SessionOpened>(&event)) {
        known.opened.session = session;
        known.opened.time = opened->time;
        known.opened.complete = !opened->joined;
        known.opened.identity = std::move(opened->identity);
        return;
    }
    if (auto* state = std::get_if<SessionState>(&event)) {
        if (!known.started) start_session(known, std::move(*state));
        return;
    }
    if (const auto* response = std::get_if<Response>(&event); response != nullptr && response->ready.known()) {
        known.answered = Ordinal(response->ordinal.value() + 1);
    }
    if (const auto* sent = std::get_if<Request>(&event)) known.asked = Ordinal(sent->ordinal.value() + 1);
    auto* end = std::get_if<SessionClosed>(&event);
    // Many clients just hang up, but most of them once they have read everything: the replay reads it as well.
    if (end != nullptr && end->end == SessionEnd::connection && known.answered >= known.asked)
        end->end = SessionEnd::terminate;
    const bool request = std::holds_alternative<Request>(event);
    const bool closed = end != nullptr;
    if (closed && known.started) ++closed_in_recording_;
    if (request && !known.started) {  // a capture that was cut before this session's state
        known.opened.session = session;
        if (!known.opened.time.known()) known.opened.time = store::event_time(event);
        known.opened.complete = false;
        start_session(known, SessionState(known.opened));
    }
    if (request) stats_.requests_read.fetch_add(1, std::memory_order_relaxed);
    const bool answer = options_.remap != nullptr && std::holds_alternative<Response>(event);
    if (!known.started || (!request && !closed && !answer && !std::holds_alternative<CancelSent>(event))) {
        if (closed) sessions_.erase(session);
        return;
    }
    queue(known, session, std::move(planned));
    if (closed) sessions_.erase(session);
}

void Engine::queue(Known& known, SessionId session, PlannedEvent&& planned) {
    Worker& worker = *known.worker;
    worker.queue_event(session, std::move(planned));
    if (worker.queued() >= kBatch || !pacing_->unpaced()) {
        for (const auto& one : workers_) one->flush_queue();  // what was recorded first is known first
    }
}

void Engine::start_session(Known& known, SessionState&& state) {
    known.started = true;
    known.worker = workers_[next_worker_++ % workers_.size()].get();
    if (planner_) board_->add_session(known.index);
    const SessionMachine::Shared shared{digester_,
                                        options_.policy,
                                        *pacing_,
                                        options_.allowed_effects,
                                        known.worker->counts(),
                                        known.worker->sink(),
                                        stats_,
                                        board_.get(),
                                        options_.ambiguous,
                                        options_.remap};
    SessionRunner::Hooks hooks;
    hooks.check = check_;
    hooks.refuse = [this](const Error& error) {
        const std::lock_guard lock(refusal_mutex_);
        if (!refused_) refused_ = error;
        stopping_ = true;
    };
    // As fast as possible still means no more connections at a time than were recorded.
    const std::uint64_t closed_before = pacing_->unpaced() ? closed_in_recording_ : 0;
    hooks.may_open = [this, closed_before] {
        return stats_.sessions_closed.load(std::memory_order_relaxed) >= closed_before;
    };
    ++started_;
    known.worker->queue_start(std::move(state), shared, target_, std::move(hooks), known.index);
}

void Engine::wait_for_room() {
    for (const auto& worker : workers_) worker->flush_queue();
    std::uint64_t limit = options_.max_queued_bytes;
    std::uint64_t progress = stats_.progress.load();
    Timestamp moved = system_clock().now();
    while (stats_.queued_bytes.load() > limit && !should_stop()) {
        std::this_thread::sleep_for(kPoll);
        const Timestamp now = system_clock().now();
        if (const std::uint64_t p = stats_.progress.load(); p != progress) {
            progress = p;
            moved = now;
        } else if (pacing_->unpaced() && now - moved > kStall) {
            // What is queued waits for something that was not read yet, a commit of another session for example.
            limit += kExtraBytes;
            stats_.over_limit_bytes.fetch_add(kExtraBytes);
            moved = now;
        }
    }
}

/// Until every session has ended; those that stay silent for the drain time are given up.
void Engine::wait_for_sessions() {
    std::uint64_t progress = stats_.progress.load();
    Timestamp moved = system_clock().now();
    bool abandoned = false;
    while (stats_.sessions_closed.load() < started_) {
        std::this_thread::sleep_for(kPoll);
        const Timestamp now = system_clock().now();
        const bool all_due = !pacing_ || now > pacing_->due(last_event_);
        if (const std::uint64_t p = stats_.progress.load(); p != progress || !all_due) {
            progress = p;
            moved = now;
        }
        const bool stop = should_stop();
        if (!abandoned && (stop || now - moved > options_.drain)) {
            abandoned = true;
            if (!stop) outcome_.abandoned = started_ - stats_.sessions_closed.load();
            for (const auto& worker : workers_) {
                worker->abandon_all(stop ? "the replay was stopped" : "the target did not answer in time");
            }
        }
    }
}

}  // namespace understudy::replay
