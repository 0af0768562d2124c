#include "replay/run/worker.hpp"

#include <boost/asio/post.hpp>

namespace understudy::replay {
namespace {

constexpr BytesView kReadOnlyTransaction = "25006";  // read_only_sql_transaction

}  // namespace

Engine::Worker::Worker(store::CaptureFile& output, ReplayStats& stats)
    : stats_(stats), writer_(output), work_(boost::asio::make_work_guard(context_)) {
    thread_ = std::thread([this] { context_.run(); });
}

Engine::Worker::~Worker() { join(); }

void Engine::Worker::join() {
    if (!thread_.joinable()) return;
    work_.reset();
    thread_.join();
    runners_.clear();
    writer_.flush();
}

void Engine::Worker::on_event(Event&& event) {
    if (const auto* response = std::get_if<Response>(&event)) {
        for (const StepResult& result : response->results) {
            if (result.outcome != StepOutcome::error) continue;
            stats_.errors.fetch_add(1, std::memory_order_relaxed);
            if (result.error && result.error->sqlstate() == "40P01")
                stats_.deadlocks.fetch_add(1, std::memory_order_relaxed);
            if (result.error && result.error->sqlstate() == kReadOnlyTransaction) {
                stats_.read_only_refused.fetch_add(1, std::memory_order_relaxed);
            }
        }
        if (response->ready.known()) stats_.exchanges_answered.fetch_add(1, std::memory_order_relaxed);
    }
    writer_.on_event(std::move(event));
    if (writer_.failure()) failed_.store(true, std::memory_order_relaxed);
}

void Engine::Worker::queue_start(SessionState&& state, const SessionMachine::Shared& shared,
                                 const TargetOptions& target, SessionRunner::Hooks&& hooks, SessionIndex index) {
    const SessionId session = state.session;
    hooks.ended = [this, session](SessionRunner& runner) {
        boost::asio::post(context_, [this, session, ended = &runner] { remove(session, ended); });
    };
    auto runner = std::make_unique<SessionRunner>(context_, std::move(state), shared, target, std::move(hooks), index);
    queue_.push_back({session, std::nullopt, std::move(runner)});
}

void Engine::Worker::queue_event(SessionId session, PlannedEvent&& event) {
    queue_.push_back({session, std::move(event), nullptr});
}

void Engine::Worker::queue_end_of_input(SessionId session) { queue_.push_back({session, std::nullopt, nullptr}); }

void Engine::Worker::flush_queue() {
    if (queue_.empty()) return;
    boost::asio::post(context_, [this, items = std::exchange(queue_, {})]() mutable { take(items); });
}

void Engine::Worker::take(std::vector<Item>& items) {
    std::vector<PlannedEvent> run;  // consecutive events of one session
    for (std::size_t i = 0; i < items.size(); ++i) {
        Item& item = items[i];
        if (item.start) {
            SessionRunner& runner = *item.start;
            std::unique_ptr<SessionRunner>& place = runners_[item.session];
            if (place) {  // a damaged capture: requests after the session's end
                place->end_of_input();
                superseded_.push_back(std::move(place));
            }
            place = std::move(item.start);
            runner.start();
            continue;
        }
        const auto found = runners_.find(item.session);
        if (found == runners_.end()) continue;  // it failed and is gone
        if (!item.event) {
            found->second->end_of_input();
            continue;
        }
        run.clear();
        run.push_back(std::move(*item.event));
        while (i + 1 < items.size() && items[i + 1].session == item.session && items[i + 1].event) {
            run.push_back(std::move(*items[++i].event));
        }
        found->second->push(std::move(run));
    }
}

void Engine::Worker::remove(SessionId session, const SessionRunner* runner) {
    const auto found = runners_.find(session);
    if (found != runners_.end() && found->second.get() == runner) {
        runners_.erase(found);
    } else {
        std::erase_if(superseded_, [&](const auto& kept) { return kept.get() == runner; });
    }
}

std::future<Engine::Worker::Load> Engine::Worker::load() {
    auto promise = std::make_shared<std::promise<Load>>();
    boost::asio::post(context_, [this, promise] {
        Load load;
        for (const auto& [session, runner] : runners_) {
            ++load.sessions;
            if (!runner->idle()) ++load.busy;
            if (runner->in_transaction()) ++load.transactions;
        }
        promise->set_value(load);
    });
    return promise->get_future();
}

void Engine::Worker::abandon_all(const std::string& why) {
    boost::asio::post(context_, [this, why] {
        for (auto& [session, runner] : runners_) runner->abandon(why);
        for (auto& runner : superseded_) runner->abandon(why);
    });
}

}  // namespace understudy::replay
