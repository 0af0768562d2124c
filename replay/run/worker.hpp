#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <memory>
#include <thread>
#include <unordered_map>
#include <vector>

#include "replay/run/engine.hpp"
#include "replay/run/session_runner.hpp"

namespace understudy::replay {

/// One thread of a replay: an io_context, the sessions dealt to it, and its own chunks of the answers' file.
class Engine::Worker final : private EventSink {
public:
    Worker(store::CaptureFile& output, ReplayStats& stats);
    ~Worker() override;
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// From the reader's thread: queued until flush_queue().
    void queue_start(SessionState&& state, const SessionMachine::Shared& shared, const TargetOptions& target,
                     SessionRunner::Hooks&& hooks, SessionIndex index);
    void queue_event(SessionId session, PlannedEvent&& event);
    void queue_end_of_input(SessionId session);
    /// Hands what is queued to the thread.
    void flush_queue();
    [[nodiscard]] std::size_t queued() const { return queue_.size(); }

    /// What its sessions are doing, asked on the thread.
    struct Load {
        std::uint64_t sessions = 0;
        std::uint64_t busy = 0;
        std::uint64_t transactions = 0;
    };
    std::future<Load> load();
    void abandon_all(const std::string& why);
    /// Ends the thread once nothing is left to do, and writes the last chunk.
    void join();
    EventSink& sink() { return *this; }
    MessageCounts& counts() { return counts_; }
    /// Whether answers could not be written; from any thread.
    [[nodiscard]] bool failed() const { return failed_.load(std::memory_order_relaxed); }
    /// After join().
    [[nodiscard]] const std::optional<Error>& failure() const { return writer_.failure(); }

private:
    struct Item {
        SessionId session;
        std::optional<PlannedEvent> event;  // nothing: the end of the session's input
        std::unique_ptr<SessionRunner> start;
    };

    void on_event(Event&& event) override;
    void take(std::vector<Item>& items);
    void remove(SessionId session, const SessionRunner* runner);

    ReplayStats& stats_;
    store::EventWriter writer_;
    MessageCounts counts_;
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::atomic<bool> failed_{false};
    std::unordered_map<SessionId, std::unique_ptr<SessionRunner>> runners_;  // of this thread
    std::vector<std::unique_ptr<SessionRunner>> superseded_;  // still ending, while their session has begun anew
    std::vector<Item> queue_;                                 // of the reader's thread
    std::thread thread_;
};

}  // namespace understudy::replay
