#include <chrono>
#include <thread>

#include "core/base/time.hpp"
#include "replay/run/engine.hpp"
#include "replay/run/worker.hpp"

// What reaches the engine besides recorded events: notes of what is left out, and the pause in which all sessions are
// held.
namespace understudy::replay {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(2);
constexpr Duration kLeastWait = Duration::seconds(1);  // for answers that are on their way

}  // namespace

void Engine::on_planned(Planned&& planned) {
    if (planned.warm) {
        const SessionId session = std::get<SessionState>(planned.event).session;
        const auto found = sessions_.find(session);
        if (found == sessions_.end() || !found->second.started) return;
        return queue(found->second, session, {std::move(planned.event), {}, found->second.index, false});
    }
    if (!planned.left_out.yes()) return plan(std::move(planned.event), false);
    const Request& request = std::get<Request>(planned.event);
    Response note{request.session, request.ordinal, request.step, {}, 0, {}};
    StepResult& result = note.results.emplace_back();
    result.outcome = StepOutcome::not_sent;
    result.end = request.time;
    result.note = planned.left_out.why;
    plan(std::move(note), true);
}

/// A request that is left out counts as one that was read and is not sent.
void Engine::deal_note(Known& known, PlannedEvent&& note) {
    if (!known.started) return;
    const Response& response = std::get<Response>(note.event);
    const SessionId session = response.session;
    known.asked = Ordinal(response.ordinal.value() + 1);
    stats_.requests_read.fetch_add(1, std::memory_order_relaxed);
    queue(known, session, std::move(note));
}

/// All sessions have what comes before the pause: waits until they have done it, holds them by handing out nothing, and
/// starts the command.
void Engine::hold() {
    const PauseOptions& pause = *options_.pause;
    if (planner_) {
        planner_->finish(planned_);
        deal_planned();
    }
    const Timestamp now = system_clock().now();
    const bool paced = pacing_ && !pacing_->unpaced();
    const Timestamp at = paced ? std::max(now, pacing_->due(pause.moment)) : now;
    stats_.paused = true;
    PauseFacts facts;
    std::uint64_t busy = wait_until_idle(at + std::max(pause.wait, kLeastWait), facts);
    if (pause.warm && !should_stop()) {
        path_.warm();
        busy = wait_until_idle(system_clock().now() + std::max(pause.wait, kLeastWait), facts);
    }
    if (should_stop()) return;
    facts.busy = busy;
    outcome_.pause_transactions = facts.transactions;
    acting_ = std::async(std::launch::async, [act = pause.act, facts] { return act(facts); });
    if (pause.let_transactions_end) path_.let_go_on();
    keep_holding();
}

/// While the command runs, whoever is inside a transaction goes on to its end: the reader reads on for them.
void Engine::keep_holding() {
    const bool over = acting_->wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    if (over || !path_.somebody_goes_on()) end_hold();
}

/// Waits for the command, and lets all go on, with everything due later by as long as it took.
void Engine::end_hold() {
    for (const auto& worker : workers_) worker->flush_queue();
    if (planner_) {
        planner_->finish(planned_);
        deal_planned();
        for (const auto& worker : workers_) worker->flush_queue();
    }
    const Result<void> acted = acting_->get();
    acting_.reset();
    if (!acted) {
        outcome_.failure = acted.error();
        stopping_ = true;
        return;
    }
    if (should_stop()) return;  // during the command
    if (pacing_ && !pacing_->unpaced()) {
        const Duration late = system_clock().now() - pacing_->due(options_.pause->moment);
        if (late > Duration()) pacing_->delay(late);
        show_end();
    }
    stats_.paused = false;
    path_.resume();
}

/// Returns how many sessions are still at work when it gives up.
std::uint64_t Engine::wait_until_idle(Timestamp give_up, PauseFacts& facts) {
    for (const auto& worker : workers_) worker->flush_queue();
    while (true) {
        std::uint64_t busy = 0;
        facts = PauseFacts{};
        for (const auto& worker : workers_) {
            const Worker::Load load = worker->load().get();
            busy += load.busy;
            facts.sessions += load.sessions;
            facts.transactions += load.transactions;
        }
        if (busy == 0 || should_stop() || system_clock().now() >= give_up) return busy;
        std::this_thread::sleep_for(kPoll);
    }
}

}  // namespace understudy::replay
